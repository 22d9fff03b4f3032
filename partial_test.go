package roentgen_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/roentgen/roentgen"
)

var traceID = roentgen.TraceID{1}

func segmentID(n int) roentgen.SegmentID { return roentgen.SegmentID{7: byte(n)} }

// entity is what tests say of a document; its content gives its hash.
func entity(id, parent int, change func(*roentgen.Stored)) roentgen.Stored {
	s := &roentgen.Segment{
		Trace: traceID, ID: segmentID(id), Parent: segmentID(parent),
		Name: fmt.Sprint("service-", id), Start: roentgen.Time(100 * id), End: roentgen.Time(100*id + 50),
	}
	d := roentgen.Stored{Segment: s, Received: roentgen.Time(1000 + id)}
	if change != nil {
		change(&d)
	}
	b, err := json.Marshal(d.Segment)
	if err != nil {
		panic("a segment marshals: " + err.Error())
	}
	for _, c := range b {
		s.Hash = s.Hash*1099511628211 ^ uint64(c)
	}
	return d
}

func open(d *roentgen.Stored) { d.Segment.End, d.Segment.InProgress = 0, true }

// fold merges the partials of docs, from left to right.
func fold(docs ...roentgen.Stored) roentgen.Partial {
	p := roentgen.Partial{Trace: traceID}
	for _, d := range docs {
		p = p.Merge(roentgen.NewPartial(d))
	}
	return p
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// history draws documents of few entities, so that they meet.
func history() *rapid.Generator[[]roentgen.Stored] {
	document := rapid.Custom(func(t *rapid.T) roentgen.Stored {
		id, parent := rapid.IntRange(1, 5).Draw(t, "id"), rapid.IntRange(0, 6).Draw(t, "parent")
		return entity(id, parent, func(d *roentgen.Stored) {
			s := d.Segment
			d.Received = roentgen.Time(rapid.IntRange(0, 4).Draw(t, "received"))
			d.Keep = roentgen.Keep{Reason: roentgen.KeepReason(rapid.IntRange(0, 3).Draw(t, "reason")), Probability: float64(rapid.IntRange(0, 2).Draw(t, "probability")) / 2}
			if rapid.Bool().Draw(t, "open") {
				open(d)
			}
			if rapid.Bool().Draw(t, "subsegment") {
				s.Kind = roentgen.KindSubsegment
			}
			s.User = rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "user")
			s.Fault = rapid.Bool().Draw(t, "fault")
			s.Annotations = []roentgen.Annotation{{Key: "k", Value: roentgen.AnnotationValue{Kind: roentgen.NumberValue, Number: float64(rapid.IntRange(0, 2).Draw(t, "annotation"))}}}
			s.Subsegments = []roentgen.Segment{{ID: segmentID(rapid.IntRange(1, 9).Draw(t, "nested")), Name: "n", Throttle: rapid.Bool().Draw(t, "throttle")}}
		})
	})
	return rapid.SliceOfN(document, 1, 12)
}

func TestMergeIsCommutativeAssociativeAndIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := history().Draw(t, "documents")
		i, j := rapid.IntRange(0, len(docs)).Draw(t, "i"), rapid.IntRange(0, len(docs)).Draw(t, "j")
		i, j = min(i, j), max(i, j)
		a, b, c := fold(docs[:i]...), fold(docs[i:j]...), fold(docs[j:]...)
		before := asText(t, a, b, c)
		want := asText(t, a.Merge(b).Merge(c))
		for law, p := range map[string]roentgen.Partial{
			"associative":     a.Merge(b.Merge(c)),
			"commutative":     c.Merge(b).Merge(a),
			"idempotent":      a.Merge(b).Merge(c).Merge(b).Merge(a.Merge(b)),
			"every order":     fold(shuffled(t, docs)...),
			"copies twice":    fold(append(slices.Clone(docs), shuffled(t, docs)...)...),
			"one by one late": c.Merge(fold(shuffled(t, docs[:j])...)),
		} {
			if got := asText(t, p); got != want {
				t.Fatalf("%s:\n got  %s\n want %s", law, got, want)
			}
			if got := asText(t, p.Summary()); got != asText(t, fold(docs...).Summary()) {
				t.Fatalf("%s: another summary: %s", law, got)
			}
		}
		if asText(t, a, b, c) != before {
			t.Fatalf("Merge or Summary changed what it was given")
		}
	})
}

