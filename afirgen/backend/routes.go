package backend

import (
	"net/http"

	"github.com/roentgen/roentgen/afirgen/web"
)

// Routes returns the server's API, which docs/afirgen/api.md describes.
func (s *Server) Routes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodPost, Path: "/process", Handle: s.process},
		{Method: http.MethodPost, Path: "/validate", Handle: s.validate},
		{Method: http.MethodPost, Path: "/regenerate/{id}", Handle: s.regenerate},
		{Method: http.MethodGet, Path: "/session/{id}", Handle: s.session},
		{Method: http.MethodGet, Path: "/session/{id}/status", Handle: s.status},
		{Method: http.MethodPost, Path: "/session/{id}/correct", Handle: s.correct},
		{Method: http.MethodPost, Path: "/authenticate", Handle: s.authenticate},
		{Method: http.MethodGet, Path: "/list_firs", Handle: s.list},
		{Method: http.MethodGet, Path: "/view_fir_records", Handle: s.viewAll},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
		{Method: http.MethodGet, Path: "/metrics/summary", Handle: s.summary},
		{Method: http.MethodGet, Path: "/reliability", Handle: s.reliability},
		{Method: http.MethodPost, Path: "/reliability/circuit-breaker/{name}/reset", Handle: s.resetBreaker},
		{Method: http.MethodPost, Path: "/reliability/auto-recovery/{name}/trigger", Handle: s.recover},
	}
	// A number is one segment when its slashes are escaped, and three when they are not.
	for _, number := range []string{"{number}", "{station}/{seq}/{year}"} {
		routes = append(routes,
			web.Route{Method: http.MethodGet, Path: "/fir/" + number, Handle: s.report},
			web.Route{Method: http.MethodGet, Path: "/fir/" + number + "/content", Handle: s.content},
			web.Route{Method: http.MethodGet, Path: "/fir/" + number + "/pdf", Handle: s.pdf},
			web.Route{Method: http.MethodPost, Path: "/fir/" + number + "/events", Handle: s.event},
			web.Route{Method: http.MethodGet, Path: "/view_fir/" + number, Handle: s.view},
		)
	}
	return routes
}
