// Package store is the promise that every backend keeps: what it means to
// write a document and to read a trace. It owns the contract and nothing
// else; store/storetest holds the same contract as tests, and a backend is a
// backend when it passes them.
package store

import (
	"context"
	"iter"

	"github.com/roentgen/roentgen"
)

// Store is what a server needs of a backend.
type Store interface {
	Writer
	Reader

	// Close refuses new calls with an error of kind Unavailable, waits for the
	// appends under way, makes what was appended durable and releases the
	// files. It does not wait for loops over what was read: those may still
	// reach their end, or end with the same error. A second Close returns nil.
	Close() error
}

// Writer takes documents.
//
// Documents arrive in any order, late, twice, on several connections at once.
// Nothing waits for a trace to be complete: what was appended is readable as
// soon as Append returns.
type Writer interface {
	// Append stores docs and returns one outcome for each, in their order.
	// One call may hold documents of many traces, and one of them twice.
	//
	// When the error is nil, every document whose outcome is StoredNew,
	// Replaced or Duplicate survives the death of the process and a power
	// cut (Durability says when a backend cannot promise that), and every
	// read that begins afterwards sees it.
	//
	// When the error is not nil no outcome may be relied on: some documents
	// may be stored and some not, and the caller may append all of them
	// again, because appending is idempotent. Errors are of kind Unavailable
	// when repeating can help (no space left, shutting down) and Internal
	// when it cannot. A ctx that ends before the documents were handed to
	// the disk returns its error and stores nothing.
	//
	// Of one entity (trace, id) the document that supersedes the others
	// (roentgen.Segment.Supersedes) stands, with the Received and the Keep of
	// its first copy; every distinct document counts in the revision. Two
	// documents of one entity are the same when their hashes are. Where
	// several outcomes would be right, that it is a Duplicate comes first,
	// then that it is too old.
	//
	// The size of a trace is that of all its distinct documents, and a
	// document that would carry it over the limit is refused. A trace of which
	// a document was refused so has LimitExceeded from then on.
	//
	// The backend keeps the segments it is given, and may instead read
	// Segment.Document again; the caller does not change them afterwards.
	Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error)
}

// Reader answers questions. All results are in the newest state at the time
// of the call or later, never older. A loop that ends early releases
// everything; an error ends the sequence, and so does the end of ctx, with its
// error.
type Reader interface {
	// Traces yields the traces of ids that exist, in the order of ids, a
	// repeated id once. What is yielded is the caller's to read and nobody's
	// to change.
	Traces(ctx context.Context, ids []roentgen.TraceID) iter.Seq2[*roentgen.Trace, error]

	// Partials yields one partial for each trace whose clock lies in the
	// window, in descending order of the clock and, at equal clocks, in
	// ascending order of the trace id. Each partial is that of all documents
	// of its trace, superseded ones included, and its clock is at its place.
	//
	// A trace that was there before the call and still is afterwards is
	// yielded exactly once as long as its clock does not move across the
	// place that the loop has reached. Window.After is such a place, so pages
	// hang together as one loop would.
	Partials(ctx context.Context, w roentgen.Window) iter.Seq2[roentgen.Partial, error]

	// Stats returns the size of what is stored now.
	Stats(ctx context.Context) (Stats, error)
}

// Stats is the size of a store.
type Stats struct {
	Traces    int
	Documents int           // superseded ones not included
	Bytes     int64         // of the documents, canonical
	DiskBytes int64         // of all files; 0 for a store that keeps none
	Oldest    roentgen.Time // earliest start of a trace; 0 for an empty store
	// Evicted counts documents that retention removed since the store was
	// opened, superseded ones included.
	Evicted int64
}
