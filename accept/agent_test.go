package accept_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/wire"
)

func kept(reason roentgen.KeepReason, p float64, doc string) wire.BatchDocument {
	return wire.BatchDocument{Keep: roentgen.Keep{Reason: reason, Probability: p}, Document: []byte(doc)}
}

func TestWhyAnAgentKeptADocumentReachesTheStore(t *testing.T) {
	sampled := strings.Replace(document(now), `"name"`, `"aws":{"xray":{"sampling_probability":0.25}},"name"`, 1)
	n := new(next)
	a, _ := newAcceptor(n)
	_, rejections, err := a.AcceptBatch(context.Background(), []wire.BatchDocument{
		kept(roentgen.KeepTrigger, 1, document(now)),
		kept(roentgen.KeepUnknown, 0, "no JSON"),
		kept(roentgen.KeepTrigger, 1, sampled),
		kept(roentgen.KeepUnknown, 0, sampled),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []roentgen.Keep
	for _, d := range n.docs {
		got = append(got, d.Keep)
	}
	trigger, head := roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.25}
	if want := []roentgen.Keep{trigger, trigger, head}; !reflect.DeepEqual(got, want) {
		t.Errorf("the store got %v, want %v", got, want)
	}
	for i, r := range rejections {
		if (r != nil) != (i == 1) {
			t.Errorf("document %d: %v", i, r)
		}
	}
}

func TestABatchOfAnAgentLearnsTheOutcomes(t *testing.T) {
	n := &next{outcome: roentgen.RefusedTooOld}
	a, _ := newAcceptor(n)
	outcomes, rejections, err := a.AcceptBatch(context.Background(), []wire.BatchDocument{kept(1, 1, "{}"), kept(1, 1, document(now))})
	if err != nil || outcomes[1] != roentgen.RefusedTooOld || rejections[0] == nil || rejections[1] == nil {
		t.Fatalf("%v, %v, %v", outcomes, rejections, err)
	}
	n.outcome = roentgen.Duplicate
	outcomes, rejections, err = a.AcceptBatch(context.Background(), []wire.BatchDocument{kept(1, 1, document(now))})
	if err != nil || outcomes[0] != roentgen.Duplicate || rejections[0] != nil {
		t.Fatalf("%v, %v, %v", outcomes, rejections, err)
	}
	n.err = errors.New("disk full")
	if _, _, err = a.AcceptBatch(context.Background(), []wire.BatchDocument{kept(1, 1, document(now))}); !errors.Is(err, n.err) {
		t.Fatal(err)
	}
	doors, waiting := a.Sums()
	want := accept.Sum{
		Door: "agent", Received: 4,
		Settled:  map[string]int64{"duplicate": 1, "refused_too_old": 1, "rejected": 1, "lost": 1},
		Rejected: map[string]int64{"MissingId": 1}, Lost: map[string]int64{"store_failed": 1},
	}
	if len(doors) != 1 || waiting != 0 || !reflect.DeepEqual(doors[0], want) {
		t.Errorf("sums %+v, waiting %d, want %+v", doors, waiting, want)
	}
}
