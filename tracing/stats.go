package tracing

import (
	"sync"
	"sync/atomic"

	"github.com/roentgen/roentgen/redact"
)

// Stats counts, since Setup, what happened and what was given up, and why.
// Everything counts events, except BytesSent, which counts bytes.
type Stats struct {
	Sampled            uint64 // segments started that are recorded
	Undecided          uint64 // segments started that are recorded without being sampled, for the agent to keep or not
	Unsampled          uint64 // segments started that are not recorded
	Forced             uint64 // of the sampled: by a valid force header
	ForceRejected      uint64 // force headers that were wrong, expired, or for another path
	BadHeaders         uint64 // trace headers with a part that could not be used
	UntrustedDecisions uint64 // Sampled= from a peer that is not trusted, ignored
	ContextMissing     uint64 // calls that found no segment in their context

	KeptByCallee uint64 // undecided segments of which a callee answered that their trace is kept

	DocumentsSent uint64 // handed to the operating system
	BytesSent     uint64 // their size, header lines included
	SendErrors    uint64 // documents lost because the agent's address or socket refused them
	QueueFull     uint64 // finished (sub)segments lost because QueueSize others waited
	AfterShutdown uint64 // finished (sub)segments lost because they ended after shutdown
	Withheld      uint64 // undecided (sub)segments not sent, because the agent can no longer hold them

	Split           uint64 // segments too large or too deep for one document, sent in parts
	MetadataShed    uint64 // (sub)segments which had to shed metadata to fit a document
	StacksShed      uint64 // … and stacks
	DetailsShed     uint64 // … and everything but name, time and flags
	Detached        uint64 // subsegments sent on their own: their segment had gone, or held too many
	EncodePanics    uint64 // segments lost because encoding them panicked; please report it
	NamesCleaned    uint64 // names shortened or freed of characters X-Ray forbids
	DoubleEnds      uint64 // End on a (sub)segment that had ended
	UsesAfterEnd    uint64 // other changes to a (sub)segment that had ended; they are dropped
	MetadataFailed  uint64 // metadata values that could not be encoded
	MetadataTooBig  uint64 // metadata values beyond Limits.MetadataBytes
	AnnotationsLost uint64 // annotations with a bad key or type, or beyond Limits.Annotations
	AttributesLost  uint64 // attributes beyond Limits.Attributes
	EventsLost      uint64 // events beyond Limits.Events
	LinksLost       uint64 // links beyond Limits.Links
	ExceptionsLost  uint64 // exceptions beyond Limits.Exceptions

	Redacted redact.Counts // what was taken out of documents, by kind
}

// counters has the same fields as Stats, each safe for use by many goroutines.
type counters struct {
	sampled, undecided, keptByCallee, unsampled, forced, forceRejected, badHeaders, untrusted, contextMissing atomic.Uint64

	sent, bytes, sendErrors, queueFull, afterShutdown, withheld atomic.Uint64

	split, metadataShed, stacksShed, detailsShed, detached, encodePanics, namesCleaned atomic.Uint64

	doubleEnds, usesAfterEnd, metadataFailed, metadataTooBig, annotationsLost atomic.Uint64

	attributesLost, eventsLost, linksLost, exceptionsLost atomic.Uint64

	redacted struct {
		sync.Mutex
		redact.Counts
	}
}

// Stats returns the counters. They are read one by one, so figures taken
// while requests run may differ by the events of that moment.
func (tr *Tracing) Stats() Stats {
	c := &tr.count
	return Stats{
		Sampled: c.sampled.Load(), Undecided: c.undecided.Load(), KeptByCallee: c.keptByCallee.Load(), Unsampled: c.unsampled.Load(), Forced: c.forced.Load(),
		ForceRejected: c.forceRejected.Load(), BadHeaders: c.badHeaders.Load(),
		UntrustedDecisions: c.untrusted.Load(), ContextMissing: c.contextMissing.Load(),
		DocumentsSent: c.sent.Load(), BytesSent: c.bytes.Load(), SendErrors: c.sendErrors.Load(),
		QueueFull: c.queueFull.Load(), AfterShutdown: c.afterShutdown.Load(), Withheld: c.withheld.Load(),
		Split: c.split.Load(), MetadataShed: c.metadataShed.Load(), StacksShed: c.stacksShed.Load(),
		DetailsShed: c.detailsShed.Load(), Detached: c.detached.Load(), EncodePanics: c.encodePanics.Load(),
		NamesCleaned: c.namesCleaned.Load(), DoubleEnds: c.doubleEnds.Load(), UsesAfterEnd: c.usesAfterEnd.Load(),
		MetadataFailed: c.metadataFailed.Load(), MetadataTooBig: c.metadataTooBig.Load(),
		AnnotationsLost: c.annotationsLost.Load(), AttributesLost: c.attributesLost.Load(),
		EventsLost: c.eventsLost.Load(), LinksLost: c.linksLost.Load(), ExceptionsLost: c.exceptionsLost.Load(),
		Redacted: c.redactions(),
	}
}

func (c *counters) addRedactions(n redact.Counts) {
	if n == (redact.Counts{}) {
		return
	}
	c.redacted.Lock()
	defer c.redacted.Unlock()
	r := &c.redacted.Counts
	r.Keys += n.Keys
	r.Phones += n.Phones
	r.Aadhaars += n.Aadhaars
	r.Emails += n.Emails
	r.PANs += n.PANs
	r.SQLLiterals += n.SQLLiterals
	r.URLQueries += n.URLQueries
}

func (c *counters) redactions() redact.Counts {
	c.redacted.Lock()
	defer c.redacted.Unlock()
	return c.redacted.Counts
}
