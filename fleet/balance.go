package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Balance is whether the books of an agent and of the server agree.
type Balance struct {
	OK bool
	// Explain names each sum that does not hold and by how much; where all hold
	// it says what was compared, and what stands beside the sums.
	Explain string
}

// Balance checks three sums: that what the server counted of the agent has
// outcomes, that what the agent received has ended or waits, and that the two
// agree on what the agent was answered.
//
// The third compares the statement with what the server had counted of the
// batches before the one that brought it. An answer may have been on its way at
// that moment, so the server may be ahead: by no more than what then waited in
// the agent. It can never be behind.
func (v *AgentView) Balance() Balance {
	var wrong, beside []string
	if d := v.Totals.Documents - v.Totals.Settled(); d != 0 {
		wrong = append(wrong, fmt.Sprintf("server: of %d documents in batches, %d have no outcome", v.Totals.Documents, d))
	}
	switch s, err := ParseStatement(v.Statement); {
	case v.Statement == nil:
		beside = append(beside, "the agent has not said yet what it counted: the server's sum alone was checked")
	case err != nil:
		wrong = append(wrong, err.Error())
	default:
		wrong = append(wrong, s.wrong()...)
		ahead, note := v.compare(&s)
		wrong, beside = append(wrong, ahead...), append(beside, note...)
		beside = append(beside, s.beside()...)
	}
	beside = append(beside, v.beside()...)
	if len(wrong) > 0 {
		return Balance{false, strings.Join(append(wrong, beside...), "; ")}
	}
	return Balance{true, strings.Join(append([]string{"balanced"}, beside...), "; ")}
}

// wrong names what does not add up within the agent.
func (s *Statement) wrong() []string {
	var out []string
	if d := s.Unexplained(); d != 0 {
		out = append(out, fmt.Sprintf("agent: received %d, ended %d, waiting %d: %+d without a name",
			Total(s.Received), s.Ended(), Total(s.Waiting), d))
	}
	for _, c := range []struct {
		name string
		n    int64
	}{
		{"stored", s.Stored}, {"replaced", s.Replaced}, {"duplicate", s.Duplicate}, {"refused", s.Refused},
		{"waiting", Total(s.Waiting)}, {"lost", Total(s.Lost)}, {"dropped", Total(s.Dropped)}, {"rejected", Total(s.Rejected)},
	} {
		if c.n < 0 {
			out = append(out, fmt.Sprintf("agent: %s is %d, below 0", c.name, c.n))
		}
	}
	return out
}

// beside is what an operator wants to know of an agent whose sums hold.
func (s *Statement) beside() []string {
	var out []string
	for _, cause := range slices.Sorted(maps.Keys(s.Lost)) {
		if n := s.Lost[cause]; n != 0 {
			out = append(out, fmt.Sprintf("lost, %s: %d", cause, n))
		}
	}
	if s.KernelDrops > 0 {
		out = append(out, fmt.Sprintf("before the agent: %d datagrams dropped by the kernel", s.KernelDrops))
	}
	return out
}

// compare holds what the agent booked against what the server had counted.
// Rejected ones are the agent's own as well, and those of batches that were
// refused whole: of them the server may know fewer.
func (v *AgentView) compare(s *Statement) (wrong, beside []string) {
	if v.startedLate {
		return nil, []string{"the first batches of the agent went elsewhere, or this server's book began later: what was stored cannot be compared"}
	}
	var ahead, before int64 // documents, that the server counted alone, and that a restored one does not know of
	for _, o := range []struct {
		name          string
		agent, server int64
	}{
		{"stored", s.Stored, v.Before.Stored}, {"replaced", s.Replaced, v.Before.Replaced},
		{"duplicate", s.Duplicate, v.Before.Duplicate}, {"refused", s.Refused, v.Before.Refused},
	} {
		switch {
		case o.agent > o.server && !v.Copied.IsZero():
			before += o.agent - o.server
		case o.agent > o.server:
			wrong = append(wrong, fmt.Sprintf("agent booked %d %s, the server had counted %d", o.agent, o.name, o.server))
		}
		ahead += max(0, o.server-o.agent)
	}
	if before > 0 {
		beside = append(beside, fmt.Sprintf("this server was restored from a backup of %s: at least %d documents that the agent had sent before the restore are not in it",
			v.Copied.Format("2006-01-02 15:04:05 MST"), before))
	}
	ahead += max(0, v.Before.Rejected-Total(s.Rejected)) - v.Before.Recounted
	most := s.Waiting["spool"] + s.Waiting["queue"]
	if ahead > most+Total(s.Lost) {
		wrong = append(wrong, fmt.Sprintf("the server had counted %d documents more than the agent booked, and only %d waited there", ahead, most))
	} else if ahead > most {
		beside = append(beside, fmt.Sprintf("at least %d documents that the agent holds for lost did arrive", ahead-most))
	}
	return wrong, beside
}

// beside is what the server knows besides.
func (v *AgentView) beside() []string {
	var out []string
	if v.Totals.Recounted > 0 {
		out = append(out, fmt.Sprintf("%d documents came again so late that they were counted twice", v.Totals.Recounted))
	}
	switch v.Missing {
	case 0:
	case 1:
		out = append(out, "1 batch has not come: on its way, refused whole, or gone with the agent's disk")
	default:
		out = append(out, fmt.Sprintf("%d batches have not come: on their way, refused whole, or gone with the agent's disk", v.Missing))
	}
	if v.Silent > silence {
		out = append(out, fmt.Sprintf("silent for %s", v.Silent.Round(time.Second)))
	}
	return out
}

// silence is from when on it is worth a word: an agent sends something each
// minute, be it that nothing happened.
const silence = 2 * time.Minute
