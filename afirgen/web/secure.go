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

// What a browser may do with an answer. The service's own page runs its own scripts and styles alone, shows the
// photograph and plays the recording that the clerk has just made, and may ask for the microphone.
const (
	policyOfData = "default-src 'none'; frame-ancestors 'none'"
	policyOfPage = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob: data:; " +
		"media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	permissionsOfData = "geolocation=(), microphone=(), camera=()"
	permissionsOfPage = "geolocation=(), microphone=(self), camera=()"
)

// securityHeaders are the original's, but for the content policy, which has no exception for inline scripts.
func securityHeaders(page func(*http.Request) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		policy, permissions := policyOfData, permissionsOfData
		if page != nil && page(r) {
			policy, permissions = policyOfPage, permissionsOfPage
		}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-XSS-Protection", "1; mode=block")
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// requireKey lets requests with the key pass, in X-API-Key or as a bearer token, probes, and what cfg.Open names. An
// empty key lets all pass.
func requireKey(cfg Config, next http.Handler) http.Handler {
	if cfg.APIKey == "" {
		return next
	}
	// Digests have one length, so that the comparison tells nothing of the key's.
	want := sha256.Sum256([]byte(cfg.APIKey))
	user := "key-" + hex.EncodeToString(want[:4]) // tells keys apart and gives none away
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := givenKey(r)
		got := sha256.Sum256([]byte(given))
		right := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if right {
			tracing.SetUser(r.Context(), user)
		}
		if right || isProbe(r.URL.Path) || cfg.Open != nil && cfg.Open(r) {
			next.ServeHTTP(w, r)
			return
		}
		cfg.Metrics.refused(given != "")
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
