package backend

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// wildcard is a part of a route's pattern.
var wildcard = regexp.MustCompile(`\{[a-z]+\}`)

// TestEveryRouteIsTracedUnderItsPattern walks all routes that there are, whichever they are, and asks each in five ways: by
// somebody with the key, by a stranger, with a method that it has not, while its client has used its visits up, and while
// the service drains. Each answer has a segment of its own, named by the route's pattern and never by the path.
func TestEveryRouteIsTracedUnderItsPattern(t *testing.T) {
	h := build(t, neighbours{})
	limited := h.front(t, func(c *web.Config) { c.RateLimit = &web.RateLimit{Requests: 1} })
	routes := h.backend.Routes()
	if len(routes) < 20 {
		t.Fatalf("there are %d routes", len(routes))
	}
	requests := 0
	// walk asks for a route; 0 takes any status.
	walk := func(t *testing.T, to http.Handler, method, pattern, key string, status int) {
		t.Helper()
		requests++
		r := httptest.NewRequest(method, wildcard.ReplaceAllString(pattern, "x7"), nil)
		r.Header.Set("X-API-Key", key)
		// Not even a probe is left out when its caller wants a record.
		r.Header.Set(tracing.HeaderName, fmt.Sprintf("Root=1-65f00000-%024x;Parent=0123456789abcdef;Sampled=1", requests))
		h.patterned(t, sendTo(t, to, r), pattern, method, status)
	}
	walk(t, limited, "GET", "/list_firs", key, 200) // the one visit
	for _, r := range routes {
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			walk(t, h.handler, r.Method, r.Path, key, 0)
			walk(t, h.handler, http.MethodPatch, r.Path, key, http.StatusMethodNotAllowed)
			if r.Path != web.Health { // which is open to everyone, whatever else happens
				walk(t, h.handler, r.Method, r.Path, "wrong", http.StatusUnauthorized)
				walk(t, limited, r.Method, r.Path, key, http.StatusTooManyRequests)
			}
		})
	}
	h.drain.Begin()
	for _, r := range routes {
		if r.Path != web.Health {
			walk(t, h.handler, r.Method, r.Path, key, http.StatusServiceUnavailable)
		}
	}
	if strings.Contains(string(h.collector.Raw()), `"endpoint":"/fir/x7`) {
		t.Error("a path is an annotation, where its pattern should be")
	}
}

// patterned wants the answer's segment to carry the pattern, the method and the status.
func (h *house) patterned(t *testing.T, a answer, pattern, method string, status int) {
	t.Helper()
	if status != 0 && a.status != status {
		t.Errorf("%s %s: status %d, want %d: %s", method, pattern, a.status, status, a.raw)
	}
	d := h.segment(t, a)
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: pattern, contract.HTTPMethod: method, contract.StatusCode: float64(a.status), contract.HasError: a.status >= 400,
		contract.Success: a.status < 400, contract.ClientIP: nil,
	})
	if d.HTTP.Response.Status != a.status || d.Error != (a.status >= 400 && a.status < 500) || d.Fault != (a.status >= 500) || d.Throttle != (a.status == 429) {
		t.Errorf("%s %s: of %d the segment says %+v, error %v, fault %v, throttle %v", method, pattern, a.status, d.HTTP.Response, d.Error, d.Fault, d.Throttle)
	}
	if d.EndTime < d.StartTime || d.StartTime == 0 {
		t.Errorf("%s %s: from %v to %v", method, pattern, d.StartTime, d.EndTime)
	}
}
