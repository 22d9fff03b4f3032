package access

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const cookieName = "roentgen_session"

// A session's cookie is "1.NAME.END.MAC" with dots only where shown, NAME
// without padding in base64, END in epoch seconds, and MAC the HMAC-SHA256,
// in base64, of what stands before its dot under the token's session key.
const cookieVersion = "1"

var b64 = base64.RawURLEncoding

// seal makes the cookie of a session that ends at end.
func seal(t token, end time.Time) string {
	claim := cookieVersion + "." + b64.EncodeToString([]byte(t.name)) + "." + strconv.FormatInt(end.Unix(), 10)
	return claim + "." + b64.EncodeToString(keyedHash(t.session, claim))
}

// sessionOf returns whose session r carries.
func (g *Guard) sessionOf(r *http.Request) (token, *refusal) {
	broken := refuse(WaySession, ReasonMalformed, "the session's cookie cannot be read; log in again")
	cookie, err := r.Cookie(cookieName)
	if err != nil || len(cookie.Value) > 512 {
		return token{}, broken
	}
	parts := strings.Split(cookie.Value, ".")
	if len(parts) != 4 || parts[0] != cookieVersion {
		return token{}, broken
	}
	name, errName := b64.DecodeString(parts[1])
	end, errEnd := strconv.ParseInt(parts[2], 10, 64)
	mac, errMAC := b64.DecodeString(parts[3])
	if errName != nil || errEnd != nil || errMAC != nil {
		return token{}, broken
	}
	t, ok := g.cfg.Keyring.byName(string(name))
	if !ok {
		return token{}, refuse(WaySession, ReasonUnknown, "the token that this session was opened with is no longer valid; log in with another")
	}
	if !hmac.Equal(mac, keyedHash(t.session, strings.Join(parts[:3], "."))) {
		return token{}, refuse(WaySession, ReasonSignature, "this session was not opened with the token that is valid now; log in again")
	}
	if g.cfg.Now().Unix() >= end {
		return token{}, refuse(WaySession, ReasonExpired, "the session has ended; log in again")
	}
	return t, nil
}

func (g *Guard) checkSession(r *http.Request) (token, *refusal) {
	t, no := g.sessionOf(r)
	if no != nil {
		return token{}, no
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !isJSON(r) {
		return token{}, refuse(WaySession, ReasonOrigin, "within a session a %s has to declare its body as Content-Type: application/json", r.Method)
	}
	return t, nil
}

// cookie is the session's cookie, out of reach of scripts and of other sites.
func (g *Guard) cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: overTLS(r),
	}
}

// overTLS says whether the browser speaks TLS, to us or to a proxy before us.
// Who lies about that only harms their own cookie.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
