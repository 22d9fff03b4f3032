package query_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/state"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/memory"
)

// bench is groups with what is under and behind them.
type bench struct {
	*testing.T
	*query.Groups
	state state.Store
	shelf *shelf
	ids   int
}

func newBench(t *testing.T, docs ...string) *bench {
	b := &bench{T: t, state: memory.NewState(), shelf: newShelf(t, docs...)}
	b.open()
	return b
}

// open opens the groups, again if need be.
func (b *bench) open() {
	b.Helper()
	groups, err := query.OpenGroups(b.Context(), b.state, b.shelf, query.GroupsConfig{
		Account: "111122223333", Region: "here", Now: b.shelf.clock,
		NewID: func() string { b.ids++; return fmt.Sprint("ID", b.ids) },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Groups = groups
}

func (b *bench) create(name, expression string) query.Group {
	b.Helper()
	g, err := b.Create(b.Context(), name, query.GroupChange{Expression: &expression})
	if err != nil {
		b.Fatal(err)
	}
	return g
}

func (b *bench) update(name, expression string) query.Group {
	b.Helper()
	g, err := b.Update(b.Context(), query.GroupRef{Name: name}, query.GroupChange{Expression: &expression})
	if err != nil {
		b.Fatal(err)
	}
	return g
}

// tested returns the groups that the store tests: id, version and whether it
// has a trace.
func (b *bench) tested() string {
	b.Helper()
	e := b.shelf.engine(b.Groups, query.Config{})
	var out []string
	for _, g := range b.shelf.groups {
		graph, err := e.ServiceGraph(b.Context(), 0, 1<<60, g.ID)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s v%d %v", g.ID, g.Version, len(graph.Nodes) > 0))
	}
	return strings.Join(out, ", ")
}

func TestGroupsAreKeptAndTheStoreIsToldOfThem(t *testing.T) {
	b := newBench(t, segment(1, 1, 10, `,"fault":true`))
	if got := b.tested(); got != "" {
		t.Errorf("a new server tests %s", got)
	}
	made := b.create("faults", " fault=true ")
	if made.ARN != "arn:aws:xray:here:111122223333:group/faults/ID1" || made.Expression != " fault=true " || made.Version != 1 || made.Since == 0 {
		t.Errorf("made %+v", made)
	}
	b.create("slow", `responsetime > 5`)
	if got := b.tested(); got != "ID1 v1 true, ID2 v1 false" {
		t.Errorf("tested %s", got)
	}
	changed := b.update("slow", `responsetime > 1`)
	if changed.Version != 2 || changed.Since <= made.Since || changed.ID != "ID2" {
		t.Errorf("changed %+v", changed)
	}
	if same := b.update("slow", `responsetime>1.0`); same.Version != 2 || same.Since != changed.Since || same.Expression != `responsetime>1.0` {
		t.Errorf("another spelling is another version: %+v", same)
	}
	if got := b.tested(); got != "ID1 v1 true, ID2 v2 true" {
		t.Errorf("tested %s", got)
	}
	b.shelf.groups = nil
	b.open()
	if got := b.tested(); got != "ID1 v1 true, ID2 v2 true" {
		t.Errorf("after a restart %s", got)
	}
	if err := b.Delete(t.Context(), query.GroupRef{ARN: made.ARN}); err != nil {
		t.Fatal(err)
	}
	if again := b.create("faults", "fault"); again.ID != "ID3" || again.Version != 1 {
		t.Errorf("a group of a name that was there before is another one: %+v", again)
	}
	if got := b.tested(); got != "ID3 v1 true, ID2 v2 true" {
		t.Errorf("tested %s", got)
	}
	if _, err := b.Find(t.Context(), query.GroupRef{ARN: made.ARN}); roentgen.KindOf(err) != roentgen.Invalid || err.Error() != "Group not found." {
		t.Errorf("the deleted group: %v", err)
	}
}

func TestListHasDefaultFirst(t *testing.T) {
	b := newBench(t)
	b.create("z", "fault")
	b.create("A-1", "error")
	yes, no := true, false
	g, err := b.Update(t.Context(), query.GroupRef{ARN: "arn:aws:xray:here:111122223333:group/Default"}, query.GroupChange{Insights: &yes, Notifications: &yes})
	if err != nil || !g.Insights || !g.Notifications || g.ID != "" {
		t.Errorf("Default with insights: %+v, %v", g, err)
	}
	if g, err = b.Update(t.Context(), query.GroupRef{Name: "Default"}, query.GroupChange{Insights: &no}); err != nil || g.Notifications {
		t.Errorf("notifications without insights: %+v, %v", g, err)
	}
	b.open()
	list, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range list {
		got = append(got, g.Name+" "+g.Expression)
	}
	if fmt.Sprint(got) != "[Default  A-1 error z fault]" {
		t.Errorf("listed %q", got)
	}
	if b.tested() != "ID2 v1 false, ID1 v1 false" {
		t.Errorf("Default is not for the store to test: %s", b.tested())
	}
}

func TestMistakesWithGroupsAreRefused(t *testing.T) {
	b := newBench(t)
	b.create("a", "fault")
	b.create("chain", `group.name = "later"`)
	x, empty, bad, yes := "error", "", "nonsense =", true
	arn := "arn:aws:xray:here:111122223333:group/a/ID1"
	long := strings.Repeat("x", 33)
	for name, c := range map[string]struct {
		do   func(context.Context) error
		text string
	}{
		"a name with a space":         {b.creates("a b", &x), "letters"},
		"no name":                     {b.creates("", &x), "letters"},
		"a name that is too long":     {b.creates(long, &x), "1 to 32"},
		"a name in another script":    {b.creates("größe", &x), "letters"},
		"a name that is taken":        {b.creates("a", &x), "exists already"},
		"Default again":               {b.creates("Default", &x), "exists already"},
		"no expression":               {b.creates("b", nil), "Filter Expression is empty"},
		"an empty expression":         {b.creates("b", &empty), "Filter Expression is empty"},
		"a bad expression":            {b.creates("b", &bad), "Invalid filter expression"},
		"itself":                      {b.creates("later", ptr(`fault OR group.name = "chain"`)), "refers to itself"},
		"an empty update":             {b.updates(query.GroupRef{Name: "a"}, query.GroupChange{Expression: &empty}), "Filter Expression is empty"},
		"an update to a ring":         {b.updates(query.GroupRef{Name: "a"}, query.GroupChange{Expression: ptr(`group.name = "a"`)}), "refers to itself"},
		"a ring by ARN":               {b.updates(query.GroupRef{ARN: arn}, query.GroupChange{Expression: ptr(`group.arn = "` + arn + `"`)}), "refers to itself"},
		"Default's expression":        {b.updates(query.GroupRef{Name: "Default"}, query.GroupChange{Expression: &x}), "cannot be changed"},
		"notifications alone":         {b.updates(query.GroupRef{Name: "a"}, query.GroupChange{Notifications: &yes}), "InsightsEnabled"},
		"an update of nothing":        {b.updates(query.GroupRef{}, query.GroupChange{}), "GroupName or GroupARN is needed"},
		"an update of two":            {b.updates(query.GroupRef{Name: "a", ARN: arn}, query.GroupChange{}), "both given"},
		"an update of what is not":    {b.updates(query.GroupRef{Name: "A"}, query.GroupChange{}), "Group not found."},
		"a deletion of Default":       {b.deletes(query.GroupRef{Name: "Default"}), "cannot be deleted"},
		"a deletion of what is not":   {b.deletes(query.GroupRef{ARN: arn + "x"}), "Group not found."},
		"a deletion of nothing":       {b.deletes(query.GroupRef{}), "GroupName or GroupARN is needed"},
		"a search for nothing at all": {func(ctx context.Context) error { _, err := b.Find(ctx, query.GroupRef{}); return err }, "GroupName or GroupARN is needed"},
	} {
		if err := c.do(t.Context()); roentgen.KindOf(err) != roentgen.Invalid || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", name, err, c.text)
		}
	}
	if list, _ := b.List(t.Context()); len(list) != 3 {
		t.Errorf("a refused change left %+v", list)
	}
}

func ptr[T any](v T) *T { return &v }

func (b *bench) creates(name string, expression *string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := b.Create(ctx, name, query.GroupChange{Expression: expression})
		return err
	}
}

