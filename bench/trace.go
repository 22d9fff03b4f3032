package bench

import (
	"encoding/hex"
	"time"

	"github.com/roentgen/roentgen"
)

// Trace is one request's way through the three services.
type Trace struct {
	ID      roentgen.TraceID
	Session string // unique to the trace
	Model   string
	Failing bool
	Spans   []Span // 12; a parent stands before its children, the root first

	attrs []Attr // memory of the spans' attributes
}

// Span is one unit of work.
type Span struct {
	Service    int // index into services
	Kind       SpanKind
	Parent     int // index into Trace.Spans, -1 for the root
	ID         [8]byte
	Name       string
	Remote     string // name in X-Ray of what was called; empty: Name
	Namespace  string // X-Ray's: aws, remote or none
	Start, End int64  // Unix nanoseconds
	Status     int    // of the HTTP response; 0: none
	Fault      bool
	Exception  *Exception
	Attrs      []Attr
}

// SpanKind has OTLP's numbers.
type SpanKind int

const (
	KindInternal SpanKind = 1
	KindServer   SpanKind = 2
	KindClient   SpanKind = 3
)

// Exception is why a span failed.
type Exception struct {
	At      int64 // Unix nanoseconds
	Type    string
	Message string
	Frames  []Frame // innermost first
}

// Frame is a line of a stack.
type Frame struct {
	Path  string
	Line  int
	Label string
}

// Start is when the trace began.
func (t *Trace) Start() time.Time { return time.Unix(0, t.Spans[0].Start) }

// Duration is that of the root.
func (t *Trace) Duration() time.Duration { return time.Duration(t.Spans[0].End - t.Spans[0].Start) }

func (s *Span) hexID() string { return hex.EncodeToString(s.ID[:]) }

// fail marks the span and all above it, as an exception that nobody caught.
func (t *Trace) fail(at, status int) {
	for i := at; i >= 0; i = t.Spans[i].Parent {
		s := &t.Spans[i]
		s.Fault = true
		if s.Status != 0 {
			s.Status = status
		}
		for j := range s.Attrs {
			switch a := &s.Attrs[j]; a.Key {
			case "http.response.status_code":
				a.Value = count(status)
			case "error":
				a.Value = truth(true)
			}
		}
	}
}
