package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// Bounds of looking at the neighbours.
const (
	probeTTL     = 2 * time.Second // how long one look counts, so that many probes cost one
	probeTimeout = 2 * time.Second // of one look
)

type healthBody struct {
	Status             string                `json:"status"`
	ModelServer        json.RawMessage       `json:"model_server"`
	ASROCRServer       json.RawMessage       `json:"asr_ocr_server"`
	Database           string                `json:"database"`
	SessionPersistence string                `json:"session_persistence"`
	Concurrency        map[string]gate.State `json:"concurrency"`
	Reliability        reliability           `json:"reliability"`
}

type reliability struct {
	GracefulShutdown web.DrainState `json:"graceful_shutdown"`
}

// health says unhealthy without a database, degraded when a neighbour is not healthy.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	seen := s.looks.get(r.Context())
	body := healthBody{
		Status: seen.status(), ModelServer: seen.gguf.body, ASROCRServer: seen.asrocr.body,
		Database: "connected", SessionPersistence: "sqlite",
		Concurrency: map[string]gate.State{"requests": s.requests.State(), "model_calls": s.modelCalls.State()},
		Reliability: reliability{s.cfg.Drain.State()},
	}
	if seen.database != nil {
		body.Database = "unavailable"
	}
	web.WriteJSON(w, web.HealthStatus(body.Status), body)
	return nil
}

// Ready implements the readiness probe: the database and the model server are needed by every complaint. Without the
// server that reads photographs the service still takes text.
func (s *Server) Ready(ctx context.Context) error {
	seen := s.looks.get(ctx)
	switch {
	case seen.database != nil:
		return errors.New("the database does not answer")
	case !seen.gguf.works():
		return errors.New("the model server does not work")
	}
	return nil
}

// look is what was seen of everything that the backend needs.
type look struct {
	database     error
	gguf, asrocr state
}

func (l look) status() string {
	switch {
	case l.database != nil:
		return web.Unhealthy
	case l.gguf.status != web.Healthy || l.asrocr.status != web.Healthy:
		return web.Degraded
	}
	return web.Healthy
}

// state is what a neighbour says of itself; unreachable ones have a body of ours.
type state struct {
	status string
	body   json.RawMessage
}

func (s state) works() bool { return s.status == web.Healthy || s.status == web.Degraded }

// looks remembers the last look for probeTTL. Whoever comes while one is under way waits for it.
type looks struct {
	now  func() time.Time
	take func(context.Context) look

	mu struct {
		sync.Mutex
		last look
		at   time.Time
	}
}

func (l *looks) get(ctx context.Context) look {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.at.IsZero() || l.now().Sub(l.mu.at) >= probeTTL {
		// Others will read what is seen: that this caller goes must not count as a neighbour's failure.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
		defer cancel()
		l.mu.last = l.take(ctx)
		l.mu.at = l.now() // not when it began: a slow look would be old for those who waited for it
	}
	return l.mu.last
}

// look asks the database, then both neighbours at once.
func (s *Server) look(ctx context.Context) look {
	seen := look{database: s.store.Ping(ctx)}
	var wait sync.WaitGroup
	wait.Go(func() { seen.gguf = s.gguf.state(ctx) })
	wait.Go(func() { seen.asrocr = s.asrocr.state(ctx) })
	wait.Wait()
	return seen
}

// state asks a neighbour for its health.
func (n neighbour) state(ctx context.Context) state {
	body, err := n.healthBody(ctx)
	var said struct {
		Status string `json:"status"`
	}
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		body, _ = json.Marshal(map[string]string{"status": "unreachable", "message": n.name + " does not answer"})
		return state{"unreachable", body}
	}
	return state{said.Status, body}
}

func (n neighbour) healthBody(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(tracing.CalleeName(ctx, n.name), http.MethodGet, n.base+web.Health, nil)
	if err != nil {
		return nil, fmt.Errorf("asking %s for its health: %w", n.name, err)
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(io.LimitReader(resp.Body, 64<<10))
}