func (b *bench) updates(ref query.GroupRef, change query.GroupChange) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := b.Update(ctx, ref, change)
		return err
	}
}

func (b *bench) deletes(ref query.GroupRef) func(context.Context) error {
	return func(ctx context.Context) error { return b.Delete(ctx, ref) }
}

func TestThereMayBeTwentyFiveGroups(t *testing.T) {
	b := newBench(t)
	for i := range 24 {
		b.create(fmt.Sprint("g", i), "fault")
	}
	if err := b.creates("one-more", ptr("fault"))(t.Context()); roentgen.KindOf(err) != roentgen.Invalid || !strings.Contains(err.Error(), "25 groups") {
		t.Errorf("the twenty-sixth: %v", err)
	}
	if err := b.Delete(t.Context(), query.GroupRef{Name: "g7"}); err != nil {
		t.Fatal(err)
	}
	b.create("one-more", "fault")
}

func TestAGroupChangesWithTheGroupsThatItRefersTo(t *testing.T) {
	b := newBench(t, segment(1, 1, 10, `,"fault":true`))
	b.create("outer", `group.name = "inner" AND !partial`)
	if got := b.tested(); got != "ID1 v1 false" {
		t.Errorf("a reference to what is not there: %s", got)
	}
	b.create("inner", "fault")
	if got := b.tested(); got != "ID2 v1 true, ID1 v2 true" {
		t.Errorf("after it came: %s", got)
	}
	b.update("inner", "error")
	if got := b.tested(); got != "ID2 v2 false, ID1 v3 false" {
		t.Errorf("after it changed: %s", got)
	}
	if err := b.Delete(t.Context(), query.GroupRef{Name: "inner"}); err != nil {
		t.Fatal(err)
	}
	if got := b.tested(); got != "ID1 v4 false" {
		t.Errorf("after it went: %s", got)
	}
}

