// Package chunk turns the documents of traces into bits and back, byte by byte.
//
// A document is split into its skeleton (keys and punctuation) and its values.
// Skeletons are shapes of the block's dictionary; each place for a value in a
// shape is a column, and the dictionary knows the forms that values of that
// column take: a constant, a template with digits or hexadecimal digits in it,
// a number relative to another column's, the value of another column again.
// What is left to store of a trace is which shape follows which, which form a
// value has where a column has several, and what fills the holes of the form:
// a few bits each, and mostly none. What fits no form is stored as an
// exception, as bytes, and compressed with zstd over the chunk.
//
// The Encoder learns shapes and forms while it encodes; what it learns from one
// trace holds from the next one on, so that the decoder needs nothing but the
// dictionary to read any trace of a chunk without its neighbours. Documents
// need not be valid JSON: what comes out is always what went in.
//
// The package starts no goroutine and touches no file; the layout is drawn in
// docs/format/block-chunk.md.
package chunk
