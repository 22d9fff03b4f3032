package gguf

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Config is what a Server needs. Log and Now are required.
type Config struct {
	Version string
	Engines map[string]Engine // by model; the models that are left out work by rules
	Workers int               // inferences of a model at once; 0 is 2
	Queue   int               // inferences of a model that may wait; 0 is 32, below 0 none
	Timeout time.Duration     // of one inference, without its wait; 0 is 60 s
	Log     *slog.Logger
	Now     func() time.Time
}

// Server answers POST /inference. It is safe for concurrent use and owns no goroutine but those of Run.
type Server struct {
	cfg    Config
	models map[string]*model
}

// model is a name with its engine and its queue.
type model struct {
	name   string
	engine Engine
	gate   *gate.Gate
}

// New makes a server and says in the log which engine each model has.
func New(cfg Config) *Server {
	if cfg.Workers == 0 {
		cfg.Workers = 2
	}
	if cfg.Queue == 0 {
		cfg.Queue = 32
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	s := &Server{cfg: cfg, models: map[string]*model{}}
	rules := NewRules()
	for _, name := range Models() {
		engine := cfg.Engines[name]
		if engine == nil {
			engine = rules.Engine(name)
		}
		s.models[name] = &model{name, engine, gate.New(cfg.Workers, cfg.Queue, cfg.Now)}
		cfg.Log.Info("model", "model", name, "engine", engine.Name(), "source", engine.State().Source)
	}
	return s
}

// Run runs what engines do by themselves, the processes of model files, until ctx ends; it has ended them when it
// returns. It must go on while requests are worked on.
func (s *Server) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	errs := make(chan error, len(s.models))
	for _, m := range s.models {
		if runner, ok := m.engine.(Runner); ok {
			wait.Go(func() { errs <- runner.Run(ctx) })
		}
	}
	wait.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// Routes returns the server's API.
func (s *Server) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodPost, Path: "/inference", Handle: s.inference},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
		{Method: http.MethodGet, Path: "/{$}", Handle: s.about},
	}
}

// Ready implements the readiness probe: no model is being loaded for the first time, and one at least can be asked. A
// model that cannot be used costs itself, not the service.
func (s *Server) Ready(context.Context) error {
	ready := 0
	for _, name := range Models() {
		switch state := s.models[name].engine.State(); {
		case state.Loading:
			return errors.New("the model " + name + " is being loaded")
		case state.Ready:
			ready++
		}
	}
	if ready == 0 {
		return errors.New("no model can be used; /health says why")
	}
	return nil
}

type healthBody struct {
	Status  string                 `json:"status"`
	Models  map[string]bool        `json:"models"` // which can be asked
	Engine  string                 `json:"engine"` // the engines in use, joined by +
	Message string                 `json:"message"`
	Engines map[string]modelHealth `json:"engines"` // by model
}

type modelHealth struct {
	Engine string `json:"engine"`
	State
	Queue gate.State `json:"queue"`
}

// health says healthy when every model can be asked, unhealthy when none can.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	body := healthBody{Models: map[string]bool{}, Engines: map[string]modelHealth{}}
	var engines, missing []string
	for _, name := range Models() {
		m := s.models[name]
		state := m.engine.State()
		body.Models[name] = state.Ready
		body.Engines[name] = modelHealth{m.engine.Name(), state, m.gate.State()}
		engines = append(engines, m.engine.Name())
		if !state.Ready {
			missing = append(missing, name)
		}
	}
	slices.Sort(engines)
	body.Engine = strings.Join(slices.Compact(engines), "+")
	body.Status, body.Message = standing(missing, slices.Contains(engines, EngineRules))
	web.WriteJSON(w, web.HealthStatus(body.Status), body)
	return nil
}

func standing(missing []string, rules bool) (status, message string) {
	switch {
	case len(missing) == len(Models()):
		return web.Unhealthy, "no model can be used"
	case len(missing) > 0:
		return web.Degraded, "these models cannot be used: " + strings.Join(missing, ", ")
	case rules:
		return web.Healthy, "every model can be used; those whose engine is rules work without a language model"
	}
	return web.Healthy, "every model can be used"
}

func (s *Server) about(w http.ResponseWriter, _ *http.Request) error {
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"service": contract.GGUF, "version": s.cfg.Version,
		"endpoints": map[string]string{"inference": "POST /inference", "health": "GET /health"},
	})
	return nil
}
