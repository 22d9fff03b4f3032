package api

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
)

// otlpType is the content type of protobuf, as OTLP over HTTP has it.
const otlpType = "application/x-protobuf"

// traceAs answers a whole trace in a format of others: format=otlp is
// OpenTelemetry's, in JSON, or in protobuf for those who accept nothing else.
// (In X-Ray's own format BatchGetTraces answers.)
func (s *consoleServer) traceAs() http.Handler {
	const name = "ConsoleTraceAs"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		ReadingOf(r.Context()).Operation = name
		body, kind, err := s.traceInFormat(r)
		if err != nil {
			s.fail(w, name, err)
			return
		}
		s.metrics.requests.WithLabelValues(name, "200").Inc()
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Accept")
		w.Write(body)
	})
}

func (s *consoleServer) traceInFormat(r *http.Request) (body []byte, kind string, err error) {
	id, err := roentgen.ParseTraceID(r.PathValue("id"))
	if err != nil {
		return nil, "", err
	}
	if format := r.URL.Query().Get("format"); format != "otlp" {
		return nil, "", roentgen.Invalidf("format %q is not one that a trace is written in here: say ?format=otlp; in X-Ray's own, POST /Traces answers", format)
	}
	reading := ReadingOf(r.Context())
	reading.Traces = []roentgen.TraceID{id}
	spans, err := s.cfg.Traces.Spans(r.Context(), id)
	if err != nil {
		return nil, "", err
	}
	reading.Found = 1
	if strings.TrimSpace(r.Header.Get("Accept")) == otlpType {
		return spans.Protobuf, otlpType, nil
	}
	body, err = spans.JSON()
	return body, "application/json", err
}
