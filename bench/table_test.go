package bench

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMediansAreOfEachFigure(t *testing.T) {
	m := Medians([]Figures{{{"a", 3}, {"b", 10}}, {{"a", 1}, {"c", 5}}, {{"a", 2}, {"b", 20}}})
	text, err := json.Marshal(m)
	if err != nil || string(text) != `{"a":2,"b":20,"c":5}` {
		t.Errorf("%s, %v", text, err)
	}
	if text, _ := json.Marshal(Figures{{"rate", 123456.7}, {"small", 0.0123456}}); string(text) != `{"rate":123457,"small":0.01235}` {
		t.Errorf("%s", text)
	}
}

func TestTheTableSaysWhatIsMet(t *testing.T) {
	o := &Outcome{Door: Put, Figures: Figures{{keyCPU, 4.9}, {keyDisk, 40}, {keyRate, 123_456}, {"trace_by_id_p50_ms", 1}}}
	table := Table(2_000_000, []*Outcome{o})
	for _, want := range []string{"2 million spans", "VictoriaTraces", "Roentgen, put", "123,456", "≤ 5 ", "| 4.90 "} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	width := 0
	for line := range strings.Lines(table) {
		if n := len([]rune(line)); width == 0 {
			width = n
		} else if n != width {
			t.Errorf("a line of %d characters below one of %d", n, width)
		}
	}
	if missed := Missed(2_000_000, []*Outcome{o}); len(missed) != 1 || !strings.HasPrefix(missed[0], "disk") {
		t.Errorf("missed %q", missed)
	}
}

func TestGoalsGrowWithTheNumberOfSpans(t *testing.T) {
	goal := func(spans int64, key string) float64 {
		for _, r := range Rows(spans) {
			if r.Key == key {
				return r.Goal
			}
		}
		return -1
	}
	for _, c := range []struct {
		spans int64
		key   string
		want  float64
	}{
		{2e6, keyPeak, 200}, {10e6, keyPeak, 250}, {100e6, keyPeak, 1000}, {100e6, keyOpen, 2}, {2e6, keyOpen, -1},
		{10e6, "rare_annotation_p50_ms", 2}, {100e6, "rare_annotation_p50_ms", 6}, {100e6, "trace_by_id_p50_ms", 3}, {100e6, keyCPU, 5},
		{2e6, keyRate, 0},
	} {
		if got := goal(c.spans, c.key); got != c.want {
			t.Errorf("%s of %d spans: %v, want %v", c.key, c.spans, got, c.want)
		}
	}
}
