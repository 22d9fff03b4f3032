package rates

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// noon is what the clock of most tests shows.
var noon = roentgen.At(time.Date(2026, 2, 25, 12, 0, 0, 0, time.UTC))

const second = roentgen.Time(time.Second)

// counted is the roll-up of so many requests, one after the other.
func counted(service string, start, step roentgen.Time, requests int) (out [][]byte) {
	m := graph.NewMinutes(graph.Options{})
	for n := range requests {
		at := start + roentgen.Time(n)*step
		s := &roentgen.Segment{Name: service, Start: at, End: at + second/10, Fault: n%10 == 0}
		s.ID[0], s.ID[1], s.ID[2] = 1, byte(n>>8), byte(n)
		m.Add(s)
		if n%1800 == 1799 || n == requests-1 {
			out = append(out, m.Take(at+1))
		}
	}
	return out
}

func requests(b *Book, service string, from, to roentgen.Time) int64 {
	r, _ := b.Window(from, to).Node(roentgen.ServiceID{Name: service})
	return r.Stats.Count()
}

func want(t *testing.T, b *Book, from, to roentgen.Time, n int64) {
	t.Helper()
	if got := requests(b, "shop", from, to); got != n {
		t.Errorf("%d requests from %s to %s, want %d", got, from.Time().UTC().Format(time.TimeOnly), to.Time().UTC().Format(time.TimeOnly), n)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at is Options with a clock that stands.
func at(now roentgen.Time) Options { return Options{Now: func() roentgen.Time { return now }} }

func TestABatchCountsOnce(t *testing.T) {
	b := New(at(noon))
	for range 3 {
		must(t, b.Add("a", 1, 5, counted("shop", noon-hour, second, 100)...))
	}
	must(t, b.Add("a", 1, 4, counted("shop", noon-hour, second, 10)...))
	must(t, b.Add("a", 2, 5, counted("shop", noon-hour, second, 1)...))
	want(t, b, noon-hour, noon, 111)
	if s := b.Stats(); s.Batches != 3 || s.Repeated != 2 {
		t.Errorf("%+v", s)
	}
}

func TestWhatABookHasSeen(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s, seen := seen{most: 3}, map[uint64]bool{}
	for top := uint64(0); top < 5000; top += random.Uint64N(9) {
		n := top - min(top, random.Uint64N(70))
		if got := s.has("a", 1, n); got != seen[n] {
			t.Fatalf("number %d: %v", n, got)
		}
		s.add("a", 1, n)
		seen[n] = true
	}
	if !s.has("a", 1, 0) {
		t.Error("what is far back counts again")
	}
	for n := range uint64(3) {
		s.add("b", n, 1)
	}
	if s.has("a", 1, 0) || len(s.epochs) != 3 {
		t.Error("an epoch too many is remembered")
	}
}

func TestAWindowHoldsPartsOfMinutes(t *testing.T) {
	b := New(at(noon))
	must(t, b.Add("a", 1, 1, counted("shop", noon-3*hour, second, 3*3600)...))
	want(t, b, noon-3*hour, noon, 3*3600)
	if n := requests(b, "shop", noon-hour-90*second, noon-hour+45*second); n < 134 || n > 136 { // each class is rounded
		t.Errorf("%d requests in 135 s", n)
	}
	want(t, b, noon-30*second, noon+hour, 30)
	want(t, b, noon-9*hour, noon-6*hour, 0)
	if w := b.Window(noon-9*hour, noon+hour); w.From != noon-3*hour || w.To != noon {
		t.Errorf("counted from %v to %v", w.From.Time(), w.To.Time())
	}
	if w := b.Window(noon-9*hour, noon-5*hour); w.From != 0 || w.To != 0 || !w.Empty() {
		t.Errorf("counted from %v to %v", w.From, w.To)
	}
}

// A minute that goes on has lasted until now.
func TestTheMinuteThatGoesOn(t *testing.T) {
	b := New(at(noon + 20*second))
	must(t, b.Add("a", 1, 1, counted("shop", noon, second, 20)...))
	want(t, b, noon, noon+20*second, 20)
	want(t, b, noon+10*second, noon+minute, 10)
}

func TestOldMinutesBecomeHours(t *testing.T) {
	now := noon - 3*hour
	b := New(Options{Now: func() roentgen.Time { return now }, Minutes: 2 * time.Hour, Hours: 12 * time.Hour})
	must(t, b.Add("a", 1, 1, counted("shop", now-hour, second, 3600)...))
	now = noon + hour/2
	must(t, b.Add("a", 1, 2, counted("shop", noon, second, 60)...))
	if s := b.Stats(); s.Minutes != 1 || s.Hours != 2 {
		t.Errorf("%+v", s)
	}
	want(t, b, noon-4*hour, noon-3*hour, 3600)
	want(t, b, noon-4*hour, noon-4*hour+hour/4, 900)
	now = noon + 20*hour
	must(t, b.Add("a", 1, 3, counted("shop", now, second, 1)...))
	want(t, b, noon-4*hour, now, 0)
	must(t, b.Add("a", 1, 4, slices.Concat(counted("shop", now-13*hour, second, 1), counted("shop", now+2*hour, second, 1))...))
	if s := b.Stats(); s.Outside != 2 {
		t.Errorf("%+v", s)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	o := at(noon)
	o.MaxMinuteBytes = 20_000
	b := New(o)
	must(t, b.Add("a", 1, 1, counted("shop", noon-10*hour, second, 10*3600)...))
	for _, s := range b.mu.levels[minutes].spans { // those that cool are weighed
		b.settleLocked(s)
	}
	b.forgetLocked(noon)
	if s := b.Stats(); s.Minutes > 200 || s.Hours != 10 || b.mu.levels[minutes].bytes > 20_000 {
		t.Errorf("%+v", s)
	}
	want(t, b, noon-10*hour, noon, 10*3600)
}

func TestWhatWasAcknowledgedSurvivesACrash(t *testing.T) {
	for seed := range uint64(20) {
		fs := vfs.NewFault(seed)
		o := at(noon)
		o.logBytes = 4 << 10
		all := int64(0)
		for round := range 4 {
			b, err := Open(fs, "rates", o)
			must(t, err)
			want(t, b, noon-hour, noon, all)
			for n := range 30 {
				seq := uint64(100*round + n)
				must(t, b.Add("a", 1, seq, counted("shop", noon-hour, 37*second, 20)...))
				must(t, b.Add("a", 1, seq, counted("shop", noon-hour, 37*second, 20)...))
				all += 20
			}
			want(t, b, noon-hour, noon, all)
			if d := b.Stats().Damage; len(d) > 0 {
				t.Errorf("damage: %v", d)
			}
			fs.Crash(vfs.LoseAll)
			b.Close()
		}
	}
}

func TestALogIsWrittenAnew(t *testing.T) {
	fs, o := vfs.NewFault(1), at(noon)
	o.logBytes = 8 << 10
	b, err := Open(fs, "rates", o)
	must(t, err)
	for n := range 400 {
		must(t, b.Add("a", 1, uint64(n), counted("shop", noon-hour, second, 50)...))
	}
	size := int64(0)
	for _, f := range b.log.Files() {
		size += f.Bytes
	}
	if size > 60<<10 {
		t.Errorf("the log has %d bytes", size)
	}
	must(t, b.Close())
	if b, err = Open(fs, "rates", o); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	want(t, b, noon-hour, noon, 400*50)
	must(t, b.Add("a", 1, 399, counted("shop", noon-hour, second, 50)...))
	want(t, b, noon-hour, noon, 400*50)
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	b := New(at(noon))
	good := counted("shop", noon-hour, second, 5)[0]
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	if err := b.Add("a", 1, 1, good, bad); roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("%v", err)
	}
	want(t, b, noon-hour, noon, 0)
	must(t, b.Add("a", 1, 1, good))
	want(t, b, noon-hour, noon, 5)
}

func FuzzRecords(f *testing.F) {
	b := New(at(noon))
	in := batch{"a", 1, 2, counted("shop", noon-hour, second, 5)}
	f.Add(kindBatch, in.record().Payload)
	must2(b.Add(in.agent, in.epoch, in.seq, in.rollups...))
	for _, r := range b.snapshot() {
		f.Add(r.Kind, r.Payload)
	}
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		b := New(at(noon))
		if b.apply(kind, payload) == nil {
			b.Window(noon-24*hour, noon)
			for _, r := range b.snapshot() {
				if err := b.apply(r.Kind, r.Payload); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func must2(err error) {
	if err != nil {
		panic(err)
	}
}

// busy is a Book of a day of services that call one another, each with a
// database, minute by minute.
func busy(b testing.TB, services, perMinute int) *Book {
	book, random := New(at(noon)), rand.New(rand.NewPCG(1, 2))
	id := uint64(0)
	for n := range 24 * 60 {
		m, begin := graph.NewMinutes(graph.Options{}), noon-24*hour+roentgen.Time(n)*minute
		for i := range services * perMinute {
			id++
			start, took := begin+roentgen.Time(random.Int64N(int64(minute))), time.Duration(random.ExpFloat64()*5e7)
			end := start + roentgen.Time(took)
			s := &roentgen.Segment{Name: fmt.Sprint("service-", i%services), Origin: "AWS::ECS::Container", Start: start, End: end, Parent: roentgen.SegmentID{1}}
			for k := range s.ID {
				s.ID[k] = byte(id >> (8 * k))
			}
			s.Subsegments = []roentgen.Segment{
				{Name: fmt.Sprint("service-", (i*7+1)%services), Namespace: roentgen.NamespaceRemote, Start: start, End: end},
				{Name: fmt.Sprintf("db%d@rds", i%services), Namespace: roentgen.NamespaceRemote, SQL: &roentgen.SQL{}, Start: start, End: end},
			}
			m.Add(s)
		}
		if err := book.Add("a", 1, uint64(n), m.Take(noon)); err != nil {
			b.Fatal(err)
		}
	}
	return book
}

func BenchmarkWindow(b *testing.B) {
	book := busy(b, 50, 30)
	s := book.Stats()
	for name, w := range map[string][2]roentgen.Time{
		"a day":                 {noon - 24*hour, noon},
		"a day within minutes":  {noon - 24*hour + 31*minute + 7*second, noon - 17*second},
		"a minute":              {noon - hour, noon - hour + minute},
		"six hours and minutes": {noon - 7*hour - 20*minute, noon - hour - 40*minute},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(float64(s.Bytes)/1e6, "MB")
			var before, after syscall.Rusage
			syscall.Getrusage(syscall.RUSAGE_SELF, &before)
			for range b.N {
				w := book.Window(w[0], w[1])
				w.Release()
			}
			syscall.Getrusage(syscall.RUSAGE_SELF, &after)
			b.ReportMetric(float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano())/float64(b.N)/1e3, "cpu-µs/op")
		})
	}
}

func BenchmarkOverlay(b *testing.B) {
	book := busy(b, 50, 30)
	for b.Loop() {
		w := book.Window(noon-24*hour, noon)
		g := &graph.Graph{}
		g.Overlay(w.Sums, w.From, w.To)
		if len(g.Nodes) != 50 {
			b.Fatal(len(g.Nodes))
		}
		w.Release()
	}
}
