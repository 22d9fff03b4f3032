package tracing

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// How the decision about an undecided trace travels back: who saw a failure
// says Kept=1 in the header of its response, and the caller, whose own part of
// the trace then goes out with the mark kept, says so to its caller in turn.

// keeps reports whether the agent will keep the trace of a segment that
// answers with status: because of the status, of what has failed in it so far,
// or because a callee said so.
func (g *segment) keeps(status int) bool {
	if g.kept.Load() || statusFlags(status)&g.triggers != 0 {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return (g.failed|g.span.failureLocked())&g.triggers != 0
}

// keeps hands on what a callee said.
func (i *idle) keeps(int) bool { return i.kept.Load() }

// hear notes what a callee answered about the trace. The segment's documents
// that go out from now on carry it.
func (g *segment) hear(resp *http.Response) {
	if g.undecided && saysKept(resp, g.traceID) && !g.kept.Swap(true) {
		g.tr.count.keptByCallee.Add(1)
	}
}

func (i *idle) hear(resp *http.Response) {
	if i.undecided && saysKept(resp, i.traceID) {
		i.kept.Store(true)
	}
}

// saysKept wants the trace named too: a callee that copies headers about says nothing.
func saysKept(resp *http.Response, id trace.TraceID) bool {
	if resp == nil {
		return false
	}
	text := resp.Header.Get(HeaderName)
	if !strings.Contains(text, "=1") {
		return false
	}
	h, _ := parseHeader(text)
	return h.kept && h.root == id
}

// failureLocked is how s failed, as its document will say it.
func (s *span) failureLocked() flags {
	f, byStatus := s.flags, flags(0)
	if s.d != nil {
		if s.d.http != nil {
			byStatus = statusFlags(s.d.http.status)
		}
		for _, a := range s.d.attrs {
			byStatus |= failureOf(a)
		}
	}
	if byStatus == 0 && s.status == codes.Error {
		byStatus = flagFault
	}
	return f | byStatus
}

func failureOf(a attribute.KeyValue) flags {
	switch a.Key {
	case "http.status_code", "http.response.status_code":
		return statusFlags(statusOf(a.Value))
	case "aws.xray.throttle":
		if a.Value.AsBool() {
			return flagThrottle
		}
	}
	return 0
}
