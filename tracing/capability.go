package tracing

import (
	"encoding/json"
	"sync/atomic"
)

// capabilityPath is asked on the TCP side of the daemon's address. The X-Ray
// daemon sends every path on to AWS, which has nothing there.
const capabilityPath = "/.well-known/roentgen-agent"

// capability is what the agent can do. The zero value is that of the X-Ray
// daemon, and of silence.
type capability struct {
	roentgen  bool
	undecided bool  // holds documents that the head did not sample, and may keep them
	triggers  flags // failures for which it keeps a trace
	rules     ruleSource
	together  int // documents that it takes in one datagram; 0: one, without a count
}

// ruleSource is where the rules for new traces come from.
type ruleSource uint8

const (
	rulesPolled ruleSource = iota // from GetSamplingRules
	rulesLocal                    // nobody has edited or added one: the configured rate stands
)

// agentState is the agent's last answer. The poller writes it; the sender
// takes it back when it finds nobody at the other end.
type agentState struct {
	known atomic.Pointer[capability]
	doubt chan struct{} // capacity 1: "ask again at once"
}

// answer is what the agent said last; it costs one load.
func (a *agentState) answer() capability {
	if c := a.known.Load(); c != nil {
		return *c
	}
	return capability{}
}

// lost forgets the answer: whoever listens next at the address may be another.
func (a *agentState) lost() {
	if c := a.known.Load(); c == nil || !a.known.CompareAndSwap(c, nil) {
		return
	}
	signal(a.doubt)
}

// parseCapability reads an answer. What is not Roentgen's answer is the X-Ray
// daemon's.
func parseCapability(status int, body []byte) (c capability) {
	var answer struct {
		Agent     string
		Undecided bool
		Triggers  []string
		Rules     string
		Together  int `json:"documents_per_datagram"`
	}
	if status != 200 || json.Unmarshal(body, &answer) != nil || answer.Agent != "roentgen" {
		return c
	}
	c.roentgen, c.undecided = true, answer.Undecided
	for _, t := range answer.Triggers {
		c.triggers |= triggerFlags(t)
	}
	if answer.Rules != "central" {
		c.rules = rulesLocal
	}
	c.together = max(0, answer.Together)
	return c
}

// triggerFlags returns the failures that a trigger is about; others (slow
// requests, filter expressions) cannot be told from here.
func triggerFlags(trigger string) flags {
	switch trigger {
	case "error":
		return flagError
	case "throttle":
		return flagThrottle
	case "fault":
		return flagFault
	}
	return 0
}

// traffic tells the poller that traces begin. All but the first in a while
// cost one load.
type traffic struct {
	seen atomic.Bool
	wake chan struct{} // capacity 1
}

func (t *traffic) note() {
	if t.seen.Load() || t.seen.Swap(true) {
		return
	}
	signal(t.wake)
}
