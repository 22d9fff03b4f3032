package backend

import (
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
)

// The names of the breakers before the neighbours.
const (
	ModelBreaker  = "model_server"
	ReaderBreaker = "asr_ocr_server"
)

// reliability shows breakers, drain and what the monitor has seen. It promises no figure that is not measured.
func (s *Server) reliability(w http.ResponseWriter, _ *http.Request) error {
	web.WriteJSON(w, http.StatusOK, s.reliabilityBody())
	return nil
}

type reliabilityBody struct {
	CircuitBreakers  map[string]upstream.State `json:"circuit_breakers"`
	GracefulShutdown web.DrainState            `json:"graceful_shutdown"`
	HealthMonitor    any                       `json:"health_monitor"`
}

func (s *Server) reliabilityBody() reliabilityBody {
	return reliabilityBody{
		CircuitBreakers:  map[string]upstream.State{ModelBreaker: s.cfg.Models.State(), ReaderBreaker: s.cfg.Reader.State()},
		GracefulShutdown: s.cfg.Drain.State(), HealthMonitor: s.cfg.Monitor(),
	}
}

// named returns the neighbour behind a breaker.
func (s *Server) named(r *http.Request) (*upstream.Upstream, error) {
	switch r.PathValue("name") {
	case ModelBreaker:
		return s.cfg.Models, nil
	case ReaderBreaker:
		return s.cfg.Reader, nil
	}
	return nil, web.Fail(http.StatusNotFound, contract.NotFound,
		"there is no such breaker: it is "+ModelBreaker+" or "+ReaderBreaker+"; the database has none, each statement tries it anew")
}

func (s *Server) resetBreaker(w http.ResponseWriter, r *http.Request) error {
	neighbour, err := s.named(r)
	if err != nil {
		return err
	}
	neighbour.Reset()
	web.WriteJSON(w, http.StatusOK, map[string]any{"success": true, "message": "the breaker is closed", "status": neighbour.State()})
	return nil
}

// recover asks the neighbour for its health and closes the breaker only if it works again.
func (s *Server) recover(w http.ResponseWriter, r *http.Request) error {
	neighbour, err := s.named(r)
	if err != nil {
		return err
	}
	if err := neighbour.Recover(r.Context()); err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, map[string]any{"success": true, "message": "it works again, and its breaker is closed", "status": neighbour.State()})
	return nil
}
