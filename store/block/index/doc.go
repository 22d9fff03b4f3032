// Package index is what a block knows of its traces without their documents.
//
// It has three parts. Columns hold what lists and windows ask of a trace: its id, its clocks, its sizes. An inverted
// index says which traces hold what filter expressions ask for. And a Summary of a few kilobytes, which stays in
// memory for every block of a store, says which blocks cannot hold a trace or a match at all.
//
// A Builder takes the Rows of whole traces, the newest start first, and writes both; Parse and ParseSummary read them.
// Index.Candidates and Summary.MayMatch may name traces that do not match, and never miss one that does: what the
// index does not know counts as a match.
//
// The room owns the bytes drawn in docs/format/block-index.md. It opens nothing and starts nothing. A Builder belongs
// to one goroutine; an Index and a Summary are safe for many.
package index
