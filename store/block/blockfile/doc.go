// Package blockfile is one block of traces in one file that is written once.
//
// It owns the container: chunks of documents, the parts that say what is in
// them (dictionary, index, summary, graph bundle, meta), a checksum of each,
// and the table that finds them. What is inside of a part belongs to packages
// chunk, index and graph. Write makes a file, whole and durable or not at all;
// Open reads the little of it that stays in memory; Verify reads everything;
// Salvage saves what can be read of a damaged file.
//
// A File reads through a Cache, which bounds the memory and the open files of
// all blocks together. It reads by ReadAt alone and maps nothing: what is in
// memory is counted. Damage is a *CorruptError with file and offset, in reach
// of one chunk where one chunk is damaged. It starts no goroutine, and never
// writes to a file that is there.
//
// The bytes are drawn in docs/format/block-file.md.
package blockfile
