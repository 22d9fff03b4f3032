package backend

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Config is what a Server needs. All but the numbers is required.
type Config struct {
	ModelServer  string // URL of the gguf server
	ASROCRServer string // URL of the asr-ocr server
	Client       http.RoundTripper
	Drain        *web.Drain
	Log          *slog.Logger
	Now          func() time.Time
	NewID        func() string // session ids, UUIDs

	SessionTTL    time.Duration // after the last activity; 0 is an hour
	MaxRequests   int           // complaints worked on at once; 0 is 15. Seven times as many may wait
	MaxModelCalls int           // calls to model servers at once; 0 is 10
}

// Server answers callers. It is safe for concurrent use and owns no goroutine that outlives a request.
type Server struct {
	cfg                  Config
	store                *Store
	gguf, asrocr         neighbour
	requests, modelCalls *gate.Gate
	looks                looks
}

// New makes a server that keeps its sessions in store, which stays the caller's to close.
func New(cfg Config, store *Store) *Server {
	if cfg.SessionTTL == 0 {
		cfg.SessionTTL = time.Hour
	}
	if cfg.MaxRequests == 0 {
		cfg.MaxRequests = 15
	}
	if cfg.MaxModelCalls == 0 {
		cfg.MaxModelCalls = 10
	}
	client := &http.Client{Transport: cfg.Client}
	s := &Server{
		cfg: cfg, store: store,
		gguf:     neighbour{contract.GGUF, strings.TrimSuffix(cfg.ModelServer, "/"), client},
		asrocr:   neighbour{contract.ASROCR, strings.TrimSuffix(cfg.ASROCRServer, "/"), client},
		requests: gate.New(cfg.MaxRequests, 7*cfg.MaxRequests, cfg.Now),
		// Each request makes one call at a time, so more than MaxRequests never wait.
		modelCalls: gate.New(cfg.MaxModelCalls, cfg.MaxRequests, cfg.Now),
	}
	s.looks.now, s.looks.take = cfg.Now, s.look
	return s
}

// Routes returns the server's API.
func (s *Server) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodPost, Path: "/process", Handle: s.process},
		{Method: http.MethodGet, Path: "/session/{id}", Handle: s.session},
		{Method: http.MethodGet, Path: "/session/{id}/status", Handle: s.session},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
	}
}
