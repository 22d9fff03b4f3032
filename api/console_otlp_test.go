package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/query"
)

// Spans answers one empty span.
func (r *rooms) Spans(_ context.Context, id roentgen.TraceID) (query.Spans, error) {
	if id[0] != 0x57 {
		return query.Spans{}, roentgen.NotFoundf("there is no trace %s", id)
	}
	return query.Spans{Protobuf: []byte{0x0a, 0x04, 0x12, 0x02, 0x12, 0x00}}, r.err
}

func TestATraceIsWrittenAsOpenTelemetryHasIt(t *testing.T) {
	mux := http.NewServeMux()
	r := new(rooms)
	api.New(api.Config{Put: r, Traces: r, Groups: r, Sampling: r}).RegisterConsole(mux, api.Console{})
	const id = "1-5759e988-bd862e3fe1be46a994272793"
	for _, c := range []struct {
		path, accept string
		status       int
		kind, body   string
	}{
		{id + "?format=otlp", "", 200, "application/json", `{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}`},
		{"5759e988bd862e3fe1be46a994272793?format=otlp", "*/*", 200, "application/json", `{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}`},
		{id + "?format=otlp", "application/x-protobuf", 200, "application/x-protobuf", "\n\x04\x12\x02\x12\x00"},
		{id, "", 400, "application/json", "say ?format=otlp"},
		{id + "?format=zipkin", "", 400, "application/json", `zipkin`},
		{"7?format=otlp", "", 400, "application/json", "neither 1-"},
		{strings.ReplaceAll(id, "5759", "6759") + "?format=otlp", "", 404, "application/json", "there is no trace"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/api/traces/"+c.path, nil)
		req.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, req)
		body, _ := io.ReadAll(w.Body)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || !strings.Contains(string(body), c.body) {
			t.Errorf("%s, Accept %q: %d %s %q", c.path, c.accept, w.Code, w.Header().Get("Content-Type"), body)
		}
	}
}
