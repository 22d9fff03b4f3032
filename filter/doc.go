// Package filter is the language in which people say which traces they want: X-Ray's filter expressions.
//
// Parse turns a text into a tree of Terms, or into an *Error that says where the text is wrong and what was probably
// meant. Expr.String prints the tree in its normal form, which is what was understood. Expr.Matcher puts the
// expressions of groups in their places and simplifies; the Matcher decides about the Rows of one trace, or is walked
// by a store that says the same in words of its own. Needs names the rows and columns that have to be there.
//
// The room owns the grammar, the table of keywords and the meaning of every operator, one file each (op_*.go). It
// knows no store. It opens nothing, starts nothing and keeps no state; everything it returns may be read by many
// goroutines at once. A text from a stranger costs at most what Limits allow.
package filter