func shuffled(t *rapid.T, docs []roentgen.Stored) []roentgen.Stored {
	return rapid.Permutation(docs).Draw(t, "order")
}

func asText(t *rapid.T, v ...any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The revision counts distinct documents, and each part is the best of its
// entity's.
func TestMergeKeepsTheSupersedingDocumentAndCountsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := history().Draw(t, "documents")
		p, s := fold(docs...), fold(docs...).Summary()
		distinct := map[[2]uint64]bool{}
		updated := roentgen.Time(0)
		for _, d := range docs {
			distinct[[2]uint64{uint64(d.Segment.ID[7]), d.Segment.Hash}] = true
			updated = max(updated, d.Received)
			i := slices.IndexFunc(p.Parts, func(q roentgen.Part) bool { return q.ID == d.Segment.ID })
			if i < 0 {
				t.Fatalf("entity %s is missing", d.Segment.ID)
			}
			if best := p.Parts[i]; d.Segment.InProgress == best.InProgress && d.Received > best.Received || best.InProgress && !d.Segment.InProgress {
				t.Fatalf("entity %s: a superseded document stands", d.Segment.ID)
			}
		}
		if s.Revision != len(distinct) || s.Updated != updated {
			t.Fatalf("revision %d, want %d; updated %d, want %d", s.Revision, len(distinct), s.Updated, updated)
		}
	})
}

func TestACompleteDocumentBeatsOneInProgressWheneverItComes(t *testing.T) {
	begun := entity(1, 0, open)
	done := entity(1, 0, func(d *roentgen.Stored) { d.Received += 10 })
	late := entity(1, 0, func(d *roentgen.Stored) { open(d); d.Received += 20; d.Segment.User = "late" })
	for _, order := range [][]roentgen.Stored{{begun, done, late}, {late, done, begun}, {done, late, begun}} {
		p := fold(order...)
		s := p.Summary()
		if len(p.Parts) != 1 || p.Parts[0].InProgress || p.Parts[0].Received != done.Received || s.Open || s.Revision != 3 {
			t.Errorf("parts %+v", p.Parts)
		}
		if s.Updated != late.Received {
			t.Errorf("updated at %d, want %d, when the last document arrived", s.Updated, late.Received)
		}
	}
	if s := fold(begun, late).Summary(); !s.Open || !s.Partial || s.End != 0 || s.Users[0].Name != "late" {
		t.Errorf("while it is in progress: %+v", s)
	}
}

func TestADuplicateChangesNothing(t *testing.T) {
	d := entity(1, 0, nil)
	if got, want := text(t, fold(d, d, d)), text(t, fold(d)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheHigherKeepStands(t *testing.T) {
	keep := func(r roentgen.KeepReason, p float64) roentgen.Stored {
		return entity(1, 0, func(d *roentgen.Stored) {
			d.Keep = roentgen.Keep{Reason: r, Probability: p}
			d.Segment.User = fmt.Sprint(r, p)
		})
	}
	cases := []struct{ a, b, want roentgen.Keep }{
		{roentgen.Keep{Reason: roentgen.KeepHead, Probability: 1}, roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 0.1}, roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 0.1}},
		{roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1}, roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.5}, roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.5}},
		{roentgen.Keep{}, roentgen.Keep{Reason: roentgen.KeepForced}, roentgen.Keep{Reason: roentgen.KeepForced}},
	}
	for _, c := range cases {
		for _, s := range []roentgen.Summary{
			fold(keep(c.a.Reason, c.a.Probability), keep(c.b.Reason, c.b.Probability)).Summary(),
			fold(keep(c.b.Reason, c.b.Probability), keep(c.a.Reason, c.a.Probability)).Summary(),
		} {
			if s.Keep != c.want {
				t.Errorf("%+v and %+v: %+v, want %+v", c.a, c.b, s.Keep, c.want)
			}
		}
	}
}

func TestASegmentIsNoClientWhateverItSays(t *testing.T) {
	for origin, want := range map[string]string{"": "", "AWS::ECS::Container": "AWS::ECS::Container", roentgen.ClientType: ""} {
		s := roentgen.Segment{Name: "web", Origin: origin}
		if got := s.Service(); got.Type != want {
			t.Errorf("origin %q is type %q, want %q", origin, got.Type, want)
		}
	}
}
