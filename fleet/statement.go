package fleet

import (
	"encoding/json"

	"github.com/roentgen/roentgen"
)

// Statement is what an agent says of itself, as far as sums are made of it; the
// whole is drawn in docs/protocol/agent.md. It counts documents since the state
// of the agent was new.
type Statement struct {
	Epoch      uint64           `json:"epoch"`
	Received   map[string]int64 `json:"received"` // by door
	Stored     int64            `json:"stored"`
	Replaced   int64            `json:"replaced"`
	Duplicate  int64            `json:"duplicate"`
	Refused    int64            `json:"refused"`
	Rejected   map[string]int64 `json:"rejected"` // by code
	Dropped    map[string]int64 `json:"dropped"`  // by policy
	Lost       map[string]int64 `json:"lost"`     // by cause
	Waiting    map[string]int64 `json:"waiting"`  // ring, spool, queue
	Difference int64            `json:"difference"`
	// KernelDrops are datagrams that never reached the agent: they stand beside
	// the sum.
	KernelDrops int64 `json:"kernel_drops"`
}

// ParseStatement reads a statement; the error is of kind Invalid.
func ParseStatement(text []byte) (Statement, error) {
	var s Statement
	if err := json.Unmarshal(text, &s); err != nil {
		return Statement{}, roentgen.Invalidf("read the statement of an agent: %w", err)
	}
	return s, nil
}

// Total adds up what is counted under several names.
func Total(counts map[string]int64) int64 {
	n := int64(0)
	for _, c := range counts {
		n += c
	}
	return n
}

// Ended is every document that has left the agent, by whatever way.
func (s *Statement) Ended() int64 {
	return s.Stored + s.Replaced + s.Duplicate + s.Refused + Total(s.Rejected) + Total(s.Dropped) + Total(s.Lost)
}

// Unexplained is what was received and neither ended nor waits. It has to be 0.
func (s *Statement) Unexplained() int64 {
	return Total(s.Received) - s.Ended() - Total(s.Waiting)
}
