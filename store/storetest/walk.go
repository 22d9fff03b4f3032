package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// Walk is a random history of everything that can be done to a store, with what
// only its backend can do between. After each step the store has to be what the
// Model is.
type Walk struct {
	// Open opens the store as it was left, with the clock of the walk. It keeps
	// documents for a week at least, and refuses those that carry a trace over
	// TraceBytes. It may open it with other options each time.
	Open func(*Clock) (store.Store, error)
	// End ends the life of a store in one of several ways, after which Open finds
	// all that was acknowledged. Each is named for who reads a failure.
	End map[string]func(store.Store)
	// Keep is what may happen at any time and changes nothing that can be read.
	Keep map[string]func(context.Context, store.Store) error
	// Check looks whether the store is in order. It may be nil.
	Check func(*testing.T, store.Store)
	// Steps is how long the walk is.
	Steps int
}

// Clock is one that a walk moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Run walks as seed says. A failure names the seed and the last steps.
func (w Walk) Run(t *testing.T, seed uint64) {
	t.Helper()
	clock := &Clock{now: Now()}
	h := &harness{T: t, model: NewModel(TraceBytes)}
	h.model.now = clock.Now
	g := &walker{harness: h, Walk: w, Random: NewRandom(seed), clock: clock, known: map[string]store.Group{}}
	g.Traces = 6 + g.IntN(60)
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, after %d steps, of which the last were:\n%s", seed, len(g.done), strings.Join(g.done[max(0, len(g.done)-25):], "\n"))
			if h.store != nil {
				_ = h.store.Close() // whatever it says: the test has failed
			}
		}
	}()
	g.open()
	for range w.Steps {
		g.step()
	}
	g.note("close")
	h.check()
	mustClose(t, h.store)
}

// walker is a walk under way.
type walker struct {
	*harness
	Walk
	*Random
	clock *Clock
	done  []string
	known map[string]store.Group // groups as they were named last
}

// nameGroups draws groups of which the version never falls, and which are the
// same as long as their version is.
func (g *walker) nameGroups() []store.Group {
	out := g.groups(g.T, uint64(len(g.done)))
	for i, n := range out {
		if was, ok := g.known[n.ID]; ok && n.Version <= was.Version {
			out[i] = was
		}
		g.known[n.ID] = out[i]
	}
	return out
}

func (g *walker) note(format string, args ...any) {
	g.done = append(g.done, fmt.Sprintf("%3d ", len(g.done))+fmt.Sprintf(format, args...))
}

func (g *walker) open() {
	s, err := g.Open(g.clock)
	if err != nil {
		g.Fatalf("open: %v", err)
	}
	g.store = s
}

// step does one thing and looks.
func (g *walker) step() {
	switch n := g.IntN(100); {
	case n < 50:
		g.appendSome()
	case n < 56:
		id := TraceID(g.IntN(g.Traces))
		g.note("delete %d", number(id))
		g.delete(id)
	case n < 61:
		groups := g.nameGroups()
		g.note("set groups%s", briefGroups(groups))
		g.setGroups(groups...)
	case n < 65:
		d := time.Duration(g.IntN(400)) * time.Second
		g.note("wait %s", d)
		g.clock.add(d)
	case n < 70:
		g.restart()
	default:
		g.keepHouse()
	}
	g.look()
}

// appendSome appends new, late, repeated and superseding documents, and now and
// then one that is too old or that is too large for its trace.
func (g *walker) appendSome() {
	docs := g.call()
	for i := range docs {
		d := &docs[i]
		if g.IntN(3) == 0 { // of now, with a call that waits for its callee
			d.Start = roentgen.At(g.clock.Now()) - roentgen.Time(g.IntN(60))*1e9
			d.More += fmt.Sprintf(`,"subsegments":[{"id":"%s","name":"later","namespace":"remote","start_time":%d,"end_time":%d,"http":{"request":{"traced":true}}}]`,
				SegmentID(200+g.IntN(4)), int64(d.Start)/1e9, int64(d.Start)/1e9+1)
			if strings.Count(d.More, `"subsegments"`) > 1 || strings.Count(d.More, `"http"`) > 2 {
				d.More = ""
			}
			if d.End != 0 {
				d.End = d.Start + 2e9
			}
		}
		if g.IntN(40) == 0 {
			d.More += padding(TraceBytes / 2)
			if strings.Count(d.More, `"metadata"`) > 1 {
				d.More = padding(TraceBytes / 2)
			}
		}
	}
	g.note("append %s", brief(docs))
	g.appendStored(stored(g, docs...))
	if g.IntN(10) == 0 {
		g.appendTooOld()
	}
}

func brief(docs []Document) string {
	var b strings.Builder
	for _, d := range docs {
		fmt.Fprintf(&b, "%d/%d(%d) ", d.Trace, d.ID, len(d.More))
	}
	return b.String()
}

func briefGroups(groups []store.Group) string {
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, " %s.%d", g.ID, g.Version)
	}
	return b.String()
}

// appendTooOld has a document refused of which the model does not hear.
func (g *walker) appendTooOld() {
	d := g.Document()
	d.Start, d.End, d.More = roentgen.At(g.clock.Now().Add(-30*24*time.Hour)), 0, `,"user":"old"`
	g.note("append one that is too old to %d", d.Trace)
	got, err := g.store.Append(context.Background(), stored(g, d))
	if err != nil || !slices.Equal(got, []roentgen.Outcome{roentgen.RefusedTooOld}) {
		g.Fatalf("a document that is too old: %v, %v", got, err)
	}
}

// restart ends the life of the store. Groups are named anew, the same or others.
func (g *walker) restart() {
	names := keysOf(g.End)
	name := names[g.IntN(len(names))]
	groups := g.model.groups
	if g.IntN(3) == 0 {
		groups = g.nameGroups()
	}
	g.note("%s, then set groups%s", name, briefGroups(groups))
	g.End[name](g.store)
	g.open()
	g.setGroups(groups...)
}

func (g *walker) keepHouse() {
	names := keysOf(g.Keep)
	if len(names) == 0 {
		return
	}
	name := names[g.IntN(len(names))]
	g.note("%s", name)
	if err := g.Keep[name](context.Background(), g.store); err != nil {
		g.Fatalf("%s: %v", name, err)
	}
}

func keysOf[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// look asks a few questions. The first tests traces against groups, in the store
// as in the model, so that both do so between the same documents.
func (g *walker) look() {
	g.checkGraphs()
	w := g.window()
	if g.IntN(4) == 0 {
		w = everything(w.Clock)
	}
	switch g.IntN(6) {
	case 0:
		g.check()
	case 1:
		g.checkFindPages(w, g.expression(2), 1+g.IntN(5))
	case 2:
		g.checkGraph(store.GraphWindow{From: min(w.From, w.To), To: max(w.From, w.To)})
	case 3:
		g.checkStats()
	default:
		g.checkFind(w, g.expression(3))
	}
	if g.Check != nil && len(g.done)%5 == 0 {
		g.Check(g.T, g.store)
	}
}
