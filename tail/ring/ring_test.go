package ring

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// clock ticks a millisecond per look.
func clock() func() time.Time {
	now := time.Date(2026, 2, 25, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}
}

func open(t testing.TB, dir string, bytes int64) *Ring {
	t.Helper()
	r, err := Open(Options{Dir: dir, Bytes: bytes, Now: clock(), Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trace(n int) roentgen.TraceID {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var id roentgen.TraceID
	le.PutUint64(id[:], r.Uint64())
	le.PutUint64(id[8:], r.Uint64()|1)
	return id
}

// document of that number, n bytes long, hard to compress.
func document(number, n int) []byte {
	r := rand.New(rand.NewPCG(uint64(number), 9))
	b := fmt.Appendf(nil, `{"n":%d,"x":"`, number)
	for len(b) < n {
		b = le.AppendUint64(b, r.Uint64())
	}
	return b
}

func taken(r *Ring, id roentgen.TraceID) (got []string) {
	r.Take(id, func(doc []byte) { got = append(got, string(doc)) })
	return got
}

func checkSums(t *testing.T, r *Ring) Stats {
	t.Helper()
	s := r.Stats()
	if s.Held != s.Drained+s.Overwritten+s.Damaged+s.Waiting {
		t.Fatalf("the sums do not balance: %+v", s)
	}
	return s
}

// model is the ring as a list: what is overwritten goes from its front.
type model struct {
	waiting                    []modelDoc
	held, drained, overwritten int
}

type modelDoc struct{ trace, number int }

func (m *model) put(tr int) (number int) {
	m.waiting = append(m.waiting, modelDoc{tr, m.held})
	m.held++
	return m.held - 1
}

// overwrite lets the oldest go, until as many are gone as the ring says.
func (m *model) overwrite(total int) {
	n := total - m.overwritten
	m.waiting, m.overwritten = m.waiting[n:], total
}

func (m *model) take(tr int) (numbers []int) {
	m.waiting = slices.DeleteFunc(m.waiting, func(d modelDoc) bool {
		if d.trace == tr {
			numbers = append(numbers, d.number)
		}
		return d.trace == tr
	})
	m.drained += len(numbers)
	return numbers
}

// Random histories: what the ring gives back is exactly what the model holds, in order.
func TestRandomHistoriesAgainstAList(t *testing.T) {
	for _, where := range []string{"disk", "memory"} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(where, seed), func(t *testing.T) { randomHistory(t, where == "disk", seed) })
		}
	}
}

func randomHistory(t *testing.T, disk bool, seed uint64) {
	dir := ""
	if disk {
		dir = t.TempDir()
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	capacity := int64(1 << 20)
	r := open(t, dir, capacity)
	defer func() { r.Close() }()
	var m model
	for range 4000 {
		switch k := rnd.IntN(100); {
		case k < 80:
			tr, size := rnd.IntN(300), 200+rnd.IntN(4000)
			if rnd.IntN(200) == 0 {
				size = 130<<10 + rnd.IntN(100<<10)
			}
			r.Put(trace(tr), document(m.put(tr), size))
		case k < 98:
			checkTake(t, r, &m, rnd.IntN(300))
		case disk:
			if rnd.IntN(4) == 0 {
				capacity = int64(1<<20) + int64(rnd.IntN(3))<<19
			}
			old := r
			if rnd.IntN(2) == 0 {
				old.Close()
				old = nil
			}
			r = open(t, dir, capacity) // without Close: as after a kill, nothing was said to the ring
			if old != nil {
				old.Close()
			}
		}
		s := checkSums(t, r)
		m.overwrite(int(s.Overwritten))
		if int(s.Held) != m.held || int(s.Drained) != m.drained || s.Damaged != 0 || int(s.Waiting) != len(m.waiting) {
			t.Fatalf("the ring says %+v; the model held %d, drained %d, %d wait", s, m.held, m.drained, len(m.waiting))
		}
	}
	if s := r.Stats(); s.Overwritten == 0 {
		t.Fatalf("nothing was overwritten: %+v", s)
	}
	for tr := range 300 {
		checkTake(t, r, &m, tr)
	}
	if s := checkSums(t, r); s.Waiting != 0 {
		t.Fatalf("after everything was taken: %+v", s)
	}
}

func checkTake(t *testing.T, r *Ring, m *model, tr int) {
	t.Helper()
	want, may := m.take(tr), r.May(trace(tr))
	got := taken(r, trace(tr))
	if len(got) > 0 && !may {
		t.Fatalf("May denied a trace with %d documents", len(got))
	}
	if len(got) != len(want) {
		t.Fatalf("%d documents left, %d were held", len(got), len(want))
	}
	for i, doc := range got {
		if doc != string(document(want[i], len(doc))) {
			t.Fatalf("document %.20q left instead of number %d", doc, want[i])
		}
	}
}
