// Package memory keeps the promises of store and state in memory: the plainest
// implementation, and the oracle for the others.
//
// Given a directory, it writes every document to internal/applog first,
// acknowledges it when the log has been synced, and at start rebuilds memory
// from the log. Without one it forgets everything when the process ends; New
// says so.
//
// It also keeps what its traces come to, in package graph's sums for each
// minute, so that the graph of an hour takes milliseconds. A trace that changed
// is counted anew before somebody is answered, and by Append and Maintain in
// between.
//
// It owns its directory, bounds what it holds by age and by bytes, drops the
// oldest first and counts what it drops. A deleted trace is out of memory at
// once, and its bytes leave the disk with the log file that they are in. It
// starts no goroutine but the log's
// writer, for which Close waits; whoever opens a Store calls Maintain from time
// to time. It never changes a document, and never shows one that is not
// durable.
//
// The bytes are drawn in docs/format/memory-log.md.
package memory
