package agent

import (
	"fmt"

	"github.com/roentgen/roentgen/agent/upstream"
)

// Describe says in some lines where what waits is, and what survives what.
func (a *Agent) Describe() []string {
	lines := []string{a.tail.Describe(), a.spool.Describe()}
	if a.cfg.UDP != nil {
		lines = append(lines, fmt.Sprintf("receive buffer of %d bytes for segments over UDP (%d were asked for)", a.bufferBytes, a.cfg.BufferBytes))
	}
	if a.cfg.Redact != nil {
		lines = append(lines, "personal data is taken out of documents before anything else is done with them")
	}
	return lines
}

// TelemetryCounts are the counts that the official daemon reports to AWS.
func (a *Agent) TelemetryCounts() upstream.Counts {
	b, _, _ := a.readBooks()
	return upstream.Counts{
		Received:  total(b.Received),
		Sent:      b.Stored + b.Replaced + b.Duplicate,
		Spillover: total(b.Lost),
		Rejected:  b.Refused + total(b.Rejected),
		Errors:    a.forwarder.Stats().Errors,
	}
}

func total(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}
