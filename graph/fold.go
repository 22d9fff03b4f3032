package graph

import (
	"time"

	"github.com/roentgen/roentgen"
)

// Options of folding. The zero Options work.
type Options struct {
	// Account owns the traces: nodes of it carry no account. May be empty.
	Account string
	// InferAfter is how long a call that says its callee is traced waits for
	// the callee before it counts as a call to something that is not. Default
	// 10 minutes.
	InferAfter time.Duration
	// MaxAnnotations is how many distinct annotation keys of one trace are
	// searchable outside of braces and shown in its summary, in alphabetical
	// order. Default 50, as X-Ray has it.
	MaxAnnotations int
}

const (
	inferAfter     = 10 * time.Minute
	maxAnnotations = 50
)

// wait is InferAfter or its default.
func (o Options) wait() roentgen.Time {
	if o.InferAfter <= 0 {
		return roentgen.Time(inferAfter)
	}
	return roentgen.Time(o.InferAfter)
}

// Searchable returns s without the annotations that are one key too many: what
// Rows.Summary is.
func (o Options) Searchable(s *roentgen.Summary) *roentgen.Summary {
	if o.MaxAnnotations <= 0 {
		o.MaxAnnotations = maxAnnotations
	}
	uses := firstKeys(s.Annotations, o.MaxAnnotations)
	if len(uses) == len(s.Annotations) {
		return s
	}
	fewer := *s
	fewer.Annotations = uses
	return &fewer
}

// firstKeys cuts uses, sorted by key, behind the first n distinct keys.
func firstKeys(uses []roentgen.AnnotationUse, n int) []roentgen.AnnotationUse {
	for i := range uses {
		if i > 0 && uses[i].Key == uses[i-1].Key {
			continue
		}
		if n--; n < 0 {
			return uses[:i:i]
		}
	}
	return uses
}

// Fold makes the rows of one trace at the time now. s is the summary of t, of
// which what is searchable becomes Rows.Summary. The rows share memory with t and s, and are not
// changed afterwards; they are the same in whatever order the documents came,
// and whether a subsegment was embedded or sent on its own.
//
// Every segment gives a row. So does what is known of a callee from the call
// alone, once the call is over (X-Ray: an inferred segment); while it lasts
// there are only the node and the call, without a duration. A subsegment of
// which the segment has not arrived makes no call, for nobody is known to have
// called, but what it called is there. Where an entity stands in several
// documents, a complete one is taken and then an independent one.
//
// The time is linear in the trace, but for sorting. Documents that name one
// another as parents in a ring give rows without a way into the ring.
func Fold(t *roentgen.Trace, s *roentgen.Summary, now roentgen.Time, opt Options) *roentgen.Rows {
	return NewFolder(opt).Fold(t, s, now)
}

// Folder folds many traces in the same memory. It is for one goroutine.
type Folder struct {
	opt       Options
	f         folder
	summaries roentgen.Summarizer
}

// NewFolder returns a Folder.
func NewFolder(opt Options) *Folder {
	return &Folder{opt: opt, f: folder{rows: &roentgen.Rows{}}}
}

// Summarizer returns one that lives as long as the Folder, for summaries that
// are folded at once.
func (r *Folder) Summarizer() *roentgen.Summarizer { return &r.summaries }

// largestKept is how many entities a trace may have for its memory to be used
// again.
const largestKept = 4096

// Fold is the function Fold, but its rows last until the next call only.
func (r *Folder) Fold(t *roentgen.Trace, s *roentgen.Summary, now roentgen.Time) *roentgen.Rows {
	if s != nil {
		s = r.opt.Searchable(s)
	}
	f := &r.f
	if len(f.entities) > largestKept || len(f.notes) > 4*largestKept {
		*f = folder{rows: &roentgen.Rows{}}
	}
	f.namer.account = r.opt.Account
	f.trace, f.inferBefore, f.wait = t.ID, now-r.opt.wait(), r.opt.wait()
	f.failed, f.referred = roentgen.Flags{}, false
	*f.rows = roentgen.Rows{Summary: s, Account: r.opt.Account}
	f.read(t.Documents)
	f.settleSegments()
	f.settleCalls()
	f.fillSegments()
	f.fillCalls()
	f.findCauses()
	return f.rows
}

// folder makes the Rows of one trace. Its parts speak of one another by index,
// because pointers into growing slices would not last; the fill methods put
// the pointers in.
type folder struct {
	namer
	trace       roentgen.TraceID
	inferBefore roentgen.Time // a call that ended earlier does not wait for its callee
	wait        roentgen.Time // how long the others do
	rows        *roentgen.Rows

	tops     []*roentgen.Segment // of the documents, by id
	entities []entity
	index    index[uint64]  // of entities, by key; none for ids that were made up
	segments []int32        // entities that are segments, by start and id
	calls    []int32        // entities that are calls, by start and id
	failed   roentgen.Flags // of any entity
	referred bool           // a cause points at an exception elsewhere

	nodes nodes
	spots []spot                // what Rows.Segments will be
	notes []note                // annotations of rows to which several entities contribute
	mixed []roentgen.Annotation // those, once they are distinct
	hops  []hop                 // what Rows.Calls will be
	pairs []uint64              // of nodes, with a call between them

	segmentRows []roentgen.SegmentRow
	callRows    []roentgen.CallRow
	edgeRows    []roentgen.EdgeRow
	slow        struct { // what Rows.ResponseTimeCauses will be
		cause    []roentgen.CauseRow
		services []roentgen.CauseServiceRow
		entities []roentgen.CauseEntityRow
	}
	callees []int32 // of one call
}

// none is the index of nothing.
const none int32 = -1
