package backend

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/up/samples"
	"github.com/roentgen/roentgen/afirgen/web"
)

func says(status int, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, text)
	})
}

func TestTheFailuresOfNeighboursAreToldApart(t *testing.T) {
	for _, c := range []struct {
		title  string
		server http.Handler
		status int
		kind   contract.ErrorType
	}{
		{"it fails", says(500, `{"detail":"x","error_type":"internal"}`), 502, contract.UpstreamFailed},
		{"it fails without a word", says(500, ""), 502, contract.UpstreamFailed},
		{"it does not know what we ask", says(404, `{"error_type":"invalid_model"}`), 502, contract.UpstreamFailed},
		{"it has no room", says(503, `{"error_type":"overloaded"}`), 503, contract.UpstreamUnavailable},
		{"it has enough of us", says(429, ""), 503, contract.UpstreamUnavailable},
		{"it was too slow itself", says(504, ""), 504, contract.UpstreamTimeout},
		{"it answers with a page", says(200, "<html>Meera</html>"), 502, contract.UpstreamFailed},
		{"it cuts the connection", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), 503, contract.UpstreamUnreachable},
	} {
		t.Run(c.title, func(t *testing.T) {
			h := build(t, neighbours{gguf: c.server})
			a := h.send(t, form(t, "text", story))
			if a.status != c.status || a.body["error_type"] != string(c.kind) {
				t.Fatalf("%d %v, want %d %s", a.status, a.body, c.status, c.kind)
			}
			if c.status == 503 && a.header.Get("Retry-After") == "" {
				t.Error("a 503 without Retry-After")
			}
			d := h.segment(t, a)
			model := d.Child(t, contract.ProcessRequest).Child(t, contract.ModelInference("summariser"))
			model.WantAnnotations(t, map[string]any{contract.Success: false, contract.ErrorKind: string(c.kind)})
			if !d.Fault || !model.Fault || len(d.Cause) == 0 {
				t.Errorf("fault %t in the segment, %t in the subsegment, cause %s", d.Fault, model.Fault, d.Cause)
			}
			session, err := h.store.Get(t.Context(), d.Annotations[contract.SessionID].(string))
			if err != nil || session.Status != fir.Failed || session.ErrorType != string(c.kind) {
				t.Errorf("the session is %+v, %v", session, err)
			}
			if strings.Contains(string(h.collector.Raw()), "Meera") {
				t.Error("what the neighbour said is in the trace")
			}
		})
	}
}

func TestANeighbourThatIsNotThere(t *testing.T) {
	h := build(t, neighbours{})
	h.backend.gguf.base = "http://127.0.0.1:1"
	if a := h.send(t, form(t, "text", story)); a.status != 503 || a.body["error_type"] != string(contract.UpstreamUnreachable) {
		t.Errorf("%d %v", a.status, a.body)
	}
}

func TestANeighbourThatNeverAnswers(t *testing.T) {
	h := build(t, neighbours{gguf: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })})
	err := h.backend.gguf.post(t.Context(), "/inference", "application/json", strings.NewReader(""), nil, 20*time.Millisecond)
	if e := web.AsError(err); err == nil || e.Status != 504 || e.Kind != contract.UpstreamTimeout {
		t.Errorf("got %v", err)
	}
}

func TestAnImageWithoutTextIsTheCallersToMend(t *testing.T) {
	h := build(t, neighbours{asrocr: says(200, `{"extracted_text":" . ","language":"eng"}`)})
	a := h.send(t, form(t, "image", string(samples.Letter())))
	if a.status != 422 || a.body["error_type"] != string(contract.NoTextFound) {
		t.Errorf("%d %v", a.status, a.body)
	}
	if d := h.segment(t, a); d.Fault || !d.Error {
		t.Errorf("fault %t, error %t", d.Fault, d.Error)
	}
}
