package web

import (
	"context"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// The probes of orchestrators and load balancers: open to everyone, let through while draining.
const (
	Health = "/health" // the whole state as JSON
	Livez  = "/livez"  // the process answers
	Readyz = "/readyz" // it should be sent work
)

func isProbe(path string) bool { return path == Health || path == Livez || path == Readyz }

// States of a health body.
const (
	Healthy   = "healthy"
	Degraded  = "degraded"  // works, but lacks something
	Unhealthy = "unhealthy" // does not work
)

// HealthStatus is the HTTP status that goes with a state.
func HealthStatus(state string) int {
	if state == Unhealthy {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// Probes returns the routes for liveness and readiness. ready says why the service should not be sent work.
func Probes(drain *Drain, ready func(context.Context) error) []Route {
	return []Route{
		{http.MethodGet, Livez, func(w http.ResponseWriter, r *http.Request) error {
			WriteJSON(w, http.StatusOK, map[string]string{"status": "alive"})
			return nil
		}},
		{http.MethodGet, Readyz, func(w http.ResponseWriter, r *http.Request) error {
			if drain.Draining() {
				return drainingError()
			}
			if err := ready(r.Context()); err != nil {
				return Fail(http.StatusServiceUnavailable, contract.NotReady, "not ready: "+err.Error())
			}
			WriteJSON(w, http.StatusOK, map[string]string{"status": "ready"})
			return nil
		}},
	}
}

// RequestRate is for tracing.Config: it keeps probes and scrapes out of the traces, because an orchestrator or Prometheus
// asks every few seconds and nobody reads those traces. One is traced all the same when the caller has decided so
// (Sampled=1) or forces it.
func RequestRate(r *http.Request) (rate float64, ok bool) {
	return 0, isProbe(r.URL.Path) || isScrape(r.URL.Path)
}
