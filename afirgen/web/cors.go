package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// cors answers preflights and lets the listed origins read answers, X-Amzn-Trace-Id among their headers. Origins are
// compared exactly, a trailing slash apart.
func cors(allowed []string, log *slog.Logger, next http.Handler) http.Handler {
	origins := make([]string, 0, len(allowed))
	for _, o := range allowed {
		origins = append(origins, strings.TrimSuffix(o, "/"))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		listed := slices.Contains(origins, strings.TrimSuffix(origin, "/"))
		w.Header().Add("Vary", "Origin")
		if origin != "" && listed {
			allowOrigin(w.Header(), origin)
		}
		switch {
		case !isPreflight(r):
			next.ServeHTTP(w, r)
		case listed:
			allowMethods(w.Header())
			w.WriteHeader(http.StatusNoContent)
		default:
			log.WarnContext(r.Context(), "preflight from an origin that is not listed", "listed", origins)
			WriteError(w, r, Fail(http.StatusForbidden, contract.OriginRefused,
				"this origin may not call: the service's CORS_ORIGINS does not list it"))
		}
	})
}

func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "X-Amzn-Trace-Id, X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Window, X-RateLimit-Remaining")
}

func allowMethods(h http.Header) {
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Requested-With, X-API-Key, X-Request-Id, X-Amzn-Trace-Id")
	h.Set("Access-Control-Max-Age", "3600")
}
