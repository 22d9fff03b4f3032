// Package block keeps the promise of store on one machine: recent traces whole
// in a head in memory, behind write-ahead logs, and older ones in immutable
// block files with columns, an inverted index and roll-ups.
//
// A trace lives in exactly one place: in the head, or in one row of one block.
// When a document arrives for a trace that is in a block, the trace is pulled
// back into the head whole, and its row counts no more; the next flush writes
// it into a new block. So what a block says of a trace is always all of it:
// summaries, indexes and graphs need no joining.
//
// The head is cut into shards by trace id. Each shard has one goroutine, which
// alone adds to it, and one log; a document is acknowledged when that log has
// been synced. What the shards hold goes into a block when it is large, old or
// idle enough, and the logs are dropped behind it. A small log, the catalogue,
// says which blocks exist and which of their rows count no more.
//
// It owns its directory, bounds memory by its options and not by what comes,
// and sets aside what is damaged by name. It starts a goroutine for each shard
// and one that keeps house, and Close waits for all of them. It never changes a
// block, never shows a document that is not durable, and never acknowledges one
// that is not.
//
// The bytes are drawn in docs/format/block-*.md.
package block
