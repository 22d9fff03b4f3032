package tail

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/roentgen/roentgen"
)

var aDay = time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)

func testShapes(errors float64) *shapes {
	return &shapes{Rand: rand.New(rand.NewPCG(1, 1)), mix: Mix{Errors: errors, Sampled: 0.05, Hosts: 10, Horizon: time.Minute, Largest: 1000}}
}

func TestTracesHaveOneToAThousandSegments(t *testing.T) {
	s := testShapes(0)
	const n = 30_000
	segments, ones, largest, sampled := 0, 0, 0, 0
	for range n {
		r := s.make(aDay)
		segments += len(r.parts)
		largest = max(largest, len(r.parts))
		if len(r.parts) == 1 {
			ones++
		}
		if r.sampled {
			sampled++
		}
		if r.failing >= 0 || r.place != Nowhere {
			t.Fatalf("a trace fails although none should: %+v", r)
		}
	}
	if mean := float64(segments) / n; math.Abs(mean-meanSegments) > 0.3 {
		t.Errorf("%.2f segments a trace; the rate is reckoned with %.2f", mean, meanSegments)
	}
	if largest < 600 || ones < n/4 || math.Abs(float64(sampled)/n-0.05) > 0.005 {
		t.Errorf("largest %d, of one segment %d, sampled %d", largest, ones, sampled)
	}
}

func TestPartsAreNestedInTimeAndFailuresStandWhereTheyShould(t *testing.T) {
	s := testShapes(1)
	var seen [places]int
	for range 1500 {
		r := s.make(aDay)
		seen[r.place]++
		ids := map[roentgen.SegmentID]part{}
		for i, p := range r.parts {
			if p.start > p.end {
				t.Fatalf("part %d ends before it begins: %+v", i, p)
			}
			if above, ok := ids[p.parent]; i > 0 && (!ok || p.start < above.start) {
				t.Fatalf("part %d has no parent, or begins before it", i)
			}
			ids[p.id] = p
		}
		failing, root := r.parts[r.failing], r.parts[0]
		switch r.place {
		case AtRoot:
			if r.failing != 0 {
				t.Fatal("not the root")
			}
		case AtLeaf:
			for _, p := range r.parts {
				if p.parent == failing.id {
					t.Fatal("the leaf has children")
				}
			}
		case AfterRoot, NearHorizon:
			if failing.end <= root.end || failing.parent != root.id {
				t.Fatal("it ends before the root answered")
			}
		}
	}
	for p := AtRoot; p < places; p++ {
		if seen[p] < 150 {
			t.Errorf("%d traces fail %s", seen[p], p)
		}
	}
}

func TestDocumentsSayWhatTheirPartSays(t *testing.T) {
	s := testShapes(1)
	roots, others := documentTemplates(rand.New(rand.NewPCG(1, 4)))
	chance := rand.New(rand.NewPCG(1, 2))
	total, n := 0, 0
	for range 60 {
		r := s.make(aDay)
		for i := range r.parts {
			p := &r.parts[i]
			tm := others[int(p.id[0])%len(others)]
			if p.parent.IsZero() {
				tm = roots[int(p.id[0])%len(roots)]
			}
			doc := tm.write(nil, r, p, i == r.failing, chance)
			total, n = total+len(doc), n+1
			var got struct {
				ID          string  `json:"id"`
				Trace       string  `json:"trace_id"`
				Parent      string  `json:"parent_id"`
				Start       float64 `json:"start_time"`
				End         float64 `json:"end_time"`
				Fault       bool
				HTTP        struct{ Response struct{ Status int } }
				Subsegments []struct {
					ID    string
					Start float64 `json:"start_time"`
					End   float64 `json:"end_time"`
				}
			}
			if err := json.Unmarshal(doc, &got); err != nil {
				t.Fatalf("%v: %s", err, doc)
			}
			parent := ""
			if !p.parent.IsZero() {
				parent = p.parent.String()
			}
			if got.ID != p.id.String() || got.Trace != r.id.String() || got.Parent != parent || got.Fault != (i == r.failing) || (got.HTTP.Response.Status == 500) != got.Fault {
				t.Fatalf("%+v is not %+v", got, p)
			}
			if math.Abs(got.Start-float64(p.start)/1e9) > 2e-6 || math.Abs(got.End-float64(p.end)/1e9) > 2e-6 {
				t.Fatalf("from %f to %f, want %d to %d", got.Start, got.End, p.start, p.end)
			}
			for _, sub := range got.Subsegments {
				if len(sub.ID) != 16 || sub.Start < got.Start-2e-6 || sub.End > got.End+2e-6 {
					t.Fatalf("a subsegment outside of its segment: %s", doc)
				}
			}
			if strings.Contains(string(doc), "@@") || strings.Contains(string(doc), " :") || strings.Contains(string(doc), " ,") || strings.Contains(string(doc), "FFFFFFFF") {
				t.Fatalf("a hole is left: %s", doc)
			}
		}
	}
	if mean := total / n; mean < 1500 || mean > 3000 {
		t.Errorf("%d bytes a document", mean)
	}
}

