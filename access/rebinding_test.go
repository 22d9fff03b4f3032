package access_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/access"
)

func TestAPageUnderAStrangersNameIsRefusedWhereNobodyShowsAToken(t *testing.T) {
	for _, c := range []struct {
		host   string // as the browser knows the server, the page too
		origin bool   // whether the browser says where the page stands
		want   int
	}{
		{"127.0.0.1:1895", true, 200},
		{"[::1]:1895", true, 200},
		{"10.1.2.3:1895", true, 200},
		{"localhost:1895", true, 200},
		{"roentgen.localhost", true, 200},
		{"traces.example.in:1895", true, 200},
		{"Traces.Example.IN.", true, 200},
		{"evil.example:1895", true, 403},
		{"localhost.evil.example", true, 403},
		{"roentgen:1895", true, 403},
		{"roentgen:1895", false, 200}, // no browser's page: AWS's clients, curl
	} {
		h := newHouse(t)
		h.open(access.Config{Hosts: []string{"traces.example.in"}})
		r := httptest.NewRequest("POST", "http://"+c.host+"/Traces", strings.NewReader("{}"))
		if c.origin {
			r.Header.Set("Origin", "http://"+c.host)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s (Origin %v): %d, want %d: %s", c.host, c.origin, w.Code, c.want, w.Body)
		}
		h.open(access.Config{Keyring: h.keys})
		w = httptest.NewRecorder()
		r.Header.Set("Authorization", "Bearer "+aliceToken)
		h.mux.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Errorf("%s with a token: %d: %s", c.host, w.Code, w.Body)
		}
	}
}
