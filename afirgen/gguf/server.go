package gguf

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Config is what a Server needs. Log and Now are required.
type Config struct {
	Version  string
	ModelDir string        // where weights would lie; "" looks nowhere
	Workers  int           // inferences at once; 0 is 2
	Queue    int           // inferences that may wait; 0 is 32, below 0 none
	Timeout  time.Duration // of one inference, without its wait; 0 is 60 s
	Engine   Engine        // of the summariser; nil is NewRules()
	Log      *slog.Logger
	Now      func() time.Time
}

// Server answers POST /inference. It is safe for concurrent use and owns no goroutine.
type Server struct {
	cfg    Config
	models map[string]Engine
	gate   *gate.Gate
}

// New makes a server and says in the log which engine it has.
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
	if cfg.Engine == nil {
		cfg.Engine = NewRules()
	}
	s := &Server{cfg: cfg, models: models(cfg.Engine), gate: gate.New(cfg.Workers, cfg.Queue, cfg.Now)}
	s.announce()
	return s
}

// announce keeps an operator who has put weights into the model directory from believing that they are used.
func (s *Server) announce() {
	s.cfg.Log.Info("models", Summariser, s.cfg.Engine.Name(), BNSCheck, "not in this build", FIRSummariser, "not in this build")
	if s.cfg.ModelDir == "" {
		return
	}
	if _, err := os.Stat(s.cfg.ModelDir); err != nil {
		s.cfg.Log.Warn("the model directory cannot be read", "dir", s.cfg.ModelDir, "error", err)
		return
	}
	// The pattern is constant, so Glob has no error to give.
	files, _ := filepath.Glob(filepath.Join(s.cfg.ModelDir, "*.gguf"))
	if len(files) > 0 {
		s.cfg.Log.Warn("this build has no GGUF engine: the files in the model directory are not used, the summariser works by rules",
			"dir", s.cfg.ModelDir, "files", len(files))
	}
}

// Routes returns the server's API.
func (s *Server) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodPost, Path: "/inference", Handle: s.inference},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
		{Method: http.MethodGet, Path: "/{$}", Handle: s.about},
	}
}

// Ready implements the readiness probe: the rules need nothing but themselves.
func (s *Server) Ready(context.Context) error { return nil }

type healthBody struct {
	Status  string          `json:"status"`
	Models  map[string]bool `json:"models"`
	Engine  string          `json:"engine"`
	Message string          `json:"message"`
	Queue   gate.State      `json:"queue"`
}

// health says healthy when every model is there, degraded while the summariser is.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	body := healthBody{
		Status: web.Healthy, Models: map[string]bool{}, Engine: s.cfg.Engine.Name(),
		Message: "every model is loaded", Queue: s.gate.State(),
	}
	for name, engine := range s.models {
		body.Models[name] = engine != nil
		if engine == nil {
			body.Status = web.Degraded
			body.Message = "the summariser works by rules; the models marked false are not in this build"
		}
	}
	web.WriteJSON(w, web.HealthStatus(body.Status), body)
	return nil
}

func (s *Server) about(w http.ResponseWriter, _ *http.Request) error {
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"service": contract.GGUF, "version": s.cfg.Version,
		"endpoints": map[string]string{"inference": "POST /inference", "health": "GET /health"},
	})
	return nil
}
