package storetest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// TraceID and SegmentID are the n-th of their kind; greater n, greater id.
func TraceID(n int) (id roentgen.TraceID) {
	id[0] = 0x69
	binary.BigEndian.PutUint64(id[8:], uint64(n+1))
	return id
}

// SegmentID is like TraceID.
func SegmentID(n int) (id roentgen.SegmentID) {
	binary.BigEndian.PutUint64(id[:], uint64(n+1))
	return id
}

// Document is what a test says of one document; the rest is filled in.
type Document struct {
	Trace, ID  int
	Parent     int // as ID; below 0: none
	Subsegment bool
	Start      roentgen.Time
	End        roentgen.Time // 0: in progress
	Received   roentgen.Time
	Keep       roentgen.Keep
	More       string // members of the document, each after a comma
}

// segment is a document of trace that took a second from start and was
// received a second after that.
func segment(trace, id int, start time.Duration) Document {
	return Document{
		Trace: trace, ID: id, Parent: -1,
		Start: at(start), End: at(start + time.Second), Received: at(start + 2*time.Second),
		Keep: roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.25},
	}
}

func (d Document) with(change func(*Document)) Document {
	change(&d)
	return d
}

// Stored parses the document's text, as a door would.
func (d Document) Stored(t testing.TB) roentgen.Stored {
	t.Helper()
	seg, err := wire.ParseDocument(d.text(), wire.Limits{MaxDocumentBytes: -1})
	if err != nil {
		t.Fatalf("a document of this suite: %v\n%s", err, d.text())
	}
	return roentgen.Stored{Segment: seg, Received: d.Received, Keep: d.Keep}
}

func (d Document) text() []byte {
	var b []byte
	b = fmt.Appendf(b, `{"trace_id":%q,"id":%q,"name":"service-%d","start_time":`, TraceID(d.Trace), SegmentID(d.ID), d.ID%3)
	b = wire.AppendSeconds(b, d.Start)
	if d.Parent >= 0 {
		b = fmt.Appendf(b, `,"parent_id":%q`, SegmentID(d.Parent))
	}
	if d.Subsegment {
		b = append(b, `,"type":"subsegment"`...)
	}
	if d.End != 0 {
		b = wire.AppendSeconds(append(b, `,"end_time":`...), d.End)
	} else {
		b = append(b, `,"in_progress":true`...)
	}
	return append(append(b, d.More...), '}')
}

// stored parses several.
func stored(t testing.TB, docs ...Document) []roentgen.Stored {
	t.Helper()
	out := make([]roentgen.Stored, len(docs))
	for i, d := range docs {
		out[i] = d.Stored(t)
	}
	return out
}

// padding is a member that makes a document n bytes longer, or a little more.
func padding(n int) string { return fmt.Sprintf(`,"metadata":{"p":%q}`, strings.Repeat("p", n)) }

// Random draws documents of few traces and few entities, so that they meet.
type Random struct {
	*rand.Rand
	Traces   int
	received roentgen.Time
}

// NewRandom returns a source that always draws the same for a seed.
func NewRandom(seed uint64) *Random {
	return &Random{Rand: rand.New(rand.NewPCG(seed, 1895)), Traces: 12, received: at(0)}
}

// Document draws one. Received rises, and stands still now and then.
func (r *Random) Document() Document {
	r.received += roentgen.Time(r.IntN(3)) * roentgen.Time(time.Millisecond)
	start := at(time.Duration(r.IntN(20)) * time.Minute)
	d := Document{
		Trace: r.IntN(r.Traces), ID: r.IntN(8), Parent: r.IntN(10) - 3,
		Start: start, Received: r.received,
		Keep: roentgen.Keep{Reason: roentgen.KeepReason(r.IntN(4)), Probability: float64(r.IntN(5)) / 4},
		More: r.more(),
	}
	if r.IntN(4) > 0 {
		d.End = start + roentgen.Time(r.IntN(5_000))*roentgen.Time(time.Microsecond)
	}
	if d.Parent >= 0 && d.Parent != d.ID {
		d.Subsegment = r.IntN(3) == 0
	}
	return d
}

// more draws members that summaries read.
func (r *Random) more() string {
	choices := []string{
		``, `,"fault":true`, `,"http":{"response":{"status":429}}`, `,"user":"u` + fmt.Sprint(r.IntN(3)) + `"`,
		`,"annotations":{"order":` + fmt.Sprint(r.IntN(4)) + `,"paid":true}`, padding(r.IntN(300)),
		`,"subsegments":[{"id":"` + SegmentID(100+r.IntN(4)).String() + `","name":"db","start_time":1.5,"in_progress":true}]`,
		`,"subsegments":[{"id":"` + SegmentID(104+r.IntN(4)).String() + `","name":"far","namespace":"remote","start_time":1.5,"end_time":` + fmt.Sprint(2+r.IntN(3)) + `,"http":{"response":{"status":` + fmt.Sprint(200+100*r.IntN(4)) + `}}}]`,
		`,"aws":{"ec2":{"instance_id":"i-` + fmt.Sprint(r.IntN(3)) + `","availability_zone":"eu-1a"}}`,
	}
	return choices[r.IntN(len(choices))] + fmt.Sprintf(`,"n":%d`, r.IntN(3))
}
