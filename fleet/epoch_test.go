package fleet

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestGapsAreTheNumbersThatDidNotCome(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		e, seen := &epoch{ID: 1}, map[uint64]bool{}
		highest := uint64(0)
		for range 40 {
			seq := uint64(1 + r.IntN(60))
			if fresh := e.arrive(seq); fresh == seen[seq] {
				t.Fatalf("seq %d: fresh %v, seen %v", seq, fresh, seen[seq])
			}
			seen[seq] = true
			highest = max(highest, seq)
			if want := highest - uint64(len(seen)); e.missing() != want {
				t.Fatalf("missing %d, want %d: %v", e.missing(), want, e.Gaps)
			}
		}
	}
}

func TestGapsAreBounded(t *testing.T) {
	e := &epoch{ID: 1}
	for i := range uint64(1000) {
		e.arrive(2 * (i + 1))
	}
	e.arrive(1 << 62)
	if len(e.Gaps) != maxGaps || e.missing() != 1<<62-1001 {
		t.Errorf("%d gaps, missing %d", len(e.Gaps), e.missing())
	}
}

func TestABatchOfLongAgoIsCountedTwiceAndSaidSo(t *testing.T) {
	e := &epoch{ID: 1}
	for i := range uint64(window + 1) {
		e.count(answered{Seq: i + 1, Totals: Totals{Batches: 1, Documents: 2, Stored: 2}})
	}
	if e.find(1) != nil || e.find(2) == nil || len(e.Window) != window {
		t.Fatalf("window of %d", len(e.Window))
	}
	e.count(answered{Seq: 1, Totals: Totals{Batches: 1, Documents: 2, Duplicate: 2}})
	want := Totals{Batches: window + 2, Documents: 2*window + 4, Stored: 2*window + 2, Duplicate: 2, Recounted: 2}
	if e.Totals != want || e.missing() != 0 {
		t.Errorf("%+v, want %+v", e.Totals, want)
	}
}

func TestFromIsTheBatchesBehind(t *testing.T) {
	e := &epoch{ID: 1}
	for _, seq := range []uint64{1, 2, 4, 3} {
		e.count(answered{Seq: seq, Totals: Totals{Batches: 1, Documents: int64(seq), Stored: int64(seq)}})
	}
	if got, want := e.from(3), (Totals{Batches: 2, Documents: 7, Stored: 7}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
