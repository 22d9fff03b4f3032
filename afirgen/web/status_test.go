package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// failing is a route that fails in each way that a handler can.
func failing(w http.ResponseWriter, r *http.Request) error {
	switch r.PathValue("how") {
	case "409":
		return Fail(409, contract.VersionConflict, "somebody was quicker")
	case "415":
		return ReadJSON(r, new(struct{}))
	case "422":
		return Fail(422, contract.NoTextFound, "no text")
	case "499":
		return context.Canceled
	case "500":
		return explode()
	case "nil":
		var none *record
		none.bytes++
	case "502":
		return Fail(502, contract.UpstreamFailed, "the neighbour failed").Because(errors.New("it answered 500"))
	case "503":
		return Overloaded(errors.New("full"))
	case "504":
		return context.DeadlineExceeded
	case "deep":
		_, err := Do(r.Context(), "a_step", func(context.Context) (int, error) { return 0, Fail(503, contract.StoreFailed, "the store failed") })
		return err
	}
	return nil
}

func explode() error { return Fail(500, contract.EngineFailed, "the engine failed") }

func TestEveryStatusIsInTheTraceAsItShouldBe(t *testing.T) {
	h := buildWith(t, func(c *Config) {
		c.Routes = Routes(Route{http.MethodPost, "/fail/{how}", failing})
		c.RateLimit = &RateLimit{Requests: 13}
	})
	for _, c := range []struct {
		how, key string
		status   int
		kind     contract.ErrorType
		endpoint string
		stack    string // in metadata: the innermost file and function
	}{
		{"401", "wrong", 401, contract.Unauthorized, "/fail/{how}", ""},
		{"../404", key, 404, contract.NotFound, contract.Unmatched, ""},
		{"405", key, 405, contract.MethodNotAllowed, "/fail/{how}", ""},
		{"409", key, 409, contract.VersionConflict, "/fail/{how}", ""},
		{"413", key, 413, contract.TooLarge, "/fail/{how}", ""},
		{"415", key, 415, contract.WrongType, "/fail/{how}", ""},
		{"422", key, 422, contract.NoTextFound, "/fail/{how}", ""},
		{"499", key, 499, contract.ClientCancelled, "/fail/{how}", ""},
		{"500", key, 500, contract.EngineFailed, "/fail/{how}", "status_test.go explode"},
		{"nil", key, 500, contract.Panicked, "/fail/{how}", "status_test.go failing"},
		{"503", key, 503, contract.Overloaded, "/fail/{how}", "error.go Overloaded"},
		{"504", key, 504, contract.UpstreamTimeout, "/fail/{how}", "error.go AsError"},
		{"deep", key, 503, contract.StoreFailed, "/fail/{how}", "status_test.go failing.func1"},
		{"429", key, 429, contract.RateLimited, "/fail/{how}", ""},
		{"503 while draining", key, 503, contract.Draining, "/fail/{how}", "drain.go drainingError"},
	} {
		t.Run(c.how, func(t *testing.T) {
			method, path, body := http.MethodPost, "/fail/"+strings.ReplaceAll(c.how, " ", "-"), ""
			switch c.how {
			case "../404":
				path = "/nothing"
			case "405":
				method = http.MethodPut
			case "413":
				body = strings.Repeat("x", 1001)
			case "503 while draining":
				h.drain.Begin()
			}
			resp := h.do(t, method, path, body, "X-API-Key", c.key)
			if resp.StatusCode != c.status {
				t.Fatalf("status %d, want %d", resp.StatusCode, c.status)
			}
			root := wantTraceHeader(t, resp, "1")
			d := h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })
			d.WantAnnotations(t, map[string]any{
				contract.Endpoint: c.endpoint, contract.StatusCode: float64(c.status), contract.ErrorKind: string(c.kind),
				contract.HTTPMethod: method, contract.Success: false, contract.HasError: true, contract.ClientIP: "127.0.0.1",
			})
			if d.Error != (c.status < 500) || d.Throttle != (c.status == 429) || d.Fault != (c.status >= 500) {
				t.Errorf("error %t, throttle %t, fault %t", d.Error, d.Throttle, d.Fault)
			}
			wantErrorMetadata(t, d, c.stack)
		})
	}
}

// wantErrorMetadata also looks at the cause, which a fault has and no error has.
func wantErrorMetadata(t *testing.T, d tracetest.Document, stack string) {
	t.Helper()
	told := d.Metadata[contract.ErrorNamespace]
	if message, _ := told[contract.Message].(string); message == "" {
		t.Errorf("metadata error is %v", told)
	}
	got, _ := told[contract.Stack].(string)
	first, _, _ := strings.Cut(got, "\n")
	file, function, _ := strings.Cut(stack, " ")
	if (stack != "") != (got != "") || stack != "" && !strings.Contains(first, "/afirgen/web/"+file) || !strings.HasSuffix(first, function) {
		t.Errorf("the stack begins %q, want %q", first, stack)
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "/") || strings.Contains(line, " /") || strings.Contains(line, "net/http") {
			t.Errorf("the stack shows a directory of the builder's machine, or the server's own frames: %q", line)
		}
	}
	if (len(d.Cause) > 0) != d.Fault {
		t.Errorf("fault %t, cause %s", d.Fault, d.Cause)
	}
	if !d.Fault || len(d.Subsegments) > 0 { // where the cause names the subsegment's exception
		return
	}
	var cause struct {
		Exceptions []struct {
			Message string
			Stack   []struct{ Label string }
		}
	}
	if err := json.Unmarshal(d.Cause, &cause); err != nil {
		t.Fatal(err)
	}
	if len(cause.Exceptions) != 1 || cause.Exceptions[0].Message == "" || len(cause.Exceptions[0].Stack) == 0 {
		t.Errorf("the cause is %s", d.Cause)
	}
}

func TestAFaultBelowNamesTheSubsegmentsException(t *testing.T) {
	h := buildWith(t, func(c *Config) { c.Routes = Routes(Route{http.MethodPost, "/fail/{how}", failing}) })
	h.do(t, "POST", "/fail/deep", "", "X-API-Key", key)
	d := h.collector.Await(t, contract.Backend)
	var below struct{ Exceptions []struct{ ID string } }
	if err := json.Unmarshal(d.Child(t, "a_step").Cause, &below); err != nil || len(below.Exceptions) != 1 {
		t.Fatalf("the step's cause is %s, %v", d.Child(t, "a_step").Cause, err)
	}
	if string(d.Cause) != `"`+below.Exceptions[0].ID+`"` {
		t.Errorf("the segment's cause is %s, the step's %v", d.Cause, below)
	}
}
