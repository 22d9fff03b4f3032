package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

// halfThere has of any number of traces that are asked for the first alone.
type halfThere struct{ behind }

func (h *halfThere) Traces(_ context.Context, ids []roentgen.TraceID) ([]query.Trace, []roentgen.TraceID, error) {
	return []query.Trace{{ID: ids[0]}}, ids[1:], nil
}

func (h *halfThere) Spans(context.Context, roentgen.TraceID) (query.Spans, error) {
	return query.Spans{Protobuf: []byte{}}, nil
}

func (h *halfThere) TraceGraph(_ context.Context, ids []roentgen.TraceID) (*graph.Graph, []roentgen.TraceID, error) {
	return &graph.Graph{}, nil, nil
}

// TestEveryReadingOfTracesIsNoted asks for traces in every way that there is.
func TestEveryReadingOfTracesIsNoted(t *testing.T) {
	const one, two = "1-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272794"
	h := &halfThere{}
	h.rows = []*roentgen.Rows{{Summary: &roentgen.Summary{}}, {Summary: &roentgen.Summary{}}}
	a := New(Config{Traces: h, Erase: &eraser{}})
	mux := http.NewServeMux()
	a.Register(mux)
	a.RegisterConsole(mux, Console{Now: func() time.Time { return h.now }})
	for _, c := range []struct {
		method, path, body string
		operation          string
		traces             []string
		filter             string
		found              int
	}{
		{"POST", "/Traces", `{"TraceIds":["` + one + `","` + two + `"]}`, "BatchGetTraces", []string{one, two}, "", 1},
		{"POST", "/TraceGraph", `{"TraceIds":["` + one + `"]}`, "GetTraceGraph", []string{one}, "", 1},
		{"POST", "/TraceSummaries", `{"StartTime":0,"EndTime":100,"FilterExpression":"fault"}`, "GetTraceSummaries", nil, "fault", 2},
		{"POST", "/api/traces", `{"start":0,"end":100,"expression":"user = \"alice\""}`, "ConsoleTraces", nil, `user = "alice"`, 2},
		{"GET", "/api/traces/" + one + "?format=otlp", "", "ConsoleTraceAs", []string{one}, "", 1},
		{"DELETE", "/api/traces/" + two, "", "DeleteTrace", []string{two}, "", 1},
		{"POST", "/Traces", `{"TraceIds":["x"]}`, "BatchGetTraces", nil, "", 0},
	} {
		got := new(Reading)
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		if c.path == "/api/traces/"+one+"?format=otlp" {
			r.Header.Set("Accept", otlpType)
		}
		mux.ServeHTTP(httptest.NewRecorder(), r.WithContext(WithReading(r.Context(), got)))
		if ids := each(got.Traces, roentgen.TraceID.String); got.Operation != c.operation || !slices.Equal(ids, c.traces) || got.Filter != c.filter || got.Found != c.found {
			t.Errorf("%s %s: %+v, want %+v", c.method, c.path, got, c)
		}
	}
}
