// Package ring holds documents, in the order of their arrival, until they are taken by trace or overwritten by newer
// ones.
//
// A document is copied into a memory-mapped staging area, which costs no system call and survives the death of the
// process. When that is full it is compressed into one frame and written over the oldest frames of a file whose size
// never changes. A flat hash index in memory says which frames may hold a trace; it is rebuilt when the ring is opened.
// docs/format/ring.md draws the bytes.
//
// One goroutine, the owner, calls Put, Take, May and Close; Stats and the Words may be read by anyone. Close writes
// nothing that was not written: what is held is found again by the next Open. A frame that is damaged is counted, named
// in the log and left out.
package ring
