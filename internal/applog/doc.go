// Package applog is the append log: records go in at the end, are on the disk
// when Append returns, and come out again in the order in which they went in.
//
// A Log owns one directory of numbered segment files and a lock on it. One
// goroutine, started by Open and waited for by Close, writes: it gathers the
// records of concurrent callers into one write and one fsync. An fsync error is
// final until the log is opened again; a full disk is not. Close lets what was
// handed over finish and then releases the files and the lock.
//
// Opening finds what a crash left. An unfinished last write is cut off and
// reported, damage anywhere else is reported and stepped over, and a file that
// is not a log, or is a newer one, is refused. The log never changes a record,
// never repeats one, and knows nothing of what is in them.
//
// The bytes are drawn in docs/format/applog.md.
package applog
