package access_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/roentgen/roentgen/access"
)

// TestAHandlerLearnsWhoCameIn by every way in, and nobody where all may come in.
func TestAHandlerLearnsWhoCameIn(t *testing.T) {
	h := newHouse(t)
	who := func(g *access.Guard, r *http.Request) string {
		w := httptest.NewRecorder()
		g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := access.CallerOf(r.Context())
			fmt.Fprintf(w, "%s by %s", c.Name, c.Way)
		})).ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, c := range []struct {
		request *http.Request
		want    string
	}{
		{ask("GET", "/", "", "Authorization: Bearer "+graphToken), "grafana by bearer"},
		{sign(ask("POST", "/Traces", ""), "alice", aliceToken, nil, h.now), "alice by sigv4"},
		{ask("GET", "/", "", h.logIn(t, aliceToken)), "alice by session"},
	} {
		if got := who(h.Guard, c.request); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	open := access.New(access.Config{})
	if got := who(open, ask("GET", "/", "", "Authorization: Bearer "+graphToken)); got != " by none" {
		t.Errorf("where everybody may come in: %q", got)
	}
	if c := access.CallerOf(t.Context()); c != (access.Caller{}) {
		t.Errorf("outside: %+v", c)
	}
	if !h.keys.Has("alice") || h.keys.Has("mallory") {
		t.Error("the names of the file are not known")
	}
}
