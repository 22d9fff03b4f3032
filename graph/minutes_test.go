package graph

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// document is a segment with a call to a database, one to an AWS service, one
// to another service and local work around it.
func document(n int, start roentgen.Time, took time.Duration) *roentgen.Segment {
	end := start + roentgen.Time(took)
	sub := func(name string, ns roentgen.Namespace) roentgen.Segment {
		return roentgen.Segment{ID: roentgen.SegmentID{1, byte(n)}, Name: name, Start: start, End: end, Namespace: ns}
	}
	db, table, remote, local := sub("orders@db.internal", roentgen.NamespaceRemote), sub("DynamoDB", roentgen.NamespaceAWS),
		sub("payments.internal", roentgen.NamespaceRemote), sub("work", roentgen.NamespaceNone)
	db.SQL = &roentgen.SQL{URL: "postgres://db.internal:5432/orders", DatabaseType: "PostgreSQL"}
	table.AWS = &roentgen.AWS{TableName: "carts", Operation: "GetItem"}
	remote.HTTP = &roentgen.HTTP{URL: "https://payments.internal/pay", Method: "POST", Status: 200}
	local.Subsegments = []roentgen.Segment{db, table}
	s := &roentgen.Segment{Name: "shop", Origin: "AWS::ECS::Container", Start: start, End: end,
		HTTP: &roentgen.HTTP{Status: 200}, Subsegments: []roentgen.Segment{local, remote}}
	for i := range s.ID {
		s.ID[i], s.Trace[i], s.Trace[8+i] = byte(n>>(8*(i%4))), 1, byte(n>>(8*(i%4)))
	}
	return s
}

func sumOf(t *testing.T, b []byte) *Sums {
	t.Helper()
	r, err := ParseMinutes(b)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSums(Options{})
	s.AddShare(r, 1)
	return s
}

