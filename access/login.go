package access

import (
	"encoding/json"
	"net/http"
)

// Session is the answer of GET /api/session.
type Session struct {
	Required      bool   `json:"required"`       // false: the server lets everybody in
	Authenticated bool   `json:"authenticated"`  // may the asker come in?
	Name          string `json:"name,omitempty"` // of the token the session was opened with
}

// Register puts /api/session on mux. It stands outside of Wrap: it is how one
// comes in.
func (g *Guard) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/session", g.whoAmI)
	mux.HandleFunc("POST /api/session", g.login)
	mux.HandleFunc("DELETE /api/session", g.logout)
}

func (g *Guard) whoAmI(w http.ResponseWriter, r *http.Request) {
	s := Session{Required: g.cfg.Keyring != nil, Authenticated: g.cfg.Keyring == nil}
	if s.Required {
		if t, no := g.sessionOf(r); no == nil {
			s.Authenticated, s.Name = true, t.name
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(s)
}

// login opens a session: {"token": "…"} → 204 and a cookie.
func (g *Guard) login(w http.ResponseWriter, r *http.Request) {
	t, no := g.checkLogin(w, r)
	if no != nil {
		if no.reason == ReasonLimit {
			w.Header().Set("Retry-After", retryAfter)
		}
		g.refuse(w, no)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if g.cfg.Keyring != nil {
		g.cfg.Observer.Accepted(WayLogin)
		lifetime := g.cfg.SessionLifetime
		http.SetCookie(w, g.cookie(r, seal(t, g.cfg.Now().Add(lifetime)), int(lifetime.Seconds())))
	}
	w.WriteHeader(http.StatusNoContent)
}

// checkLogin takes an attempt of the address before it looks at the token and
// gives it back when the token is right: attempts side by side gain nothing.
func (g *Guard) checkLogin(w http.ResponseWriter, r *http.Request) (token, *refusal) {
	if err := g.origin.Check(r); err != nil {
		return token{}, refuse(WayLogin, ReasonOrigin, "a page of another site asked the browser to log in; open the console itself")
	}
	if !isJSON(r) {
		return token{}, refuse(WayLogin, ReasonOrigin, "a login has to declare its body as Content-Type: application/json")
	}
	if g.cfg.Keyring == nil {
		return token{}, nil
	}
	address := addressOf(r.RemoteAddr)
	if !g.limit.take(address, g.cfg.Now()) {
		return token{}, refuse(WayLogin, ReasonLimit, "too many attempts to log in from this address; try again in %s seconds", retryAfter)
	}
	var body struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&body); err != nil || body.Token == "" {
		return token{}, refuse(WayLogin, ReasonMalformed, `a login is a JSON object of at most 4096 bytes like {"token": "…"}`)
	}
	t, ok := g.cfg.Keyring.bySecret(body.Token)
	if !ok {
		return token{}, refuse(WayLogin, ReasonUnknown, "the token is none of this server's; they stand in the file that --auth-file names")
	}
	g.limit.giveBack(address)
	return t, nil
}

// logout ends the session in this browser. The cookie itself, were it copied,
// would be good until its end: the server keeps no list of sessions.
func (g *Guard) logout(w http.ResponseWriter, r *http.Request) {
	if err := g.origin.Check(r); err != nil {
		g.refuse(w, refuse(WaySession, ReasonOrigin, "a page of another site asked the browser to log out; open the console itself"))
		return
	}
	http.SetCookie(w, g.cookie(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
}
