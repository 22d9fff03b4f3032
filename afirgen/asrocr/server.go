package asrocr

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Config is what a Server needs. Log and Now are required.
type Config struct {
	Version   string
	Tesseract string        // the program's path; "" takes the PATH's
	Workers   int           // images read at once; 0 is 2
	Queue     int           // images that may wait; 0 is 16, below 0 none
	Timeout   time.Duration // of one image, without its wait; 0 is 100 s, within the backend's 120 s
	Log       *slog.Logger
	Now       func() time.Time
}

// MaxBody bounds a request: an image and the form around it, in bytes.
const MaxBody = MaxImage + 1<<20

// Server answers POST /ocr and POST /asr. It is safe for concurrent use and owns no goroutine.
type Server struct {
	cfg     Config
	engine  *Tesseract // nil while missing
	missing error      // why
	gate    *gate.Gate
}

// New makes a server. Without the tesseract program it starts too, and answers 503 with what to install.
func New(ctx context.Context, cfg Config) *Server {
	if cfg.Workers == 0 {
		cfg.Workers = 2
	}
	if cfg.Queue == 0 {
		cfg.Queue = 16
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 100 * time.Second
	}
	s := &Server{cfg: cfg, gate: gate.New(cfg.Workers, cfg.Queue, cfg.Now)}
	s.engine, s.missing = FindTesseract(ctx, cfg.Tesseract)
	if s.missing != nil {
		cfg.Log.Error("images cannot be read", "error", s.missing)
		return s
	}
	cfg.Log.Info("images are read by tesseract", "version", s.engine.Version, "languages", s.engine.Languages)
	return s
}

// Routes returns the server's API.
func (s *Server) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodPost, Path: "/ocr", Handle: s.ocr},
		{Method: http.MethodPost, Path: "/asr", Handle: s.asr},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
		{Method: http.MethodGet, Path: "/{$}", Handle: s.about},
	}
}

// Ready implements the readiness probe.
func (s *Server) Ready(context.Context) error {
	if s.engine == nil {
		return errors.New("tesseract is missing")
	}
	return nil
}

type healthBody struct {
	Status  string          `json:"status"`
	Models  map[string]bool `json:"models"`
	Engines []engineBody    `json:"engines"`
	Message string          `json:"message"`
	Queue   gate.State      `json:"queue"`
}

type engineBody struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	Languages []string `json:"languages"`
}

// health says degraded at best: speech is not in this build.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	body := healthBody{
		Status: web.Degraded, Models: map[string]bool{"tesseract": s.engine != nil, "speech": false},
		Engines: []engineBody{}, Message: "images are read; speech is not in this build", Queue: s.gate.State(),
	}
	if s.engine == nil {
		body.Status, body.Message = web.Unhealthy, s.missing.Error()
	} else {
		body.Engines = append(body.Engines, engineBody{"tesseract", s.engine.Version, s.engine.Languages})
	}
	web.WriteJSON(w, web.HealthStatus(body.Status), body)
	return nil
}

func (s *Server) about(w http.ResponseWriter, _ *http.Request) error {
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"service": contract.ASROCR, "version": s.cfg.Version,
		"endpoints": map[string]string{"ocr": "POST /ocr", "asr": "POST /asr", "health": "GET /health"},
	})
	return nil
}
