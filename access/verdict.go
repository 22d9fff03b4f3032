package access

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Way is how somebody proves who they are.
type Way string

// The ways in.
const (
	WayNone    Way = "none" // nothing was shown
	WayBearer  Way = "bearer"
	WaySigV4   Way = "sigv4"
	WaySession Way = "session"
	WayLogin   Way = "login" // opens a session
)

// Reason is why somebody was refused.
type Reason string

// The reasons.
const (
	ReasonMissing   Reason = "missing"   // no credentials
	ReasonMalformed Reason = "malformed" // credentials that cannot be read
	ReasonUnknown   Reason = "unknown"   // a token or a name that is not in the file
	ReasonSignature Reason = "signature" // a signature that is not the name's
	ReasonExpired   Reason = "expired"   // a session past its end
	ReasonClock     Reason = "clock"     // signed too long ago, or in the future
	ReasonBody      Reason = "body"      // a body that is not what was signed, or too long
	ReasonOrigin    Reason = "origin"    // a browser, on behalf of another site
	ReasonLimit     Reason = "limit"     // too many attempts from the address
)

// Observer counts decisions. Its methods are called by many goroutines.
type Observer interface {
	Accepted(Way)
	Refused(Way, Reason)
}

// refusal is why a request may not come in.
type refusal struct {
	way     Way
	reason  Reason
	message string // for the caller: what is wrong and what to do, never a secret
}

func refuse(way Way, reason Reason, format string, args ...any) *refusal {
	return &refusal{way, reason, fmt.Sprintf(format, args...)}
}

// answer is a refusal's status and X-Ray's code for it. A name that is not
// there answers as a wrong signature does.
func (r *refusal) answer() (status int, code string) {
	switch {
	case r.reason == ReasonOrigin:
		return http.StatusForbidden, "AccessDeniedException"
	case r.reason == ReasonLimit:
		return http.StatusTooManyRequests, "ThrottledException"
	case r.reason == ReasonMissing:
		return http.StatusUnauthorized, "MissingAuthenticationTokenException"
	case r.way == WaySigV4 && r.reason == ReasonMalformed:
		return http.StatusUnauthorized, "IncompleteSignatureException"
	case r.way == WaySigV4:
		return http.StatusUnauthorized, "InvalidSignatureException"
	}
	return http.StatusUnauthorized, "UnrecognizedClientException"
}

// write sends the refusal in X-Ray's shape: AWS's SDKs read the header first,
// then __type.
func (r *refusal) write(w http.ResponseWriter) {
	status, code := r.answer()
	body, _ := json.Marshal(map[string]string{"__type": code, "message": r.message, "Message": r.message}) // strings always encode
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("x-amzn-ErrorType", code)
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="roentgen"`)
	}
	w.WriteHeader(status)
	w.Write(body)
}
