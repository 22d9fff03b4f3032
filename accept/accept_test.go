package accept_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// next is a store that answers what it is told to, and remembers.
type next struct {
	mu      sync.Mutex
	docs    []roentgen.Stored
	outcome roentgen.Outcome
	err     error
	block   chan struct{} // when not nil, Append waits for it to close
	called  chan struct{} // when not nil, told of every call
}

func (n *next) Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	if n.called != nil {
		n.called <- struct{}{}
	}
	if n.block != nil {
		select {
		case <-n.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err != nil {
		return nil, n.err
	}
	n.docs = append(n.docs, docs...)
	out := make([]roentgen.Outcome, len(docs))
	for i := range out {
		out[i] = n.outcome
	}
	return out, nil
}

func (n *next) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.docs)
}

func document(start time.Time) string {
	return fmt.Sprintf(`{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"53995c3f42cd8ad8","name":"n","start_time":%d,"end_time":%d}`, start.Unix(), start.Unix()+1)
}

func newAcceptor(n *next) (*accept.Acceptor, *prometheus.Registry) {
	reg := prometheus.NewRegistry()
	return accept.New(accept.Config{Now: func() time.Time { return now }, Registry: reg}, n), reg
}

// counter adds up the series of a metric that carry all the label values.
func counter(t *testing.T, reg *prometheus.Registry, name string, labels ...string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.Metric {
			if carries(m, labels) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func carries(m *dto.Metric, values []string) bool {
	for _, want := range values {
		found := false
		for _, l := range m.Label {
			found = found || l.GetValue() == want
		}
		if !found {
			return false
		}
	}
	return true
}

func texts(docs ...string) (out []wire.Text) {
	for _, d := range docs {
		out = append(out, wire.TextOf([]byte(d)))
	}
	return out
}

func TestEveryDocumentGetsAVerdict(t *testing.T) {
	n := &next{}
	a, reg := newAcceptor(n)
	verdicts, err := a.Accept(t.Context(), accept.DoorAPI, texts(
		document(now), `{`, document(now.Add(2*time.Hour)), document(now.Add(-31*24*time.Hour)),
	))
	if err != nil {
		t.Fatal(err)
	}
	if verdicts[0] != nil || n.count() != 1 {
		t.Errorf("the good document: %v; %d stored", verdicts[0], n.count())
	}
	for i, want := range map[int]string{1: "", 2: "ahead of this server's clock", 3: "old"} {
		if v := verdicts[i]; v == nil || v.Code != roentgen.InvalidSegment || !strings.Contains(v.Detail, want) {
			t.Errorf("verdict %d: %+v, want %q", i, v, want)
		}
	}
	if got := n.docs[0].Received; got != roentgen.At(now) {
		t.Errorf("received at %v, want the server's clock", got.Time())
	}
	if r, s := counter(t, reg, "roentgen_documents_received_total"), counter(t, reg, "roentgen_documents_settled_total"); r != 4 || s != 4 {
		t.Errorf("received %v, settled %v, want 4 and 4", r, s)
	}
}

func TestAnArrayCountsAsTheDocumentsInIt(t *testing.T) {
	n := &next{}
	a, reg := newAcceptor(n)
	verdicts, err := a.Accept(t.Context(), accept.DoorAPI, texts("["+document(now)+","+document(now.Add(time.Second))+`,{}]`))
	if err != nil || n.count() != 2 || len(verdicts) != 1 || verdicts[0] == nil || verdicts[0].Code != roentgen.MissingID {
		t.Errorf("%d stored, verdicts %v, %v", n.count(), verdicts, err)
	}
	if r, s := counter(t, reg, "roentgen_documents_received_total"), counter(t, reg, "roentgen_documents_settled_total"); r != 3 || s != 3 {
		t.Errorf("received %v, settled %v, want 3 and 3", r, s)
	}
}

func TestWhyATraceWasKeptIsReadFromItsFirstSegment(t *testing.T) {
	for xray, want := range map[string]roentgen.Keep{
		`{}`: {},
		`{"sampling_rule_name":"Default","sampling_probability":0.1}`: {Reason: roentgen.KeepHead, Probability: 0.1},
		`{"sampling_rule_name":"Forced","sampling_probability":1}`:    {Reason: roentgen.KeepForced, Probability: 1},
	} {
		n := &next{}
		a, _ := newAcceptor(n)
		doc := strings.TrimSuffix(document(now), "}") + `,"aws":{"xray":` + xray + `}}`
		if _, err := a.Accept(t.Context(), accept.DoorAPI, texts(doc)); err != nil || n.docs[0].Keep != want {
			t.Errorf("%s: keep %+v, %v; want %+v", xray, n.docs[0].Keep, err, want)
		}
	}
}

func TestStrictTraceIDsAreHeldAgainstTheClock(t *testing.T) {
	a := accept.New(accept.Config{Now: func() time.Time { return now }, StrictTraceIDs: true}, &next{})
	verdicts, err := a.Accept(t.Context(), accept.DoorAPI, texts(document(now))) // the id is of 2016
	if err != nil || verdicts[0] == nil || verdicts[0].Code != roentgen.InvalidTraceID {
		t.Errorf("verdict %+v, %v", verdicts[0], err)
	}
}

func TestAFailingStoreIsAnErrorAndALoss(t *testing.T) {
	broken := errors.New("disk on fire")
	a, reg := newAcceptor(&next{err: broken})
	_, err := a.Accept(t.Context(), accept.DoorAPI, texts(document(now)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if lost := counter(t, reg, "roentgen_documents_lost_total", "api", "store_failed"); lost != 1 {
		t.Errorf("%v lost, want 1", lost)
	}
}

func TestRefusalsOfTheStoreReachTheSender(t *testing.T) {
	for outcome, want := range map[roentgen.Outcome]string{roentgen.RefusedTraceTooLarge: "size limit", roentgen.RefusedTooOld: "retains"} {
		a, _ := newAcceptor(&next{outcome: outcome})
		verdicts, err := a.Accept(t.Context(), accept.DoorAPI, texts(document(now)))
		if err != nil || verdicts[0] == nil || !strings.Contains(verdicts[0].Detail, want) || verdicts[0].ID == "" {
			t.Errorf("%s: verdict %+v, %v", outcome, verdicts[0], err)
		}
	}
	for _, outcome := range []roentgen.Outcome{roentgen.Duplicate, roentgen.Replaced} {
		a, _ := newAcceptor(&next{outcome: outcome})
		if verdicts, err := a.Accept(t.Context(), accept.DoorAPI, texts(document(now))); err != nil || verdicts[0] != nil {
			t.Errorf("%s is no refusal: %+v, %v", outcome, verdicts[0], err)
		}
	}
}

// fates is a store that answers with these outcomes.
type fates []roentgen.Outcome

func (f fates) Append(context.Context, []roentgen.Stored) ([]roentgen.Outcome, error) { return f, nil }

func TestOutcomesAreCountedOneByOne(t *testing.T) {
	f := fates{roentgen.StoredNew, roentgen.StoredNew, roentgen.Duplicate, roentgen.StoredNew, roentgen.RefusedTooOld, roentgen.RefusedTooOld, roentgen.Replaced}
	reg := prometheus.NewRegistry()
	a := accept.New(accept.Config{Now: func() time.Time { return now }, Registry: reg}, f)
	docs := texts("{") // does not reach the store
	for range f {
		docs = append(docs, texts(document(now))...)
	}
	verdicts, err := a.Accept(t.Context(), accept.DoorAPI, docs)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range verdicts {
		if refused := i == 0 || f[i-1] == roentgen.RefusedTooOld; refused != (v != nil) {
			t.Errorf("document %d: %+v", i, v)
		}
	}
	for outcome, want := range map[string]float64{"stored": 3, "duplicate": 1, "replaced": 1, "refused_too_old": 2, "rejected": 1} {
		if got := counter(t, reg, "roentgen_documents_settled_total", outcome); got != want {
			t.Errorf("%s counted %v times, want %v", outcome, got, want)
		}
	}
}

func TestTheTextsAreTheCallersAgain(t *testing.T) {
	n := &next{}
	a, _ := newAcceptor(n)
	for i := range 2 { // the second time with a parser that was used
		text := []byte(document(now.Add(time.Duration(i) * time.Second)))
		want := string(text)
		if _, err := a.Accept(t.Context(), accept.DoorAPI, []wire.Text{wire.TextOf(text)}); err != nil {
			t.Fatal(err)
		}
		clear(text)
		if got := n.docs[i].Segment; string(got.Document) != want || got.Name != "n" {
			t.Errorf("got %q, name %q", got.Document, got.Name)
		}
	}
}

// BenchmarkAccept is one call of 50 documents to a store that does nothing.
func BenchmarkAccept(b *testing.B) {
	doc, err := os.ReadFile("../wire/testdata/documents/go_sdk_segment.json")
	if err != nil {
		b.Fatal(err)
	}
	seg, err := wire.ParseDocument(doc, wire.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	a := accept.New(accept.Config{Now: seg.Start.Time}, make(fates, 50))
	docs := slices.Repeat([]wire.Text{wire.TextOf(doc)}, 50)
	b.SetBytes(int64(50 * len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Accept(b.Context(), accept.DoorAPI, docs); err != nil {
			b.Fatal(err)
		}
	}
}