func TestAnExpressionReadsTheGroupsAsTheyAreNow(t *testing.T) {
	b := newBench(t, segment(1, 1, 10, `,"fault":true`), segment(2, 1, 20, ``))
	e := b.shelf.engine(b.Groups, query.Config{})
	find := func(expression string) string {
		t.Helper()
		var got []int
		pages(t, e, query.SummaryQuery{Window: roentgen.Window{To: 1 << 60}, Share: 1, Filter: parse(t, expression)}, func(p query.SummaryPage) {
			for _, r := range p.Traces {
				got = append(got, int(r.Summary.Trace[15])-1)
			}
		})
		return fmt.Sprint(got)
	}
	g := b.create("g", "fault")
	for expression, want := range map[string]string{
		`group.name = "g"`:                             "[1]",
		`group.name != "g"`:                            "[2]",
		`group.name = "G"`:                             "[]",
		`group.name = "Default"`:                       "[2 1]",
		`group.arn = "` + g.ARN + `"`:                  "[1]",
		`group.arn = "` + defaultARN(t, b) + `" fault`: "[1]",
	} {
		if got := find(expression); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
	b.update("g", "ok")
	if got := find(`group.name = "g"`); got != "[2]" {
		t.Errorf("after a change: %s", got)
	}
}

func defaultARN(t *testing.T, b *bench) string {
	t.Helper()
	g, err := b.Find(t.Context(), query.GroupRef{Name: "Default"})
	if err != nil {
		t.Fatal(err)
	}
	return g.ARN
}

func TestAChangeThatTheStoreWasNotToldOfIsToldLater(t *testing.T) {
	for when, tell := range map[string]func(*bench) error{
		"at the next start":  func(b *bench) error { b.open(); return nil },
		"from time to time":  func(b *bench) error { return b.Retell(b.Context()) },
		"at the next change": func(b *bench) error { return b.creates("h", ptr("error"))(b.Context()) },
	} {
		t.Run(when, func(t *testing.T) {
			b := newBench(t)
			b.shelf.err = errors.New("disk on fire")
			if err := b.creates("g", ptr("fault"))(t.Context()); !errors.Is(err, b.shelf.err) {
				t.Fatal(err)
			}
			if err := b.Retell(t.Context()); !errors.Is(err, b.shelf.err) {
				t.Errorf("still on fire: %v", err)
			}
			b.shelf.err, b.shelf.groups = nil, nil
			if err := tell(b); err != nil || !slices.ContainsFunc(b.shelf.groups, func(g store.Group) bool { return g.ID == "ID1" }) {
				t.Errorf("%v; the store tests %+v", err, b.shelf.groups)
			}
			b.shelf.groups = nil
			if err := b.Retell(t.Context()); err != nil || b.shelf.groups != nil {
				t.Errorf("what it knows is told again: %v, %v", err, b.shelf.groups)
			}
		})
	}
}

// hangingUp is a state whose caller hangs up as soon as a change is made.
type hangingUp struct {
	state.Store
	hangUp context.CancelFunc
}

func (s *hangingUp) Put(ctx context.Context, key string, value []byte, version uint64) (uint64, error) {
	v, err := s.Store.Put(ctx, key, value, version)
	s.hangUp()
	return v, err
}

func (s *hangingUp) Delete(ctx context.Context, key string, version uint64) error {
	err := s.Store.Delete(ctx, key, version)
	s.hangUp()
	return err
}

// patient is a store that does nothing for those who do not wait.
type patient struct{ *shelf }

func (p patient) SetGroups(ctx context.Context, groups []store.Group) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.shelf.SetGroups(ctx, groups)
}

