package wire

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// TraceHeaderName is the HTTP header that carries a trace from service to
// service.
const TraceHeaderName = "X-Amzn-Trace-Id"

// MaxTraceHeaderBytes is the longest trace header that is read. Those that
// services write have about 100 bytes, with lineage about 200.
const MaxTraceHeaderBytes = 1024

// Decision is the Sampled field of a trace header.
type Decision uint8

// The decisions.
const (
	NoDecision Decision = iota // absent: the receiver decides and need not tell
	NotSampled                 // 0
	Sampled                    // 1
	Requested                  // ?: the receiver decides and tells the caller
)

// String returns the character that the header holds, empty for NoDecision.
func (d Decision) String() string {
	switch d {
	case NotSampled:
		return "0"
	case Sampled:
		return "1"
	case Requested:
		return "?"
	}
	return ""
}

// TraceHeader is the value of an X-Amzn-Trace-Id header.
type TraceHeader struct {
	Root    roentgen.TraceID   // zero: the receiver starts a trace
	Parent  roentgen.SegmentID // the caller's subsegment; zero: none
	Sampled Decision
	Self    string // written by a load balancer; never forwarded
	Lineage string // AWS's own; forwarded as it came
	Extra   []HeaderField
}

// HeaderField is a field of the application, forwarded as it came.
type HeaderField struct {
	Key, Value string
}

// ParseTraceHeader reads a header and takes from it what it can. White space
// around keys and values, empty parts and parts without = are passed over;
// the keys above may be in any case; of one key the last counts; a value may
// hold =. The no-op ids of requests that are not sampled count as absent, and
// a parent without a trace is dropped.
//
// The error, of kind Invalid, tells what was ignored: a header over
// MaxTraceHeaderBytes, an id or decision that is none, a character that no
// header may hold. The result can be used with or without it.
func ParseTraceHeader(s string) (TraceHeader, error) {
	var h TraceHeader
	if len(s) > MaxTraceHeaderBytes {
		return h, roentgen.Invalidf("trace header has %d bytes, %d are read: it is ignored", len(s), MaxTraceHeaderBytes)
	}
	var first error
	for s != "" {
		var pair string
		pair, s, _ = strings.Cut(s, ";")
		key, value, found := strings.Cut(pair, "=")
		key, value = trim(key), trim(value)
		if !found || key == "" {
			continue
		}
		if err := h.set(key, value); err != nil && first == nil {
			first = err
		}
	}
	if h.Root.IsZero() {
		h.Parent = roentgen.SegmentID{}
	}
	return h, first
}

func trim(s string) string { return strings.Trim(s, " \t") }

func (h *TraceHeader) set(key, value string) error {
	if strings.ContainsFunc(key+value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return roentgen.Invalidf("trace header field %q holds a control character: it is ignored", clip(key))
	}
	switch {
	case strings.EqualFold(key, "Root"):
		return h.setRoot(value)
	case strings.EqualFold(key, "Parent"):
		return h.setParent(value)
	case strings.EqualFold(key, "Sampled"):
		return h.setSampled(value)
	case strings.EqualFold(key, "Self"):
		h.Self = value
	case strings.EqualFold(key, "Lineage"):
		h.Lineage = value
	default:
		h.Extra = append(h.Extra, HeaderField{key, value})
	}
	return nil
}

func (h *TraceHeader) setRoot(value string) (err error) {
	var ok bool
	if h.Root, ok = roentgen.DecodeTraceID(value); !ok && value != "" {
		h.Root = roentgen.TraceID{}
		err = roentgen.Invalidf("trace header Root %s is neither 1-<8 hex>-<24 hex> nor 32 hex digits: a new trace begins", quote(value))
	}
	return err
}

func (h *TraceHeader) setParent(value string) (err error) {
	var ok bool
	if h.Parent, ok = roentgen.DecodeSegmentID(value); !ok && value != "" {
		h.Parent = roentgen.SegmentID{}
		err = roentgen.Invalidf("trace header Parent %s is not 16 hex digits: it is ignored", quote(value))
	}
	return err
}

func (h *TraceHeader) setSampled(value string) error {
	switch value {
	case "0":
		h.Sampled = NotSampled
	case "1":
		h.Sampled = Sampled
	case "?":
		h.Sampled = Requested
	default:
		h.Sampled = NoDecision
		if value != "" {
			return roentgen.Invalidf("trace header Sampled %s is not 0, 1 or ?: it is ignored", quote(value))
		}
	}
	return nil
}

// String returns the header to send on: Root, Parent, Sampled, then Lineage
// and the others in the order they came. Self is not forwarded, and nothing
// is written for what is absent, because Python drops a header with an empty
// part.
func (h TraceHeader) String() string {
	var b strings.Builder
	if !h.Root.IsZero() {
		field(&b, "Root", h.Root.String())
		if !h.Parent.IsZero() {
			field(&b, "Parent", h.Parent.String())
		}
	}
	if h.Sampled != NoDecision {
		field(&b, "Sampled", h.Sampled.String())
	}
	if h.Lineage != "" {
		field(&b, "Lineage", h.Lineage)
	}
	for _, f := range h.Extra {
		field(&b, f.Key, f.Value)
	}
	return b.String()
}

func field(b *strings.Builder, key, value string) {
	if b.Len() > 0 {
		b.WriteByte(';')
	}
	b.WriteString(key)
	b.WriteByte('=')
	b.WriteString(value)
}
