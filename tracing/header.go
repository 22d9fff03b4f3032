package tracing

import (
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// HeaderName is the tracing header of AWS X-Ray, in its canonical form.
const HeaderName = "X-Amzn-Trace-Id"

// header is a parsed tracing header:
//
//	Root=1-8HEX-24HEX;Parent=16HEX;Sampled=1;Self=…;Lineage=…;key=value
type header struct {
	root    trace.TraceID
	hasRoot bool
	parent  trace.SpanID // zero: absent
	sampled byte         // '1', '0', '?', or 0 for absent
	self    string       // written by load balancers; recorded, not handed on
	extra   string       // Lineage and unknown keys, "k=v;k=v", to be handed on

	// Roentgen's own (docs/protocol/trace-header.md). Both are written anew,
	// and never handed on as they came.
	undecided bool // beside Sampled=0: the trace is recorded, and may yet be kept
	kept      bool // in a response: a failure was seen, the trace will be kept
}

// maxHeader and maxExtra bound, in bytes, what is read and what is handed on:
// the header comes from strangers.
const (
	maxHeader = 4096
	maxExtra  = 1024
)

// parseHeader reads as leniently as the official SDKs together: fields in any
// order and any case, spaces around them, empty ones skipped. Fields that make
// no sense are left out and clear sound.
func parseHeader(s string) (h header, sound bool) {
	if len(s) > maxHeader {
		return header{}, false
	}
	sound = true
	for part := range strings.SplitSeq(s, ";") {
		part = strings.TrimSpace(part)
		if part != "" && !h.take(part) {
			sound = false
		}
	}
	if !h.hasRoot { // a caller's subsegment means nothing without its trace
		h.parent = trace.SpanID{}
	}
	return h, sound
}

// The ids that SDKs send for requests they do not record. They count as absent.
const (
	noopTraceID = "1-00000000-000000000000000000000000"
	noopSpanID  = "0000000000000000"
)

// take reads one field and reports whether it made sense. What is empty says
// nothing, and is no mistake.
func (h *header) take(part string) (ok bool) {
	key, val, found := strings.Cut(part, "=")
	key, val = strings.TrimSpace(key), strings.TrimSpace(val)
	switch {
	case !found || key == "":
		return false
	case strings.EqualFold(key, "Root"):
		if val == "" || val == noopTraceID {
			return true
		}
		h.root, h.hasRoot = parseTraceID(val)
		return h.hasRoot
	case strings.EqualFold(key, "Parent"):
		if val == "" || val == noopSpanID {
			return true
		}
		h.parent, ok = parseSpanID(val)
		return ok
	case strings.EqualFold(key, "Sampled"):
		return h.takeSampled(val)
	case strings.EqualFold(key, "Self"):
		h.self = cut(val, maxShort)
		return true
	case key == "Undecided" && val == "1":
		h.undecided = true
		return true
	case key == "Kept" && val == "1":
		h.kept = true
		return true
	}
	return h.takeExtra(part)
}

func (h *header) takeSampled(val string) bool {
	if val != "0" && val != "1" && val != "?" {
		return val == ""
	}
	h.sampled = val[0]
	return true
}

// takeExtra keeps a foreign field if it is printable ASCII, so that it cannot
// break the header it is handed on in.
func (h *header) takeExtra(part string) bool {
	for i := range len(part) {
		if part[i] < ' ' || part[i] > '~' {
			return false
		}
	}
	if len(h.extra)+len(part) >= maxExtra {
		return false
	}
	if h.extra != "" {
		part = h.extra + ";" + part
	}
	h.extra = part
	return true
}

// say is what a header says of the decision.
type say string

const (
	saySampled   say = ";Sampled=1"
	sayUnsampled say = ";Sampled=0"
	sayUndecided say = ";Sampled=0;Undecided=1"
)

// keptField is added to the header of a response.
const keptField = ";Kept=1"

// sampledOr is saySampled if sampled, else no.
func sampledOr(sampled bool, no say) say {
	if sampled {
		return saySampled
	}
	return no
}

// formatHeader writes Root, Parent unless zero, the decision, then extra.
func formatHeader(root trace.TraceID, parent trace.SpanID, what say, extra string) string {
	var room [160]byte
	b := appendTraceID(append(room[:0], "Root="...), root)
	if parent.IsValid() {
		b = appendSpanID(append(b, ";Parent="...), parent)
	}
	b = append(b, what...)
	if extra != "" {
		b = append(append(b, ';'), extra...)
	}
	return string(b)
}

// outgoing is the header for calls made within ctx, or "" without a segment.
func outgoing(s *span, i *idle) string {
	switch {
	case s != nil:
		return formatHeader(s.seg.traceID, s.id, sampledOr(!s.seg.undecided, sayUndecided), s.seg.extra)
	case i != nil:
		what := sayUnsampled
		if i.undecided {
			what = sayUndecided
		}
		return formatHeader(i.traceID, i.id, what, i.extra)
	}
	return ""
}