func TestTheStoreIsToldOfAChangeAfterWhichTheCallerHungUp(t *testing.T) {
	shelf, caller := newShelf(t), &hangingUp{Store: memory.NewState()}
	ctx, hangUp := context.WithCancel(t.Context())
	caller.hangUp = hangUp
	groups, err := query.OpenGroups(ctx, caller, patient{shelf}, query.GroupsConfig{Now: shelf.clock})
	if err != nil {
		t.Fatal(err)
	}
	faults := "fault"
	if _, err := groups.Create(ctx, "g", query.GroupChange{Expression: &faults}); err != nil || len(shelf.groups) != 1 {
		t.Errorf("created: %v; the store tests %d groups, want 1", err, len(shelf.groups))
	}
	ctx, caller.hangUp = context.WithCancel(t.Context())
	if err := groups.Delete(ctx, query.GroupRef{Name: "g"}); err != nil || len(shelf.groups) != 0 {
		t.Errorf("deleted: %v; the store tests %d groups, want none", err, len(shelf.groups))
	}
}

func TestTheGraphOfAGroupThatIsGoneIsAMistakeOfTheCaller(t *testing.T) {
	s := newShelf(t)
	s.err = roentgen.NotFoundf("there is no group %q", "ID1")
	if _, err := s.engine(nil, query.Config{}).ServiceGraph(t.Context(), 0, 1, "ID1"); roentgen.KindOf(err) != roentgen.Invalid || err.Error() != "Group not found." {
		t.Errorf("%v", err)
	}
}

func TestTheGraphOfAGroupHasTheTracesThatTheListHas(t *testing.T) {
	var keys []string
	for i := range 80 {
		keys = append(keys, fmt.Sprintf(`"k%02d":%d`, i, i))
	}
	b := newBench(t,
		segment(1, 1, 10, `,"annotations":{`+strings.Join(keys[:40], ",")+`}`),
		segment(1, 2, 10, `,"annotations":{`+strings.Join(keys[40:], ",")+`}`))
	e := b.shelf.engine(b.Groups, query.Config{})
	for key, want := range map[string]bool{"k10 = 10": true, "k49 = 49": true, "k50 = 50": false, "k79 = 79": false} {
		g := b.create("g"+key[1:3], "annotation."+key)
		drawn, err := e.ServiceGraph(t.Context(), 0, 1<<60, g.ID)
		if err != nil {
			t.Fatal(err)
		}
		page, err := e.Summaries(t.Context(), query.SummaryQuery{Window: roentgen.Window{To: 1 << 60}, Share: 1, Filter: parse(t, `group.name = "`+g.Name+`"`)})
		if err != nil || (len(page.Traces) > 0) != want || (len(drawn.Nodes) > 0) != want {
			t.Errorf("%s: %d traces listed, %d nodes drawn; want any: %v (%v)", key, len(page.Traces), len(drawn.Nodes), want, err)
		}
	}
}
