package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
)

func TestLogLinesSayWhichTrace(t *testing.T) {
	for _, sampled := range []float64{0, 1} {
		tr, _ := start(t, Config{SamplingRate: rate(sampled)})
		var out bytes.Buffer
		log := slog.New(LogHandler(slog.NewJSONHandler(&out, nil))).With("service", "x")
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
			s, i := current(ctx)
			id := ""
			if s != nil {
				id = s.id.String()
			} else {
				id = i.id.String()
			}
			for _, l := range []*slog.Logger{log, log.WithGroup("").WithGroup("req").With("a", 1).WithGroup("deep")} {
				out.Reset()
				l.InfoContext(ctx, "m", "b", 2)
				var line map[string]any
				if err := json.Unmarshal(out.Bytes(), &line); err != nil {
					t.Fatal(err)
				}
				if line["trace_id"] != TraceID(ctx) || line["segment_id"] != id || line["sampled"] != (sampled == 1) || line["service"] != "x" {
					t.Errorf("line %s", &out)
				}
			}
			if got := text(t, decodeDoc(t, out.Bytes()), "req"); got != `{"a":1,"deep":{"b":2}}` {
				t.Errorf("groups became %s", got)
			}
			return nil
		})
		out.Reset()
		log.Info("outside")
		if bytes.Contains(out.Bytes(), []byte("trace_id")) {
			t.Errorf("line %s", &out)
		}
	}
}
