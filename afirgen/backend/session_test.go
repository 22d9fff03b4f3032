package backend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }

func TestASessionCanBeLookedUp(t *testing.T) {
	h := build(t, neighbours{})
	made := h.send(t, form(t, "text", story))
	id := made.body["session_id"].(string)
	for _, path := range []string{"/session/" + id, "/session/" + id + "/status"} {
		a := h.send(t, get(path))
		if a.status != 200 || a.body["status"] != string(fir.AwaitingValidation) || a.body["awaiting_validation"] != true ||
			a.body["current_step"] != string(fir.SummaryReview) || a.body["trace_id"] != made.trace || a.body["created_at"] == "" {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
		if a.body["transcript"] != nil {
			t.Errorf("%s gives away the transcript", path)
		}
	}
	d := h.segment(t, h.send(t, get("/session/"+id)))
	d.WantAnnotations(t, map[string]any{contract.Endpoint: "/session/{id}", contract.SessionID: id, contract.WorkflowStep: string(fir.SummaryReview)})
	wantSQL(t, d.Child(t, "sessions.db"), "SELECT status")
}

func TestSessionsThatCannotBeLookedUp(t *testing.T) {
	h := build(t, neighbours{})
	id := h.send(t, form(t, "text", story)).body["session_id"].(string)
	h.clock.add(time.Hour)
	for path, want := range map[string]struct {
		status int
		kind   contract.ErrorType
	}{
		"/session/7":              {400, contract.InvalidSessionID},
		"/session/urn:uuid:" + id: {400, contract.InvalidSessionID},
		"/session/00000000-0000-4000-8000-000000000000": {404, contract.NotFound},
		"/session/" + id: {404, contract.NotFound}, // it has expired
	} {
		if a := h.send(t, get(path)); a.status != want.status || a.body["error_type"] != string(want.kind) {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
}

func TestHealth(t *testing.T) {
	healthy := says(200, `{"status":"healthy"}`)
	for _, c := range []struct {
		title         string
		beside        neighbours
		closeDatabase bool
		status, ready int
		state         string
	}{
		{"all is well", neighbours{healthy, healthy}, false, 200, 200, web.Healthy},
		{"photographs cannot be read", neighbours{healthy, says(503, `{"status":"unhealthy"}`)}, false, 200, 200, web.Degraded},
		{"the model server answers nonsense", neighbours{says(200, "<html>"), healthy}, false, 200, 503, web.Degraded},
		{"the model server lacks a model", neighbours{says(200, `{"status":"degraded"}`), healthy}, false, 200, 200, web.Degraded},
		{"there is no database", neighbours{healthy, healthy}, true, 503, 503, web.Unhealthy},
	} {
		t.Run(c.title, func(t *testing.T) {
			h := build(t, c.beside)
			if c.closeDatabase {
				if err := h.store.Close(); err != nil {
					t.Fatal(err)
				}
			}
			a := h.send(t, get(web.Health))
			if a.status != c.status || a.body["status"] != c.state || a.body["session_persistence"] != "sqlite" {
				t.Errorf("%d %v, want %d %s", a.status, a.body, c.status, c.state)
			}
			if a := h.send(t, get(web.Readyz)); a.status != c.ready {
				t.Errorf("readyz: %d %v, want %d", a.status, a.body, c.ready)
			}
			if n := len(h.collector.Documents()); n != 0 {
				t.Errorf("%d documents came of probes", n)
			}
		})
	}
}

func TestManyProbesCostTheNeighboursOne(t *testing.T) {
	var asked atomic.Int64
	counting := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]string{"status": "healthy"})
	})
	h := build(t, neighbours{counting, says(200, `{"status":"healthy"}`)})
	for range 20 {
		h.send(t, get(web.Health))
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("20 probes asked %d times, want once", n)
	}
	h.clock.add(probeTTL)
	h.send(t, get(web.Health))
	if n := asked.Load(); n != 2 {
		t.Errorf("after %s there were %d, want 2", probeTTL, n)
	}
}

func TestThoseWhoWaitedForASlowLookTakeIt(t *testing.T) {
	c, taken := &clock{time: time.Now()}, 0
	l := looks{now: c.now, take: func(context.Context) look {
		taken++
		c.add(probeTimeout) // a neighbour hangs
		return look{}
	}}
	for range 3 {
		l.get(t.Context())
	}
	if taken != 1 {
		t.Errorf("%d looks were taken, want 1", taken)
	}
}
