package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
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
	Archive            string                `json:"archive"`
	KBCollections      int                   `json:"kb_collections"` // sections of law that are loaded
	SessionPersistence string                `json:"session_persistence"`
	Concurrency        map[string]gate.State `json:"concurrency"`
	Reliability        reliabilityBody       `json:"reliability"`
}

// health says unhealthy without a database, degraded when a neighbour is not healthy or the archive is away.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	seen := s.looks.get(r.Context())
	web.WriteJSON(w, web.HealthStatus(seen.status()), healthBody{
		Status: seen.status(), ModelServer: seen.gguf.body, ASROCRServer: seen.asrocr.body,
		Database: connected(seen.database), Archive: connected(seen.archive), KBCollections: len(s.cfg.Law.Sections()),
		SessionPersistence: s.cfg.Store.Kind(), Reliability: s.reliabilityBody(),
		Concurrency: map[string]gate.State{
			"requests": s.requests.State(), "model_calls": s.modelCalls.State(), "uploads": s.uploads.State()},
	})
	return nil
}

func connected(err error) string {
	if err != nil {
		return "unavailable"
	}
	return "connected"
}

// Ready implements the readiness probe: the database and the model server are needed by every complaint. Without the
// server that reads photographs the service still takes text; the sections of law are loaded, or the service had not
// started.
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
	database, archive error
	gguf, asrocr      state
}

func (l look) status() string {
	switch {
	case l.database != nil:
		return web.Unhealthy
	case l.gguf.status != web.Healthy || l.asrocr.status != web.Healthy || l.archive != nil:
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

// look asks everything at once.
func (s *Server) look(ctx context.Context) (seen look) {
	var wait sync.WaitGroup
	wait.Go(func() { seen.database = s.cfg.Store.Ping(ctx) })
	wait.Go(func() { seen.archive = s.cfg.Archive.Ping(ctx) })
	wait.Go(func() { seen.gguf = stateOf(ctx, contract.GGUF, s.cfg.Models) })
	wait.Go(func() { seen.asrocr = stateOf(ctx, contract.ASROCR, s.cfg.Reader) })
	wait.Wait()
	return seen
}

// stateOf asks a neighbour for its health.
func stateOf(ctx context.Context, name string, n *upstream.Upstream) state {
	body, err := n.Health(ctx)
	var said struct {
		Status string `json:"status"`
	}
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		body, _ = json.Marshal(map[string]string{"status": "unreachable", "message": name + " does not answer"})
		return state{"unreachable", body}
	}
	return state{said.Status, body}
}
