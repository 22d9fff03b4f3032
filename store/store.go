// Package store is the promise that every backend keeps: what it means to
// write a document and to read a trace. It owns the contract and nothing
// else; store/storetest holds the same contract as tests, and a backend is a
// backend when it passes them.
package store

import (
	"context"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
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

	// SetGroups says against which groups traces are tested from now on, in
	// place of those of an earlier call. A trace is a member of a group from
	// the first time that it matches when it is tested, after a document of it
	// arrived at or after the group's Since; it stays one, also when the
	// expression changes or later documents make it match no more, and across
	// restarts. It is tested, as graph.Fold folds it, after a call of Append
	// that changed it: at once or later, but before Graph answers, and before
	// SetGroups changes anything. A group that is no longer named loses its
	// members. After a restart there are no groups before the first call.
	//
	// Errors are of kind Invalid where an id is empty, longer than 1,024 bytes
	// or named twice, or a group has no Match, and of kind Unavailable where
	// whom the groups before have admitted cannot be made durable; then these
	// stand.
	SetGroups(ctx context.Context, groups []Group) error

	// Delete removes a trace for good: its documents, what was counted of them,
	// its membership of groups and its LimitExceeded. Where there is no such
	// trace the error is of kind NotFound.
	//
	// When the error is nil, no read that begins afterwards sees anything of the
	// trace, also after the death of the process and a power cut. Its bytes may
	// stay on the disk until the backend next writes anew what lies around them;
	// the backend says when that is. Documents that arrive later begin the trace
	// anew, also those that it had before: whoever deletes a trace while it is
	// being sent deletes what has come of it.
	//
	// When the error is of another kind, the trace may be there or gone, whole
	// either way, and the call may be repeated. Unavailable and Internal are as
	// for Append. A ctx that ends before the deletion was handed to the disk
	// returns its error and deletes nothing.
	Delete(ctx context.Context, id roentgen.TraceID) error
}

// Group is a filter expression with a name, as far as a store has to know.
type Group struct {
	ID      string          // up to 1,024 bytes, never used again for another group
	Version uint64          // rises with every change of the expression
	Since   roentgen.Time   // server time of that change: older traces are not tested
	Match   *filter.Matcher // tests a trace
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

	// Find yields the traces of a window that may match m, in the order of
	// Partials and exactly once by the same promise; nil matches every trace. It
	// leaves out none that matches, and may yield some that do not: the caller
	// decides, by Matcher.Match on what graph.Fold makes of the trace. With
	// ClockEnd it may leave segments and calls out of those rows that end outside
	// of the window, which makes a service() { } or edge() { } of m match less,
	// and its negation more; no trace is left out that matches then.
	//
	// How the store uses m, and in which order, is its own affair. What it has
	// passed over it tells in Passed, and while it finds nothing it yields news
	// of how far it has come (Found without a Trace), often enough for the caller
	// to keep an eye on a clock.
	Find(ctx context.Context, w roentgen.Window, m *filter.Matcher) iter.Seq2[Found, error]

	// Graph returns the graph of the traces whose start (ClockStart) lies in
	// the window: of all of them, or of the members of a group, counted as
	// graph.Of counts what graph.Fold makes of each. It is the caller's.
	// Repeating a question while nothing arrives gives an equal answer, but
	// for calls that have waited long enough for their callees meanwhile
	// (graph.Options.InferAfter). A group that is not named is an error of kind
	// NotFound. Whoever was shown as a member stays one after a crash.
	Graph(ctx context.Context, w GraphWindow) (*graph.Graph, error)

	// Stats returns the size of what is stored now.
	Stats(ctx context.Context) (Stats, error)
}

// Found is a trace of a window, or news of how far the loop has come.
type Found struct {
	// Place is where the loop has come to: every trace of the window up to this
	// place was yielded or passed over. Window.After goes on from here. Of a
	// trace it is where that stands in the window.
	Place roentgen.Place
	// Passed counts the traces of the window that were passed over since the
	// Found before, because they cannot match. In a loop that reaches its end,
	// these and what was yielded add up to the traces of the window.
	Passed int
	// Trace is the caller's to read and nobody's to change. Nil: this is news
	// alone.
	Trace *roentgen.Trace
	// Partial is that of all documents of Trace, superseded ones included, of
	// the same moment.
	Partial roentgen.Partial
}

// GraphWindow asks for the traces that start in [From, To).
type GraphWindow struct {
	From, To roentgen.Time
	Group    string // ID of a group that was named to SetGroups; empty: all traces
}

// Stats is the size of a store.
type Stats struct {
	Traces    int
	Documents int           // superseded ones not included
	Bytes     int64         // of the documents, canonical
	DiskBytes int64         // of all files; 0 for a store that keeps none
	Oldest    roentgen.Time // earliest start of a trace; 0 for an empty store
	// Evicted counts documents that retention removed since the store was
	// opened, superseded ones included; those that Delete removed are not among
	// them.
	Evicted int64
}
