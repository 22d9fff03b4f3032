package agent

import (
	"encoding/json"
	"time"

	"github.com/prometheus/procfs"

	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/tail"
)

// Statement is an agent's account of itself, which travels with its batches.
// docs/protocol/agent.md describes every member.
type Statement struct {
	Agent   string  `json:"agent"`
	Host    string  `json:"host"`
	Version string  `json:"version"`
	Epoch   uint64  `json:"epoch"`
	Started float64 `json:"started"`
	At      float64 `json:"at"`
	ledger.Books
	KernelDrops  int64              `json:"kernel_drops"`
	Missed       int64              `json:"missed_documents"`
	BufferBytes  int                `json:"buffer_bytes"`
	BufferWanted int                `json:"buffer_wanted_bytes"`
	Redacted     map[string]int64   `json:"redacted"`
	Ring         RingStatement      `json:"ring"`
	Spool        SpoolStatement     `json:"spool"`
	Triggers     []TriggerStatement `json:"triggers"`
	Capture      []string           `json:"capture"`
	Rules        string             `json:"rules"`
	Notices      NoticesStatement   `json:"notices"`
	Upstream     UpstreamStatement  `json:"upstream"`
	Pressure     float64            `json:"pressure"`
	MemoryBytes  int64              `json:"memory_bytes"`
	CPUSeconds   float64            `json:"cpu_seconds"`
}

// RingStatement is what waits undecided.
type RingStatement struct {
	Bytes          int64   `json:"bytes"`
	Capacity       int64   `json:"capacity"`
	Documents      int64   `json:"documents"`
	HorizonSeconds float64 `json:"horizon_seconds"`
	InMemory       bool    `json:"in_memory"`
	Why            string  `json:"why,omitempty"`
}

// SpoolStatement is what waits to be sent.
type SpoolStatement struct {
	Bytes    int64   `json:"bytes"`
	Capacity int64   `json:"capacity"`
	Oldest   float64 `json:"oldest,omitempty"`
	Full     bool    `json:"full"`
	InMemory bool    `json:"in_memory"`
	Trouble  string  `json:"trouble,omitempty"`
}

// TriggerStatement is one trigger's counts.
type TriggerStatement struct {
	Name       string  `json:"name"`
	When       string  `json:"when"`
	Quota      float64 `json:"quota"`
	Matched    int64   `json:"matched"`
	Kept       int64   `json:"kept"`
	OverQuota  int64   `json:"over_quota"`
	SampledToo int64   `json:"sampled_too"`
}

// NoticesStatement is the word of kept traces in both directions.
type NoticesStatement struct {
	Sent     int64  `json:"sent"`
	Received int64  `json:"received"`
	Waiting  int64  `json:"waiting"`
	Dropped  int64  `json:"dropped"`
	Gaps     int64  `json:"gaps"`
	Trouble  string `json:"trouble,omitempty"`
}

// UpstreamStatement is how sending goes.
type UpstreamStatement struct {
	Kind        string           `json:"kind"`
	URL         string           `json:"url"`
	LastSuccess float64          `json:"last_success,omitempty"`
	LastError   string           `json:"last_error,omitempty"`
	Batches     int64            `json:"batches"`
	Documents   int64            `json:"documents"`
	Bytes       int64            `json:"bytes"`
	Retries     int64            `json:"retries"`
	Errors      map[string]int64 `json:"errors"`
}

// tries bounds how often the sum is made again because a batch was settled in
// its midst.
const tries = 5

// books sums the books of one moment.
func (a *Agent) readBooks() (b ledger.Books, t tail.Stats, s spool.Stats) {
	for range tries {
		a.desk.mu.Lock()
		t, s = a.tail.Stats(), a.spool.Stats()
		b = a.books.ledger.Read(a.waiting(t, s), others(t))
		a.desk.mu.Unlock()
		if b.Difference == 0 {
			break
		}
	}
	return b, t, s
}

func (a *Agent) waiting(t tail.Stats, s spool.Stats) ledger.Waiting {
	return ledger.Waiting{Ring: t.Ring.Documents, Spool: s.Documents, Queue: a.queue.waiting()}
}

// others is what the tail counts itself.
func others(t tail.Stats) map[ledger.Key]int64 {
	return map[ledger.Key]int64{
		{Kind: ledger.Dropped, Label: policyUnsampled}: t.Overwritten,
		{Kind: ledger.Dropped, Label: policyShed}:      t.Shed,
		{Kind: ledger.Lost, Label: causeRing}:          t.Damaged,
	}
}

// Statement returns the account of this moment.
func (a *Agent) Statement() Statement {
	b, t, s := a.readBooks()
	_, kind := a.rules.held()
	st := Statement{
		Agent: a.books.ledger.Agent(), Host: a.cfg.Host, Version: a.cfg.Version, Epoch: s.Epoch,
		Started: seconds(a.started), At: seconds(a.cfg.Now()), Books: b,
		KernelDrops: b.Aside["kernel_drops"], Missed: b.Aside[missedDocuments], BufferBytes: a.bufferBytes, BufferWanted: a.cfg.BufferBytes,
		Redacted: map[string]int64{}, Capture: append([]string{}, a.triggers.Load().Capture...), Rules: kind, Pressure: a.pressure.level(),
		Ring:     RingStatement{t.Ring.Bytes, t.Ring.Capacity, t.Ring.Documents, promised(t.Ring.Horizon).Seconds(), t.Ring.InMemory, t.Ring.Why},
		Spool:    SpoolStatement{s.Bytes, s.Capacity, seconds(s.Oldest), s.Full, s.InMemory, s.Trouble},
		Notices:  NoticesStatement{t.NoticesSent, t.NoticesIn, t.Unsent, t.NoticesDropped, int64(a.gaps.Load()), a.noticeTrouble.Load()},
		Upstream: a.upstreamStatement(),
	}
	for _, kind := range redactedKinds {
		st.Redacted[kind] = b.Aside["redacted_"+kind]
	}
	for _, g := range t.Triggers {
		st.Triggers = append(st.Triggers, TriggerStatement(g))
	}
	st.MemoryBytes, st.CPUSeconds = used()
	return st
}

func (a *Agent) upstreamStatement() UpstreamStatement {
	f := a.forwarder.Stats()
	u := UpstreamStatement{
		Kind: a.cfg.Kind, URL: a.cfg.URL, LastSuccess: seconds(f.LastSuccess), LastError: f.LastError,
		Batches: f.Batches, Documents: f.Documents, Bytes: f.Bytes, Retries: f.Retries, Errors: map[string]int64{},
	}
	for category, n := range f.Errors {
		u.Errors[categoryName(category)] = n
	}
	return u
}

// statement is the account as it travels.
func (a *Agent) statement() []byte {
	text, err := json.Marshal(a.Statement())
	if err != nil {
		a.cfg.Logger.Error("write the statement", "error", err)
		return nil
	}
	return text
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}

// used is what the process takes: resident memory and processor time; nothing
// where there is no /proc.
func used() (memory int64, cpu float64) {
	if self, err := procfs.Self(); err == nil {
		if stat, err := self.Stat(); err == nil {
			return int64(stat.ResidentMemory()), stat.CPUTime()
		}
	}
	return 0, 0
}
