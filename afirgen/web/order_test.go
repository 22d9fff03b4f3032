package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Each room stands before the next: a request that breaks every rule is refused by the outermost, and so on inwards.
func TestTheOrderOfTheRooms(t *testing.T) {
	clock := &handClock{}
	h := buildWith(t, func(c *Config) {
		c.Now = clock.now
		c.RateLimit = &RateLimit{Requests: 1}
	})
	preflight := []string{"Origin", "https://other.example", "Access-Control-Request-Method", "POST"}
	big := strings.Repeat("x", 1001)
	step := func(want int, kind contract.ErrorType, method, path, body string, headers ...string) *http.Response {
		t.Helper()
		resp := h.do(t, method, path, body, headers...)
		var told struct {
			ErrorType contract.ErrorType `json:"error_type"`
		}
		decodeBody(t, resp, &told)
		if resp.StatusCode != want || told.ErrorType != kind {
			t.Errorf("got %d %s, want %d %s", resp.StatusCode, told.ErrorType, want, kind)
		}
		wantTraceHeader(t, resp, "1")
		if resp.Header.Get("X-Request-Id") == "" {
			t.Error("no X-Request-Id")
		}
		return resp
	}
	step(401, contract.Unauthorized, "POST", "/thing/1", big) // takes the one place in the window; key before body
	limited := step(429, contract.RateLimited, "POST", "/thing/1", big)
	foreign := step(403, contract.OriginRefused, "OPTIONS", "/thing/1", "", preflight...) // before the limit
	for _, resp := range []*http.Response{limited, foreign} {
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("a %d without security headers", resp.StatusCode)
		}
	}
	clock.advance(time.Hour)
	step(413, contract.TooLarge, "POST", "/thing/1", big, "X-API-Key", key)
	clock.advance(time.Hour)
	step(404, contract.NotFound, "POST", "/nothing", "", "X-API-Key", key)
	h.drain.Begin()
	step(503, contract.Draining, "OPTIONS", "/thing/1", "", preflight...) // before everything
}

func TestWhatIsOpenAndWhatIsAPage(t *testing.T) {
	h := buildWith(t, func(c *Config) {
		isPage := func(r *http.Request) bool {
			return Endpoint(r.Context()) == "/{$}" || Endpoint(r.Context()) == "/app/{file...}"
		}
		html := func(w http.ResponseWriter, _ *http.Request) error {
			_, err := w.Write([]byte("<p>"))
			return err
		}
		c.Routes = Routes(Route{"GET", "/{$}", html}, Route{"GET", "/app/{file...}", html}, Route{"POST", "/process", html})
		c.Open, c.Page = isPage, isPage
	})
	for _, c := range []struct {
		method, path string
		status       int
		page         bool
	}{
		{"GET", "/", 200, true},
		{"GET", "/app/clerk.js", 200, true},
		{"POST", "/process", 401, false},
		{"GET", "/nothing", 401, false},
		{"POST", "/app/../process", 401, false},
		{"POST", "/app/%2e%2e/process", 405, true}, // another path than /process, to the mux too
		{"POST", "//process", 401, false},
	} {
		resp := h.do(t, c.method, c.path, "")
		if resp.StatusCode != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, resp.StatusCode, c.status)
		}
		csp, permissions := resp.Header.Get("Content-Security-Policy"), resp.Header.Get("Permissions-Policy")
		if strings.Contains(csp, "script-src 'self'") != c.page || strings.Contains(permissions, "microphone=(self)") != c.page ||
			!strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s %s: policies %q, %q", c.method, c.path, csp, permissions)
		}
		for name, want := range map[string]string{
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "X-XSS-Protection": "1; mode=block",
			"Referrer-Policy": "strict-origin-when-cross-origin", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q", c.method, c.path, name, got)
			}
		}
	}
}

func TestCheckOrigins(t *testing.T) {
	for _, c := range []struct {
		origin           string
		anywhere, inProd bool
	}{
		{"https://desk.example", true, true},
		{"https://desk.example/", true, true},
		{"http://desk.example:8443", true, true},
		{"http://localhost:3000", true, false},
		{"http://LOCALHOST", true, false},
		{"http://desk.localhost", true, false},
		{"http://127.0.0.1:8000", true, false},
		{"http://127.9.9.9", true, false},
		{"http://[::1]:8000", true, false},
		{"http://0.0.0.0", true, false},
		{"*", false, false},
		{"https://*.example", false, false},
		{"null", false, false},
		{"desk.example", false, false},
		{"https://desk.example/path", false, false},
		{"https://me@desk.example", false, false},
		{"https://desk.example?x=1", false, false},
		{"ftp://desk.example", false, false},
		{"https://", false, false},
		{"", false, false},
		{"https://desk.example:port", false, false},
	} {
		for environment, fine := range map[string]bool{"development": c.anywhere, "": c.anywhere, "production": c.inProd} {
			if err := CheckOrigins([]string{"https://good.example", c.origin}, environment); (err == nil) != fine {
				t.Errorf("%q in %q: %v", c.origin, environment, err)
			}
		}
	}
	if err := CheckOrigins(nil, "production"); err != nil {
		t.Errorf("none: %v", err)
	}
}
