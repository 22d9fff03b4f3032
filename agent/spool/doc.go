// Package spool keeps the documents that wait for the upstream, in the order
// in which they came, on disk where there is one.
//
// It owns its directory, drawn in docs/format/spool.md. A document is copied
// into a mapped file and committed by one word, without a system call, so that
// it outlives a killed process; batches are cut by a number that names the same
// documents for ever, also after a kill. Files that wait are compressed. What
// there is no room for is not taken, and Append says so.
//
// Open starts one goroutine, the keeper, which prepares, compresses and frees
// files; Close waits for it. The spool never sends, never decides what is worth
// keeping and never changes a document.
package spool
