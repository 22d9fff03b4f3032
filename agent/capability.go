package agent

import (
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/tail"
)

// Capability is what an SDK is told about the agent. docs/protocol/agent.md
// describes it.
type Capability struct {
	Agent          string `json:"agent"` // "roentgen"
	Version        string `json:"version"`
	Undecided      bool   `json:"undecided"`       // documents of requests that were not sampled may be sent
	HorizonSeconds int    `json:"horizon_seconds"` // how long they wait for a decision
	// Triggers are error, fault and throttle for those that look for these, and
	// the names of others, in order.
	Triggers []string `json:"triggers"`
	Rules    string   `json:"rules"` // central, default or none
	// DocumentsPerDatagram is how many documents the agent takes in one.
	DocumentsPerDatagram int `json:"documents_per_datagram"`
}

func (a *Agent) capability(w http.ResponseWriter, _ *http.Request) {
	stats := a.tail.Stats()
	c := Capability{
		Agent: "roentgen", Version: a.cfg.Version, Undecided: true,
		HorizonSeconds: int(promised(stats.Ring.Horizon).Seconds()), Triggers: []string{},
		DocumentsPerDatagram: documentsPerDatagram,
	}
	for _, t := range a.triggers.Load().Triggers {
		c.Triggers = append(c.Triggers, told(t))
	}
	_, c.Rules = a.rules.held()
	w.Header().Set("Cache-Control", "no-store")
	answer(w, c)
}

// told is what an SDK is told of a trigger: failures it knows by their words.
func told(t tail.Trigger) string {
	switch when := strings.TrimSpace(t.When); when {
	case "error", "fault", "throttle":
		return when
	}
	return t.Name
}

// noticeTime is what word from another host may take: it waits for a batch of
// that agent, and for a poll of this one, and longer where a server begins anew or everything fails at once.
const noticeTime = 3 * time.Second

// promised is for how long a document surely waits for a decision, one of
// another host too: what the ring holds, less the time that word takes.
func promised(horizon time.Duration) time.Duration { return max(0, horizon-noticeTime) }