func TestSpansAreOTLP(t *testing.T) {
	s := testShapes(1)
	r := s.make(aDay)
	p := &r.parts[r.failing]
	var w spanWriter
	spans := w.write(nil, r, p, true, checkOf(p), rand.New(rand.NewPCG(1, 2)))
	body := exportRequest(nil, "host-1", spans)
	span := field(t, field(t, field(t, body, 1), 2), 2)
	if got := field(t, span, 1); string(got) != string(r.id[:]) {
		t.Errorf("trace %x", got)
	}
	if got := field(t, span, 2); string(got) != string(p.id[:]) {
		t.Errorf("span %x", got)
	}
	if code := field(t, span, 15); code[len(code)-1] != 2 {
		t.Errorf("status %x", code)
	}
	var fresh [16]byte
	writeFresh(fresh[:], checkOf(p))
	if !strings.Contains(string(span), string(fresh[:])) {
		t.Error("the span cannot be recognised")
	}
	if len(span) < 600 {
		t.Errorf("%d bytes a span", len(span))
	}
}

// field returns the first length-delimited field of that number.
func field(t *testing.T, b []byte, want protowire.Number) []byte {
	t.Helper()
	for len(b) > 0 {
		n, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			t.Fatal("no protobuf")
		}
		b = b[size:]
		if n == want && kind == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b)
			return v
		}
		size = protowire.ConsumeFieldValue(n, kind, b)
		if size < 0 {
			t.Fatal("no protobuf")
		}
		b = b[size:]
	}
	t.Fatalf("no field %d", want)
	return nil
}

// memorySender keeps what it is given.
type memorySender struct {
	docs   map[roentgen.SegmentID]uint64
	order  []int64
	wanted *template
}

func (m *memorySender) send(r *request, p *part, fails bool) (int, uint64) {
	doc := m.wanted.write(nil, r, p, fails, rand.New(rand.NewPCG(1, uint64(len(m.docs)))))
	m.docs[p.id] = xxhash.Sum64(doc)
	m.order = append(m.order, p.end)
	return len(doc), m.docs[p.id]
}
func (m *memorySender) flush()         {}
func (m *memorySender) trouble() int64 { return 0 }
func (m *memorySender) close()         {}

func TestTheBookHoldsWhatWasSent(t *testing.T) {
	m := &memorySender{docs: map[roentgen.SegmentID]uint64{}, wanted: newTemplate(documentText(rand.New(rand.NewPCG(1, 4)), 1, false))}
	s := testShapes(0)
	s.mix.Horizon, s.quicker = 0, 100
	g := &generator{shapes: s, rate: 2000, book: newBook(10)}
	for range 10 {
		g.senders = append(g.senders, m)
	}
	if err := g.run(t.Context(), []Phase{{Name: "a", For: 50 * time.Millisecond, Errors: 0.5}, {Name: "b", For: 50 * time.Millisecond}}, 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	total := g.book.total()
	if total.documents != int64(len(m.docs)) || total.documents == 0 || len(g.book.failing) == 0 {
		t.Fatalf("%d documents in the book, %d sent, %d failing traces", total.documents, len(m.docs), len(g.book.failing))
	}
	for _, e := range g.book.failing {
		if e.trigger < 0 || e.phase != 0 {
			t.Fatalf("%+v", e)
		}
		for _, d := range e.documents {
			if m.docs[d.id] != d.check {
				t.Fatalf("document %s is in the book otherwise than it was sent", d.id)
			}
		}
	}
	for i := 1; i < len(m.order); i++ {
		if m.order[i] < m.order[i-1]-int64(10*time.Second) {
			t.Fatal("segments are not sent when they end")
		}
	}
}
