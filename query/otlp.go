package query

import (
	"context"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Spans is a trace as OpenTelemetry has it.
type Spans struct {
	// Protobuf is a TracesData.
	Protobuf []byte
}

// JSON returns the same in OTLP's JSON.
func (s Spans) JSON() ([]byte, error) { return wire.SpansToJSON(s.Protobuf) }

// Spans returns a trace as spans: those that came as such as they came, and of
// X-Ray's segments what wire.Spans makes of them. Nothing is inferred. The
// error is of kind NotFound where there is no such trace.
func (e *Engine) Spans(ctx context.Context, id roentgen.TraceID) (Spans, error) {
	for t, err := range e.store.Traces(ctx, []roentgen.TraceID{id}) {
		if err != nil {
			return Spans{}, fmt.Errorf("read trace %s: %w", id, err)
		}
		docs := make([]*roentgen.Segment, len(t.Documents))
		for i := range t.Documents {
			docs[i] = t.Documents[i].Segment
		}
		spans, err := wire.Spans(docs)
		if err != nil {
			return Spans{}, fmt.Errorf("make spans of trace %s: %w", id, err)
		}
		return Spans{spans}, nil
	}
	return Spans{}, roentgen.NotFoundf("there is no trace %s: it was not sampled, is older than what is kept, or has not arrived yet", id)
}
