package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// securityHeaders are the original's, with a content policy for services that serve no page.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// requireKey lets requests with the key pass, in X-API-Key or as a bearer token, and probes. An empty key lets all
// pass.
func requireKey(key string, next http.Handler) http.Handler {
	if key == "" {
		return next
	}
	// Digests have one length, so that the comparison tells nothing of the key's.
	want := sha256.Sum256([]byte(key))
	user := "key-" + hex.EncodeToString(want[:4]) // tells keys apart and gives none away
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(givenKey(r)))
		right := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if right {
			tracing.SetUser(r.Context(), user)
		}
		if right || isProbe(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
		WriteError(w, r, Fail(http.StatusUnauthorized, contract.Unauthorized,
			"the API key is missing or wrong: send it as X-API-Key or as Authorization: Bearer"))
	})
}

func givenKey(r *http.Request) string {
	if key := r.Header.Get("X-API-Key"); key != "" {
		return key
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// limitBody refuses bodies that say they are too large at once, and cuts those that turn out so while they are read.
func limitBody(limit int64, next http.Handler) http.Handler {
	if limit <= 0 {
		limit = 1 << 20
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > limit {
			WriteError(w, r, tooLargeError(limit))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}
