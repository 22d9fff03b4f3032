package agent

import (
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/redact"
)

// doorAPI and its like are the agent's doors; the word is the label.
const doorTCP accept.Door = "tcp"

// Causes of loss.
const (
	causeForeign  = "network"        // the sender is outside the allowed networks
	causeSpool    = "spool_full"     // no room in the spool, or no disk
	causeDamaged  = "spool_damaged"  // the spool could not read it again
	causeRing     = "ring_damaged"   // nor the ring
	causeSilent   = "unanswered"     // the server took the batch and did not name its fate
	causeUpstream = "upstream_error" // the upstream fails on this document, and takes others
)

// Policies by which documents are dropped.
const (
	policyUnsampled = "unsampled" // nobody kept their trace before the ring went round
	policyShed      = "shed"      // their traces were shed whole, for there was too much
)

// counters are the books with the counters of the hot path at hand.
type counters struct {
	ledger               *ledger.Ledger
	udp, tcp, grpc, http ledger.Counter
	spoolFull, foreign   ledger.Counter
	kernel               ledger.Counter
	kinds                [7]ledger.Counter
}

// redactedKinds are the labels of redact.Counts, in its order.
var redactedKinds = [...]string{"key", "phone", "aadhaar", "email", "pan", "sql", "url_query"}

func newCounters(l *ledger.Ledger) *counters {
	c := &counters{
		ledger:    l,
		udp:       l.Counter(ledger.Received, string(accept.DoorUDP)),
		tcp:       l.Counter(ledger.Received, string(doorTCP)),
		grpc:      l.Counter(ledger.Received, string(accept.DoorOTLPGRPC)),
		http:      l.Counter(ledger.Received, string(accept.DoorOTLPHTTP)),
		spoolFull: l.Counter(ledger.Lost, causeSpool),
		foreign:   l.Counter(ledger.Lost, causeForeign),
		kernel:    l.Counter(ledger.Aside, "kernel_drops"),
	}
	for i, kind := range redactedKinds {
		c.kinds[i] = l.Counter(ledger.Aside, "redacted_"+kind)
	}
	return c
}

func (c *counters) received(door accept.Door) ledger.Counter {
	switch door {
	case accept.DoorUDP:
		return c.udp
	case accept.DoorOTLPGRPC:
		return c.grpc
	case accept.DoorOTLPHTTP:
		return c.http
	}
	return c.tcp
}

func (c *counters) redacted(n redact.Counts) {
	for i, v := range [...]int64{n.Keys, n.Phones, n.Aadhaars, n.Emails, n.PANs, n.SQLLiterals, n.URLQueries} {
		if v != 0 {
			c.kinds[i].Add(uint64(v))
		}
	}
}
