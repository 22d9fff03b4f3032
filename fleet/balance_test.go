package fleet

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// soundStatement is of an agent that booked 60 documents of which the server
// had counted 65, with 5 on the way.
func soundStatement() Statement {
	return Statement{
		Epoch: 1, Received: map[string]int64{"udp": 80, "otlp": 41},
		Stored: 50, Replaced: 4, Duplicate: 3, Refused: 2, Rejected: map[string]int64{"InvalidSegment": 1},
		Dropped: map[string]int64{"unsampled": 40}, Lost: map[string]int64{"killed": 1},
		Waiting: map[string]int64{"ring": 14, "spool": 5, "queue": 1}, KernelDrops: 3,
	}
}

func viewOf(t *testing.T, s Statement, before Totals) AgentView {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	before.Documents = before.Settled()
	return AgentView{Totals: before, Before: before, Statement: text}
}

func TestASumThatDoesNotHoldIsNamed(t *testing.T) {
	counted := Totals{Stored: 54, Replaced: 4, Duplicate: 4, Refused: 2, Rejected: 1}
	for _, c := range []struct {
		title  string
		change func(*Statement, *AgentView)
		want   string // "": balanced
	}{
		{"all holds", func(*Statement, *AgentView) {}, ""},
		{"a document without a name", func(s *Statement, _ *AgentView) { s.Received["udp"]++ }, "agent: received 122, ended 101, waiting 20: +1 without a name"},
		{"one too many", func(s *Statement, _ *AgentView) { s.Lost["killed"]++ }, "-1 without a name"},
		{"below zero", func(s *Statement, _ *AgentView) { s.Waiting["ring"] -= 40; s.Dropped["unsampled"] += 40 }, "waiting is -20, below 0"},
		{"the agent booked what nobody counted", func(s *Statement, _ *AgentView) { s.Stored += 9; s.Received["udp"] += 9 }, "agent booked 59 stored, the server had counted 54"},
		{"the same as another outcome", func(_ *Statement, v *AgentView) { v.Before.Refused--; v.Before.Stored++ }, "agent booked 2 refused, the server had counted 1"},
		{"the server counted more than ever came", func(_ *Statement, v *AgentView) { v.Before.Stored += 3 }, "counted 8 documents more than the agent booked, and only 6 waited there"},
		{"what was held for lost did arrive", func(_ *Statement, v *AgentView) { v.Before.Stored += 2 }, ""},
		{"counted twice, and known", func(_ *Statement, v *AgentView) { v.Before.Stored += 3; v.Before.Recounted = 2 }, ""},
		{"a document of the server without an outcome", func(_ *Statement, v *AgentView) { v.Totals.Documents++ }, "server: of 66 documents in batches, 1 have no outcome"},
		{"a book that began later", func(s *Statement, v *AgentView) { s.Stored += 9; s.Received["udp"] += 9; v.startedLate = true }, ""},
		{"no statement", func(_ *Statement, v *AgentView) { v.Statement = nil }, ""},
	} {
		s := soundStatement()
		v := viewOf(t, s, counted)
		c.change(&s, &v)
		if v.Statement != nil {
			v.Statement = viewOf(t, s, counted).Statement
		}
		b := v.Balance()
		if b.OK != (c.want == "") || !strings.Contains(b.Explain, c.want) {
			t.Errorf("%s: %+v, want %q", c.title, b, c.want)
		}
	}
}

func TestWhatStandsBesideTheSumsIsSaid(t *testing.T) {
	v := viewOf(t, soundStatement(), Totals{Stored: 54, Replaced: 4, Duplicate: 4, Refused: 2, Rejected: 1})
	v.Missing, v.Silent = 2, 2*silence
	want := "balanced; lost, killed: 1; before the agent: 3 datagrams dropped by the kernel; 2 batches have not come: on their way, refused whole, or gone with the agent's disk; silent for 4m0s"
	if b := v.Balance(); !b.OK || b.Explain != want {
		t.Errorf("%+v, want %q", b, want)
	}
}

// TestAStatementIsHeldAgainstTheBatchesBeforeIt has two batches on the way: the
// second, without a statement, is counted before the first, which brings one.
func TestAStatementIsHeldAgainstTheBatchesBeforeIt(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	say := func(booked, waiting int64) []byte {
		text, err := json.Marshal(Statement{Epoch: 1, Received: map[string]int64{"udp": booked + waiting}, Stored: booked, Waiting: map[string]int64{"spool": waiting}})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	mustCommit(t, f, 1, 1, 1, 10, nil, say(0, 10))
	mustCommit(t, f, 1, 1, 3, 100, nil, nil)
	mustCommit(t, f, 1, 1, 2, 5, nil, say(10, 5)) // made when batch 3 was not there yet
	v := theAgent(t, f, 1)
	if b := v.Balance(); !b.OK || v.Before.Stored != 10 || v.Totals.Stored != 115 {
		t.Errorf("%+v: %+v", b, v)
	}
	mustCommit(t, f, 1, 1, 4, 1, nil, say(14, 101))
	v = theAgent(t, f, 1)
	if b := v.Balance(); !b.OK {
		t.Errorf("an answer may be on its way: %+v", b)
	}
	mustCommit(t, f, 1, 1, 5, 1, nil, say(116, 0))
	v = theAgent(t, f, 1)
	if b := v.Balance(); !b.OK {
		t.Errorf("%+v", b)
	}
	mustCommit(t, f, 1, 1, 6, 1, nil, say(118, 1))
	v = theAgent(t, f, 1)
	if b := v.Balance(); b.OK || !strings.Contains(b.Explain, "booked 118 stored, the server had counted 117") {
		t.Errorf("%+v", b)
	}
}
