package access_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/access"
)

// house is a guard before a handler that says "in" and repeats the body.
type house struct {
	*access.Guard
	*disk
	keys *access.Keyring
	now  time.Time
	seen *tally
	mux  *http.ServeMux
}

// tally is an Observer.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what]++
}

func (t *tally) Accepted(w access.Way)                 { t.add("accepted " + string(w)) }
func (t *tally) Refused(w access.Way, r access.Reason) { t.add(fmt.Sprintf("refused %s %s", w, r)) }

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 11, 23, 8, 15, 0, 0, time.UTC), seen: &tally{counts: map[string]int{}}}
	h.keys, h.disk = keyring(t, tokenFile)
	h.open(access.Config{Keyring: h.keys})
	return h
}

func (h *house) open(cfg access.Config) {
	cfg.Now, cfg.Observer = func() time.Time { return h.now }, h.seen
	h.Guard = access.New(cfg)
	h.mux = http.NewServeMux()
	h.Register(h.mux)
	h.mux.Handle("/", h.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "in %s %v", body, err)
	})))
}

func (h *house) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// ask makes a request with headers given as "Name: value".
func ask(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://traces.test"+path, strings.NewReader(body))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

const asJSON = "Content-Type: application/json"

// logIn returns the header with the session's cookie.
func (h *house) logIn(t *testing.T, token string) string {
	t.Helper()
	w := h.do(ask("POST", "/api/session", fmt.Sprintf(`{"token":%q}`, token), asJSON))
	if w.Code != http.StatusNoContent {
		t.Fatalf("login: %d %s", w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	return "Cookie: " + c.Name + "=" + c.Value
}

func TestWithoutCredentialsNobodyComesIn(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/", "/metrics", "/Traces", "/TraceSegments", "/api/traces", "/mcp", "/healthz/../Traces", "/api/session/x"} {
		w := h.do(ask("POST", path, "{}", asJSON))
		if w.Code == http.StatusTemporaryRedirect || w.Code == http.StatusMovedPermanently {
			continue // the mux cleans the path; what it leads to is asked above
		}
		var answer struct {
			Type    string `json:"__type"`
			Message string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %s", path, w.Body)
		}
		if w.Code != 401 || answer.Type != "MissingAuthenticationTokenException" || !strings.Contains(answer.Message, "Bearer") ||
			w.Header().Get("WWW-Authenticate") != `Bearer realm="roentgen"` || w.Header().Get("x-amzn-ErrorType") != answer.Type {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
	if h.seen.counts["refused none missing"] < 6 {
		t.Error(h.seen.counts)
	}
}

func TestWithoutATokenFileEverybodyComesIn(t *testing.T) {
	h := newHouse(t)
	h.open(access.Config{Hosts: []string{"traces.test"}})
	if w := h.do(ask("POST", "/Traces", "{}")); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.do(ask("GET", "/api/session", "")); strings.TrimSpace(w.Body.String()) != `{"required":false,"authenticated":true}` {
		t.Error(w.Body)
	}
	if w := h.do(ask("POST", "/api/session", `{"token":"x"}`, asJSON)); w.Code != 204 || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %v", w.Code, w.Result().Cookies())
	}
	t.Run("but no page of another site", func(t *testing.T) {
		for _, header := range []string{"Sec-Fetch-Site: cross-site", "Origin: http://evil.test"} {
			if w := h.do(ask("POST", "/TraceSegments", "{}", header)); w.Code != 403 {
				t.Errorf("%s: %d %s", header, w.Code, w.Body)
			}
		}
		if w := h.do(ask("POST", "/Traces", "{}", "Origin: http://traces.test")); w.Code != 200 {
			t.Errorf("the site itself: %d %s", w.Code, w.Body)
		}
	})
}

func TestBearerTokens(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		header string
		code   int
		reason string
	}{
		{"Authorization: Bearer " + aliceToken, 200, "accepted bearer"},
		{"Authorization: bearer   " + graphToken, 200, "accepted bearer"},
		{"Authorization: Bearer " + aliceToken + "x", 401, "refused bearer unknown"},
		{"Authorization: Bearer " + aliceToken[1:], 401, "refused bearer unknown"},
		{"Authorization: Bearer alice", 401, "refused bearer unknown"},
		{"Authorization: Bearer", 401, "refused bearer malformed"},
		{"Authorization: Bearer a b", 401, "refused bearer malformed"},
		{"Authorization: Bearer " + strings.Repeat("a", 5000), 401, "refused bearer malformed"},
		{"Authorization: Basic YWxpY2U6eA==", 401, "refused none malformed"},
		{"Authorization: " + aliceToken, 401, "refused none malformed"},
	} {
		clear(h.seen.counts)
		w := h.do(ask("POST", "/Traces", "{}", c.header))
		if w.Code != c.code || h.seen.counts[c.reason] != 1 || len(h.seen.counts) != 1 {
			t.Errorf("%.60s: %d %s, counted %v, want %s", c.header, w.Code, w.Body, h.seen.counts, c.reason)
		}
	}
	if w := h.do(ask("GET", "/metrics", "", "Authorization: Bearer "+aliceToken, "Authorization: Bearer "+aliceToken)); w.Code != 401 {
		t.Errorf("two headers: %d", w.Code)
	}
}

func TestARemovedTokenIsOutAtOnce(t *testing.T) {
	h := newHouse(t)
	session := h.logIn(t, aliceToken)
	h.text = "grafana " + graphToken
	if _, err := h.keys.Reload(); err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"Authorization: Bearer " + aliceToken, session} {
		if w := h.do(ask("GET", "/metrics", "", header)); w.Code != 401 {
			t.Errorf("%.40s…: %d", header, w.Code)
		}
	}
	t.Run("and a changed one ends its sessions", func(t *testing.T) {
		h.text = "alice a-new-one-0123456789"
		if _, err := h.keys.Reload(); err != nil {
			t.Fatal(err)
		}
		if w := h.do(ask("GET", "/metrics", "", session)); w.Code != 401 {
			t.Errorf("%d", w.Code)
		}
	})
}