func TestADocumentCountsAtItsNodeAndForItsCalls(t *testing.T) {
	m := NewMinutes(Options{})
	failing := document(2, noon, time.Second)
	failing.HTTP.Status = 503
	m.Add(document(1, noon, time.Second))
	m.Add(failing)
	open := document(3, noon, time.Second)
	open.InProgress = true
	m.Add(open)
	m.Add(failing)
	s := sumOf(t, m.Take(noon+1))
	shop := roentgen.ServiceID{Name: "shop", Type: "AWS::ECS::Container"}
	want := map[string]Stats{
		"node":   {OK: 1, Fault: 1, Total: 2 * time.Second},
		"client": {OK: 1, Fault: 1, Total: 2 * time.Second},
		"db":     {OK: 2, Total: 2 * time.Second},
		"table":  {OK: 2, Total: 2 * time.Second},
		"remote": {OK: 2, Total: 2 * time.Second},
	}
	got := map[string]Stats{}
	node, _ := s.Node(shop)
	got["node"] = node.Stats
	for name, c := range map[string]Call{
		"client": {roentgen.ServiceID{Name: "shop", Type: "client"}, shop},
		"db":     {shop, roentgen.ServiceID{Name: "orders@db.internal", Type: "Database::SQL"}},
		"table":  {shop, roentgen.ServiceID{Name: "carts", Type: "AWS::DynamoDB::Table"}},
		"remote": {shop, roentgen.ServiceID{Name: "payments.internal", Type: "remote"}},
	} {
		r, _ := s.Call(c)
		got[name] = r.Stats
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if len(s.Nodes()) != 1 || len(s.Calls()) != 4 {
		t.Errorf("%v and %v", s.Nodes(), s.Calls())
	}
	if got, want := m.Stats(), (MinutesStats{Counted: 2, InProgress: 1, Repeated: 1}); got != want {
		t.Errorf("%+v", got)
	}
	if m.Take(noon+1) != nil {
		t.Error("what was taken is still there")
	}
}

// What Minutes say is what the map of all traces says.
func TestMinutesAgreeWithTheMap(t *testing.T) {
	m := NewMinutes(Options{})
	random := rand.New(rand.NewPCG(3, 4))
	var all []*roentgen.Rows
	for n := range 500 {
		d := document(n, noon+roentgen.Time(n)*roentgen.Time(time.Millisecond), time.Duration(1+random.IntN(1e9)))
		m.Add(d)
		tr := &roentgen.Trace{ID: d.Trace, Documents: []roentgen.Stored{{Segment: d}}}
		p := roentgen.NewPartial(tr.Documents[0])
		sum := p.Summary()
		all = append(all, Fold(tr, &sum, noon+roentgen.Time(time.Hour), Options{}))
	}
	g, s := Of(all...), sumOf(t, m.Take(noon+1))
	for _, n := range g.Nodes {
		for _, e := range n.Edges {
			r, ok := s.Call(Call{n.ServiceID, g.Nodes[e.To].ServiceID})
			if !ok || r.Stats != e.Stats {
				t.Errorf("%s calls %s: %+v, and the map has %+v", n.Name, g.Nodes[e.To].Name, r.Stats, e.Stats)
			}
			near(t, &r.ResponseTimes, &e.ResponseTimes)
		}
	}
}

func near(t *testing.T, got, want *Histogram) {
	t.Helper()
	if got.Count() != want.Count() {
		t.Errorf("%d durations of %d", got.Count(), want.Count())
	}
	for _, q := range []float64{0, 0.5, 0.9, 0.99, 1} {
		if g, w := got.Quantile(q).Seconds(), want.Quantile(q).Seconds(); g < 0.984*w || g > 1.016*w {
			t.Errorf("quantile %v is %v, and was %v", q, g, w)
		}
	}
}

func TestACheckpointCountsAgain(t *testing.T) {
	m := NewMinutes(Options{})
	for n := range 100 {
		m.Add(document(n, noon+roentgen.Time(n)*roentgen.Time(time.Second), time.Second))
	}
	checkpoint := m.Checkpoint(nil)
	again := NewMinutes(Options{})
	if err := again.Restore(checkpoint); err != nil {
		t.Fatal(err)
	}
	if a, b := m.Take(noon+roentgen.Time(time.Hour)), again.Take(noon+roentgen.Time(time.Hour)); !bytes.Equal(a, b) {
		t.Errorf("%d bytes and %d", len(a), len(b))
	}
	checkpoint[len(checkpoint)/2] ^= 1
	if err := again.Restore(checkpoint); err == nil || again.Take(noon+roentgen.Time(time.Hour)) != nil {
		t.Errorf("damaged bytes counted: %v", err)
	}
}

func TestMinutesStayWithinTheirBounds(t *testing.T) {
	m := NewMinutes(Options{})
	const documents = 20_000
	for n := range documents {
		d := document(n, noon+roentgen.Time(n)*roentgen.Time(time.Minute), time.Duration(n)*time.Hour)
		d.Name = fmt.Sprint("service-", n)
		m.Add(d)
	}
	if n := len(m.book.services.keys); n > minuteLimits.services {
		t.Errorf("%d services", n)
	}
	if n := len(m.book.leaves); n > minuteLimits.leaves {
		t.Errorf("%d minutes", n)
	}
	if n := len(m.book.all); n > minuteLimits.pages {
		t.Errorf("%d pages", n)
	}
	if n := m.book.held; n > minuteLimits.all+2*minuteLimits.leaves {
		t.Errorf("%d entries", n)
	}
	if m.Stats().Others == 0 {
		t.Error("nothing counts as others")
	}
	s, total := sumOf(t, m.Take(noon+roentgen.Time(documents)*roentgen.Time(time.Hour))), int64(0)
	for _, id := range s.Nodes() {
		r, _ := s.Node(id)
		total += r.Stats.Count()
	}
	if total != documents {
		t.Errorf("%d of %d are counted", total, documents)
	}
}

func TestAddingAllocatesNothing(t *testing.T) {
	m := NewMinutes(Options{})
	docs := make([]*roentgen.Segment, 64)
	for n := range docs {
		docs[n] = document(n, noon, time.Duration(n+1)*time.Millisecond)
	}
	n := 0
	round := func() {
		d := docs[n%len(docs)]
		d.ID[7]++
		m.Add(d)
		n++
	}
	for range 1000 {
		round()
	}
	if got := testing.AllocsPerRun(1000, round); got != 0 {
		t.Errorf("%v allocations a document", got)
	}
}

// Roll-ups of version 1 are written, byte for byte, as they were, and read.
func TestRollupsOfVersion1(t *testing.T) {
	const path = "testdata/rollup/v1.rollup"
	m := NewMinutes(Options{})
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		d := document(n, noon+roentgen.Time(n)*roentgen.Time(time.Second), time.Duration(random.IntN(1e9)))
		d.Fault = n%7 == 0
		d.Subsegments[1].Throttle = n%11 == 0
		d.Subsegments[0].End += roentgen.Time(n%2) * 1e8
		m.Add(d)
	}
	m.Add(&roentgen.Segment{Kind: roentgen.KindSubsegment, Namespace: roentgen.NamespaceRemote, Name: "alone", Start: noon, End: noon + 1e9})
	text := m.Take(noon + roentgen.Time(time.Hour))
	if flag.Lookup("rewrite").Value.String() == "true" {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden roll-ups (make them with -rewrite): %v", err)
	}
	if !bytes.Equal(text, golden) {
		t.Errorf("roll-ups of %d bytes are written where some of %d were", len(text), len(golden))
	}
	s := sumOf(t, golden)
	r, _ := s.Node(roentgen.ServiceID{Name: "shop", Type: "AWS::ECS::Container"})
	if r.Stats.OK != 171 || r.Stats.Fault != 29 || r.Durations.Count() != 200 || r.Durations.Quantile(0.5) <= r.ResponseTimes.Quantile(0.5) {
		t.Errorf("%+v, median %v and %v", r.Stats, r.ResponseTimes.Quantile(0.5), r.Durations.Quantile(0.5))
	}
	if alone, _ := s.Call(Call{To: roentgen.ServiceID{Name: "alone", Type: "remote"}}); alone.Stats.OK != 1 {
		t.Errorf("%+v", alone.Stats)
	}
}

func FuzzMinutes(f *testing.F) {
	m := NewMinutes(Options{})
	for n := range 20 {
		m.Add(document(n, noon+roentgen.Time(n)*roentgen.Time(10*time.Second), time.Duration(n)*time.Millisecond))
	}
	whole := m.Take(noon + roentgen.Time(time.Hour))
	f.Add(whole[len(rollupMagic) : len(whole)-4])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := sealed(body)
		r, err := ParseMinutes(b)
		if err != nil {
			return
		}
		sums := NewSums(Options{})
		sums.AddShare(r, 1)
		sums.AddShare(r, 0.3)
		for _, id := range sums.Nodes() {
			sums.Node(id)
		}
		if _, err := ParseMinutes(sums.Encode(0)); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

// sealed gives a body magic and checksum.
func sealed(body []byte) []byte {
	b := append([]byte(rollupMagic), body...)
	return appendCheck(b, 0)
}

func BenchmarkMinutesAdd(b *testing.B) {
	m := NewMinutes(Options{})
	docs := make([]*roentgen.Segment, 4096)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range docs {
		docs[n] = document(n, noon, time.Duration(random.ExpFloat64()*1e8))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		d := docs[n&4095]
		d.ID[0], d.ID[1], d.ID[2] = byte(n>>12), byte(n>>20), byte(n>>28)
		m.Add(d)
	}
}
