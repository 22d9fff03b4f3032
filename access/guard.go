package access

import (
	"mime"
	"net/http"
	"strings"
	"time"
)

// Config holds what a Guard needs. The zero Config lets everybody in.
type Config struct {
	// Keyring names who may come in; nil lets everybody in.
	Keyring *Keyring
	// Hosts are further names, in lower case and without a port, under which
	// browsers reach a server that lets everybody in; its addresses and
	// localhost are taken anyway.
	Hosts []string
	// SessionLifetime bounds a session from its login. Default 12 h.
	SessionLifetime time.Duration
	// MaxBodyBytes bounds a signed request's body, which has to be read whole
	// before anything is done with it. Default 8 MiB.
	MaxBodyBytes int64
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Observer counts decisions; default nobody.
	Observer Observer
}

// Guard stands before handlers. It is safe for use by many goroutines.
type Guard struct {
	cfg    Config
	origin *http.CrossOriginProtection
	limit  *limiter
}

// New returns a Guard.
func New(cfg Config) *Guard {
	if cfg.SessionLifetime == 0 {
		cfg.SessionLifetime = 12 * time.Hour
	}
	if cfg.MaxBodyBytes == 0 {
		cfg.MaxBodyBytes = 8 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Observer == nil {
		cfg.Observer = nobody{}
	}
	return &Guard{cfg: cfg, origin: http.NewCrossOriginProtection(), limit: newLimiter()}
}

type nobody struct{}

func (nobody) Accepted(Way)        {}
func (nobody) Refused(Way, Reason) {}

// Wrap returns next for those who may come in, where CallerOf says who they are:
// everybody else gets status 401
// and an error in X-Ray's shape. Requests that a browser makes on behalf of
// another site are refused with 403, also where everybody is let in: a page
// of a stranger must not write to the server on somebody's own machine.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, no := g.check(w, r)
		if no != nil {
			g.refuse(w, no)
			return
		}
		if caller.Way != WayNone {
			g.cfg.Observer.Accepted(caller.Way)
		}
		next.ServeHTTP(w, r.WithContext(withCaller(r.Context(), caller)))
	})
}

func (g *Guard) refuse(w http.ResponseWriter, no *refusal) {
	g.cfg.Observer.Refused(no.way, no.reason)
	no.write(w)
}

func (g *Guard) check(w http.ResponseWriter, r *http.Request) (Caller, *refusal) {
	if err := g.origin.Check(r); err != nil {
		return Caller{}, refuse(wayOf(r), ReasonOrigin, "a page of another site asked the browser for this; open the console itself")
	}
	if g.rebound(r) {
		return Caller{}, refuse(WayNone, ReasonOrigin, "the page stands under a name that is not known to be this server's; open the console by address, or name it with --http-hosts")
	}
	if g.cfg.Keyring == nil {
		return Caller{Way: WayNone}, nil
	}
	var t token
	var no *refusal
	way := wayOf(r)
	switch way {
	case WayBearer:
		t, no = g.checkBearer(r)
	case WaySigV4:
		t, no = g.checkSigV4(w, r)
	case WaySession:
		t, no = g.checkSession(r)
	default:
		no = refuse(WayNone, ReasonMissing, "this server wants to know who asks: send Authorization: Bearer and a token, sign with SigV4 (the token's name is the access key id, the token the secret), or log in on the console")
		if r.Header.Get("Authorization") != "" {
			no = refuse(WayNone, ReasonMalformed, "the Authorization header is of no kind that is known here: send Bearer and a token, or sign with SigV4")
		}
	}
	return Caller{t.name, way}, no
}

// wayOf says how r proves who asks. A header that was sent on purpose stands
// above a cookie that the browser adds.
func wayOf(r *http.Request) Way {
	authorization := r.Header.Get("Authorization")
	scheme, _, _ := strings.Cut(authorization, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return WayBearer
	case scheme == algorithm:
		return WaySigV4
	case authorization != "":
		return WayNone
	}
	if _, err := r.Cookie(cookieName); err == nil {
		return WaySession
	}
	return WayNone
}

// checkBearer is RFC 6750, section 2.1.
func (g *Guard) checkBearer(r *http.Request) (token, *refusal) {
	_, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if len(r.Header.Values("Authorization")) > 1 || len(secret) > maxSecret || !only(secret, isSecretByte) {
		return token{}, refuse(WayBearer, ReasonMalformed, "the Authorization header does not hold the word Bearer, a space and one token")
	}
	t, ok := g.cfg.Keyring.bySecret(secret)
	if !ok {
		return token{}, refuse(WayBearer, ReasonUnknown, "the token is none of this server's")
	}
	return t, nil
}

// isJSON says whether a body is declared as JSON. No form of another site can
// declare that, so a cookie alone never writes.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/x-amz-json"))
}
