package tail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func TestParseTriggers(t *testing.T) {
	ts, err := ParseTriggers([]byte(`
version: 1
triggers:
  - name: error
    when: error
  - {name: slow, when: slower than 1m30s, quota: 120/m, burst: 7}
  - name: upi
    when: 'filter: service("payments") AND annotation.method = "upi"'
    quota: 0.5/s
capture: [old-sdk, "Python services"]
otlp_rate: 0.1
told: {quota: 3600/h}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tr := range ts.Triggers {
		got = append(got, fmt.Sprintf("%s|%s|%g|%g", tr.Name, tr.When, tr.Quota, tr.Burst))
	}
	want := `error|error|1000|1000 slow|slower than 1m30s|2|7 upi|filter: service("payments") AND annotation.method = "upi"|0.5|1`
	if strings.Join(got, " ") != want {
		t.Errorf("got %s", strings.Join(got, " "))
	}
	if fmt.Sprint(ts.Capture, ts.OTLPRate, ts.ToldQuota, ts.ToldBurst) != "[old-sdk Python services] 0.1 1 1" {
		t.Error(ts.Capture, ts.OTLPRate, ts.ToldQuota, ts.ToldBurst)
	}
}

func TestTriggersFileThatSaysLittle(t *testing.T) {
	ts, err := ParseTriggers([]byte("version: 1"))
	if err != nil || len(ts.Triggers) != 3 || ts.OTLPRate != 1 || ts.ToldQuota != DefaultQuota {
		t.Errorf("%+v, %v", ts, err)
	}
	ts, err = ParseTriggers([]byte("version: 1\ntriggers: []"))
	if err != nil || len(ts.Triggers) != 0 {
		t.Errorf("%+v, %v", ts, err)
	}
}

// Errors name the line, the key and what is legal.
func TestWrongTriggersFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":              {"", "line 1: the file is empty"},
		"no YAML":              {"a: [", "no YAML"},
		"a list":               {"- 1", "line 1: the file must be keys with values: capture, otlp_rate, told, triggers, version"},
		"no version":           {"triggers: []", "line 1: version is missing"},
		"a later version":      {"\nversion: 2", `line 2: version is "2": this program knows version 1`},
		"an unknown key":       {"version: 1\ntrigers: []", `line 2: the file has no key "trigers": there are capture, otlp_rate, told, triggers, version`},
		"a key twice":          {"version: 1\nversion: 1", "line 2: version stands there twice"},
		"a trigger's key":      {"version: 1\ntriggers:\n- nam: x", `line 3: a trigger has no key "nam": there are burst, name, quota, when`},
		"no name":              {"version: 1\ntriggers:\n- when: error", "line 3: name is missing"},
		"no when":              {"version: 1\ntriggers:\n- name: x", "line 3: when is missing"},
		"a wrong when":         {"version: 1\ntriggers:\n- name: x\n  when: erorr", `line 4: when is wrong: "erorr" is no condition: write "error", "fault"`},
		"a wrong duration":     {"version: 1\ntriggers:\n- name: x\n  when: slower than 2", `line 4: when is wrong: slower than "2": write a duration`},
		"a wrong expression":   {"version: 1\ntriggers:\n- name: x\n  when: 'filter: fualt'", `line 4: when is wrong: filter expression`},
		"an empty expression":  {"version: 1\ntriggers:\n- name: x\n  when: 'filter: '", "a group needs a condition"},
		"a group":              {"version: 1\ntriggers:\n- name: x\n  when: 'filter: group.name = \"a\"'", "line 4: when is wrong: filter expression"},
		"a wrong quota":        {"version: 1\ntriggers:\n- {name: x, when: error, quota: 5}", `line 3: quota is "5": write traces per second, minute or hour`},
		"a quota below zero":   {"version: 1\ntriggers:\n- {name: x, when: error, quota: -1/s}", "line 3: quota"},
		"a wrong burst":        {"version: 1\ntriggers:\n- {name: x, when: error, burst: 0}", `line 3: burst is "0": write a number from 1 to`},
		"a name twice":         {"version: 1\ntriggers:\n- {name: x, when: error}\n- {name: x, when: fault}", `line 4: name "x" is given twice`},
		"a name of the tail's": {"version: 1\ntriggers:\n- {name: head, when: error}", "reason of the tail's own"},
		"a name with spaces":   {"version: 1\ntriggers:\n- {name: a b, when: error}", "write up to 40 letters"},
		"a rate above one":     {"version: 1\notlp_rate: 1.5", "line 2: otlp_rate"},
		"a rate that is none":  {"version: 1\notlp_rate: .nan", "line 2: otlp_rate"},
		"a wrong capture":      {"version: 1\ncapture: all", "line 2: capture must be a list"},
		"two documents":        {"version: 1\n---\nversion: 1", "more than one document"},
		"an alias":             {"version: 1\ncapture: &a [x]\ntold: *a", "line 3: told is an alias"},
	} {
		_, err := ParseTriggers([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) || roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%s: %v (%s); want %q", name, err, roentgen.KindOf(err), c.says)
		}
	}
}

func TestLoadTriggersNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "triggers.yaml")
	if _, err := LoadTriggers(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("version: 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTriggers(path); err == nil || !strings.Contains(err.Error(), path+": line 1: version") {
		t.Error(err)
	}
}

func mustTrigger(t *testing.T, name, when string) Trigger {
	t.Helper()
	tr, err := NewTrigger(name, when, 1000, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// rowsOf is what package graph would make of one segment, as far as these tests look.
func rowsOf(seg *roentgen.Segment) *roentgen.Rows {
	node := &roentgen.NodeRow{ServiceID: roentgen.ServiceID{Name: seg.Name}, Root: true}
	return &roentgen.Rows{Summary: &roentgen.Summary{}, Nodes: []roentgen.NodeRow{*node},
		Segments: []roentgen.SegmentRow{{Node: node, Start: seg.Start, End: seg.End}}}
}

func TestTheFirstTriggerThatMatchesNamesTheReason(t *testing.T) {
	ts := Triggers{Triggers: []Trigger{
		mustTrigger(t, "throttled", "throttle"), mustTrigger(t, "slow", "slower than 2s"), mustTrigger(t, "bad", "fault"),
		mustTrigger(t, "wrong", "error"), mustTrigger(t, "special", `filter: service("special")`),
	}}
	rows := 0
	for name, c := range map[string]struct {
		seg  *roentgen.Segment
		want string
		rows int
	}{
		"nothing wrong":         {segment(1, ""), "", 1},
		"an error":              {segment(1, "error"), "wrong", 0},
		"a fault deep inside":   {segment(1, "fault"), "bad", 0},
		"a throttle":            {segment(1, "throttle"), "throttled", 0},
		"three seconds":         {segment(1, "slow"), "slow", 0},
		"429 is throttle first": {&roentgen.Segment{HTTP: &roentgen.HTTP{Status: 429}}, "throttled", 0},
		"404":                   {&roentgen.Segment{HTTP: &roentgen.HTTP{Status: 404}}, "wrong", 0},
		"two seconds sharp":     {&roentgen.Segment{Name: "x", Start: 1e18, End: 1e18 + 2e9}, "", 1},
		"slow, not ended":       {&roentgen.Segment{Name: "x", Start: 1e18, End: 1e18 + 3e9, InProgress: true}, "", 1},
		"by its name":           {&roentgen.Segment{Name: "special"}, "special", 1},
	} {
		rows = 0
		got, ok := ts.First(c.seg, func() *roentgen.Rows { rows++; return rowsOf(c.seg) })
		if got != c.want || ok != (c.want != "") || rows != c.rows {
			t.Errorf("%s: %q, %v, rows asked for %d times; want %q, %d", name, got, ok, rows, c.want, c.rows)
		}
	}
	if got, ok := ts.First(&roentgen.Segment{Name: "special"}, nil); ok {
		t.Errorf("without rows an expression matched: %q", got)
	}
}

// A storm of one trigger uses its own quota alone.
func TestAStormOfOneTriggerDoesNotStarveAnother(t *testing.T) {
	clock := newClock()
	ts := Triggers{Triggers: []Trigger{mustTrigger(t, "storm", "error"), mustTrigger(t, "rare", "throttle")}, ToldQuota: 5, ToldBurst: 5}
	ts.Triggers[0].Quota, ts.Triggers[0].Burst = 100, 200
	ts.Triggers[1].Quota, ts.Triggers[1].Burst = 1, 2
	tl := mustOpen(t, Options{RingBytes: 8 << 20, Now: clock.now, Triggers: ts})
	defer tl.Close()
	verdicts := map[string]int{}
	offer := func(trace int, how string, mark Mark) {
		v := tl.Offer(segment(trace, how), document(trace, trace), mark, 0, func([]byte, roentgen.Keep) {})
		verdicts[fmt.Sprintf("%s %s %d", how, mark, v)]++
	}
	for second := range 10 { // 1,000 failing traces and one throttled one a second
		for n := range 1000 {
			offer(second*1000+n, "error", MarkUndecided)
		}
		offer(20_000+second, "throttle", MarkUndecided)
		for n := range 10 {
			offer(30_000+second*10+n, "", MarkKept)
		}
		clock.at = clock.at.Add(time.Second)
	}
	// The burst, and then a second's worth for each of nine seconds.
	if got := fmt.Sprint(verdicts["error undecided 0"], verdicts["throttle undecided 0"], verdicts[" kept 0"]); got != "1100 10 50" {
		t.Errorf("kept of storm, of rare and told: %s", got)
	}
	for i, want := range []string{"storm 10000 1100 8900", "rare 10 10 0", "told 100 50 50"} {
		s := tl.Stats().Triggers[i]
		if got := fmt.Sprintf("%s %d %d %d", s.Name, s.Matched, s.Kept, s.OverQuota); got != want {
			t.Errorf("counted %s, want %s", got, want)
		}
	}
	offer(5, "error", MarkUndecided) // a kept trace needs no quota
	if s := tl.Stats().Triggers[0]; s.Matched != 10_000 {
		t.Errorf("a remembered trace was counted again: %+v", s)
	}
}

// A trace over quota waits, and a later document of it that finds quota takes all of it along.
func TestOverQuotaIsNotTheEnd(t *testing.T) {
	clock := newClock()
	ts := Triggers{Triggers: []Trigger{mustTrigger(t, "error", "error")}, ToldQuota: 1}
	ts.Triggers[0].Quota, ts.Triggers[0].Burst = 1, 1
	tl := mustOpen(t, Options{RingBytes: 1 << 20, Now: clock.now, Triggers: ts})
	defer tl.Close()
	left := 0
	leave := func([]byte, roentgen.Keep) { left++ }
	tl.Offer(segment(1, "error"), document(1, 1), MarkUndecided, 0, leave)
	if v := tl.Offer(segment(2, "error"), document(2, 2), MarkUndecided, 0, leave); v != Held || left != 1 {
		t.Fatalf("over quota: verdict %d, %d left", v, left)
	}
	clock.at = clock.at.Add(time.Second)
	if v := tl.Offer(segment(2, "error"), document(2, 3), MarkUndecided, 0, leave); v != Forwarded || left != 3 {
		t.Fatalf("a second later: verdict %d, %d left", v, left)
	}
}

func TestSetTriggersKeepsCountersByName(t *testing.T) {
	tl := mustOpen(t, Options{RingBytes: 1 << 20, Now: newClock().now, Triggers: DefaultTriggers()})
	defer tl.Close()
	leave := func([]byte, roentgen.Keep) {}
	tl.Offer(segment(1, "error"), document(1, 1), MarkUndecided, 0, leave)
	tl.Offer(segment(2, "error"), document(2, 2), MarkSampled, 0.1, leave)
	tl.SetTriggers(Triggers{Triggers: []Trigger{{Name: "slow", When: "slower than 1s", Quota: 1, Burst: 1}, mustTrigger(t, "error", "error"),
		{Name: "broken", When: "gibberish"}}})
	s := tl.Stats().Triggers
	if len(s) != 4 || s[1].Kept != 1 || s[1].SampledToo != 1 || s[0].Kept != 0 || s[3].Name != ToldTrigger {
		t.Errorf("%+v", s)
	}
	if v := tl.Offer(segment(3, "slow"), document(3, 3), MarkUndecided, 0, leave); v != Forwarded {
		t.Error("a trigger that was written by hand does not match")
	}
	if v := tl.Offer(segment(4, "fault"), document(4, 4), MarkUndecided, 0, leave); v != Held {
		t.Error("a trigger that is gone matches")
	}
}

// A trigger with a quota of 0 is tried before it costs anything.
func TestATriggerWithoutQuotaOnlyCounts(t *testing.T) {
	ts, err := ParseTriggers([]byte("version: 1\ntriggers:\n  - {name: dry, when: error, quota: 0/s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	tl := mustOpen(t, Options{RingBytes: 8 << 20, Now: newClock().now, Triggers: ts})
	defer tl.Close()
	for n := range 5 {
		tl.Offer(segment(n, "error"), document(n, n), MarkUndecided, 0, func([]byte, roentgen.Keep) {})
	}
	if s := tl.Stats().Triggers[0]; fmt.Sprintf("%s %d %d %d", s.Name, s.Matched, s.Kept, s.OverQuota) != "dry 5 0 5" {
		t.Errorf("%+v", s)
	}
}
