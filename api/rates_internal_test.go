package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

func TestRatesOnTheWire(t *testing.T) {
	stats := graph.Stats{OK: 20}
	for _, c := range []struct {
		what any
		want string
	}{
		{traceKeepOf(roentgen.Keep{}), `null`},
		{traceKeepOf(roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.05}), `{"Reason":"head","Probability":0.05,"Weight":20}`},
		{traceKeepOf(roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}), `{"Reason":"trigger","Probability":1,"Weight":1}`},
		{seriesPointOf(query.Point{Stats: &stats, Kept: 20}, true).RoentgenRates, `null`},
		{seriesPointOf(query.Point{Stats: &stats, Kept: 2, Source: graph.SourceEstimated}, true).RoentgenRates, `{"Source":"estimated","Counted":0,"Kept":2}`},
		{seriesPointOf(query.Point{Stats: &stats, Kept: 2, Counted: 20, Source: graph.SourceCounted}, true).RoentgenRates, `{"Source":"counted","Counted":20,"Kept":2}`},
	} {
		if got, err := json.Marshal(c.what); err != nil || string(got) != c.want {
			t.Errorf("%s, want %s; %v", got, c.want, err)
		}
	}
}

func TestATraceOfTheListSaysForHowManyItStands(t *testing.T) {
	for keep, want := range map[roentgen.Keep]string{
		{}: `"annotations":0}`,
		{Reason: roentgen.KeepTrigger, Probability: 1}: `"annotations":0,"keep":"trigger"}`,
		{Reason: roentgen.KeepHead, Probability: 0.1}:  `"annotations":0,"keep":"head","weight":10}`,
	} {
		got, err := json.Marshal(traceRowOf(&roentgen.Rows{Summary: &roentgen.Summary{Keep: keep}}))
		if err != nil || !strings.HasSuffix(string(got), want) {
			t.Errorf("%s, want it to end in %s; %v", got, want, err)
		}
	}
}
