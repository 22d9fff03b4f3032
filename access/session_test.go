package access_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/access"
)

func TestASessionFromLoginToLogout(t *testing.T) {
	h := newHouse(t)
	if w := h.do(ask("GET", "/api/session", "")); strings.TrimSpace(w.Body.String()) != `{"required":true,"authenticated":false}` {
		t.Error(w.Body)
	}
	session := h.logIn(t, aliceToken)
	if strings.Contains(session, aliceToken) {
		t.Error("the cookie holds the token")
	}
	if w := h.do(ask("GET", "/api/session", "", session)); strings.TrimSpace(w.Body.String()) != `{"required":true,"authenticated":true,"name":"alice"}` {
		t.Error(w.Body)
	}
	if w := h.do(ask("POST", "/Traces", "{}", session, asJSON)); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	t.Run("it outlives a restart of the server", func(t *testing.T) {
		again, _ := keyring(t, tokenFile)
		h.open(access.Config{Keyring: again})
		if w := h.do(ask("GET", "/metrics", "", session)); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	t.Run("and logout takes the cookie away", func(t *testing.T) {
		w := h.do(ask("DELETE", "/api/session", "", session))
		if c := w.Result().Cookies(); w.Code != 204 || len(c) != 1 || c[0].MaxAge >= 0 || c[0].Value != "" {
			t.Errorf("%d %v", w.Code, c)
		}
	})
}

func TestTheCookieIsOutOfReach(t *testing.T) {
	h := newHouse(t)
	login := func(change func(*http.Request)) *http.Cookie {
		r := ask("POST", "/api/session", fmt.Sprintf(`{"token":%q}`, aliceToken), asJSON)
		change(r)
		return h.do(r).Result().Cookies()[0]
	}
	c := login(func(*http.Request) {})
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure || c.MaxAge != 12*3600 {
		t.Errorf("%+v", c)
	}
	if c := login(func(r *http.Request) { r.TLS = new(tls.ConnectionState) }); !c.Secure {
		t.Errorf("over TLS: %+v", c)
	}
	if c := login(func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }); !c.Secure {
		t.Errorf("behind a proxy with TLS: %+v", c)
	}
}

func TestASessionEnds(t *testing.T) {
	h := newHouse(t)
	session := h.logIn(t, aliceToken)
	h.now = h.now.Add(12*time.Hour - time.Second)
	if w := h.do(ask("GET", "/metrics", "", session)); w.Code != 200 {
		t.Errorf("before its end: %d", w.Code)
	}
	h.now = h.now.Add(time.Second)
	if w := h.do(ask("GET", "/metrics", "", session)); w.Code != 401 || h.seen.counts["refused session expired"] != 1 {
		t.Errorf("at its end: %d %v", w.Code, h.seen.counts)
	}
}

func TestAForgedCookieIsRefused(t *testing.T) {
	h := newHouse(t)
	alice, grafana := h.logIn(t, aliceToken), h.logIn(t, graphToken)
	parts := strings.Split(alice, ".")
	other := strings.Split(grafana, ".")
	far := fmt.Sprint(h.now.Add(24 * 365 * time.Hour).Unix())
	for name, cookie := range map[string]string{
		"empty":              "Cookie: roentgen_session=",
		"rubbish":            "Cookie: roentgen_session=....",
		"a token":            "Cookie: roentgen_session=" + aliceToken,
		"a later end":        strings.Join([]string{parts[0], parts[1], far, parts[3]}, "."),
		"another's name":     strings.Join([]string{parts[0], other[1], parts[2], parts[3]}, "."),
		"another's mac":      strings.Join([]string{parts[0], parts[1], parts[2], other[3]}, "."),
		"no mac":             strings.Join([]string{parts[0], parts[1], parts[2], ""}, "."),
		"a part more":        alice + ".x",
		"another version":    strings.Replace(alice, "=1.", "=2.", 1),
		"an end that is not": strings.Join([]string{parts[0], parts[1], "soon", parts[3]}, "."),
		"long":               "Cookie: roentgen_session=" + strings.Repeat("a", 3000),
	} {
		if w := h.do(ask("GET", "/metrics", "", cookie)); w.Code != 401 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestACookieAloneNeverWrites(t *testing.T) {
	h := newHouse(t)
	session := h.logIn(t, aliceToken)
	for _, c := range []struct {
		headers []string
		code    int
	}{
		{[]string{asJSON}, 200},
		{[]string{"Content-Type: application/json; charset=utf-8"}, 200},
		{[]string{"Content-Type: application/x-amz-json-1.1"}, 200},
		{nil, 403},
		{[]string{"Content-Type: text/plain"}, 403},
		{[]string{"Content-Type: application/x-www-form-urlencoded"}, 403},
		{[]string{asJSON, "Sec-Fetch-Site: cross-site"}, 403},
		{[]string{asJSON, "Sec-Fetch-Site: same-site"}, 403},
		{[]string{asJSON, "Sec-Fetch-Site: same-origin"}, 200},
		{[]string{asJSON, "Origin: http://evil.test"}, 403},
		{[]string{asJSON, "Origin: null"}, 403},
	} {
		if w := h.do(ask("POST", "/CreateGroup", "{}", append(c.headers, session)...)); w.Code != c.code {
			t.Errorf("%v: %d, want %d: %s", c.headers, w.Code, c.code, w.Body)
		}
	}
}

func TestABadLoginIsRefusedAndCounted(t *testing.T) {
	h := newHouse(t)
	good := fmt.Sprintf(`{"token":%q}`, aliceToken)
	for _, c := range []struct {
		name, body string
		headers    []string
		code       int
		counted    string
	}{
		{"a wrong token", `{"token":"wrong"}`, []string{asJSON}, 401, "refused login unknown"},
		{"no token", `{}`, []string{asJSON}, 401, "refused login malformed"},
		{"no JSON", `token=x`, []string{asJSON}, 401, "refused login malformed"},
		{"too long", `{"token":"` + strings.Repeat("a", 5000) + `"}`, []string{asJSON}, 401, "refused login malformed"},
		{"a form", good, []string{"Content-Type: text/plain"}, 403, "refused login origin"},
		{"another site", good, []string{asJSON, "Sec-Fetch-Site: cross-site"}, 403, "refused login origin"},
	} {
		clear(h.seen.counts)
		w := h.do(ask("POST", "/api/session", c.body, c.headers...))
		if w.Code != c.code || h.seen.counts[c.counted] != 1 || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: %d %s %v", c.name, w.Code, w.Body, h.seen.counts)
		}
	}
}

func TestGuessesAreLimitedByAddress(t *testing.T) {
	h := newHouse(t)
	login := func(from, token string) int {
		r := ask("POST", "/api/session", fmt.Sprintf(`{"token":%q}`, token), asJSON)
		r.RemoteAddr = from
		return h.do(r).Code
	}
	for i := range 10 {
		if code := login("192.0.2.1:1000", "wrong"); code != 401 {
			t.Fatalf("guess %d: %d", i+1, code)
		}
	}
	if code := login("192.0.2.1:1001", aliceToken); code != 429 {
		t.Errorf("the eleventh, with the right token: %d; a right one must not shine through", code)
	}
	if h.seen.counts["refused login limit"] != 1 || h.seen.counts["refused login unknown"] != 10 {
		t.Error(h.seen.counts)
	}
	if code := login("192.0.2.2:1000", aliceToken); code != 204 {
		t.Errorf("another address: %d", code)
	}
	h.now = h.now.Add(6 * time.Second)
	for range 50 { // right ones cost nothing
		if code := login("192.0.2.1:1000", aliceToken); code != 204 {
			t.Fatalf("after a while: %d", code)
		}
	}
	t.Run("a /64 of IPv6 is one address", func(t *testing.T) {
		for i := range 10 {
			login(fmt.Sprintf("[2001:db8::%x]:1000", i+1), "wrong")
		}
		if code := login("[2001:db8::ffff]:1000", "wrong"); code != 429 {
			t.Errorf("within the /64: %d", code)
		}
		if code := login("[2001:db8:0:1::1]:1000", "wrong"); code != 401 {
			t.Errorf("beyond it: %d", code)
		}
	})
}

func TestManyAddressesShareAnAccountAndAreForgotten(t *testing.T) {
	h := newHouse(t)
	login := func(i int) int {
		r := ask("POST", "/api/session", `{"token":"wrong"}`, asJSON)
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		return h.do(r).Code
	}
	for i := range 10_000 {
		if code := login(i); code != 401 {
			t.Fatalf("address %d: %d", i, code)
		}
	}
	refused := 0
	for i := range 20 {
		if login(20_000+i) == 429 {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 20 further addresses refused, want the 10 above the shared account", refused)
	}
	h.now = h.now.Add(time.Minute)
	for i := range 20 {
		if code := login(20_000 + i); code != 401 {
			t.Errorf("a minute later: %d", code)
		}
	}
}
