package backend

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Archive keeps uploads and finished reports.
type Archive interface {
	Put(ctx context.Context, key, contentType string, body []byte) error
	Ping(ctx context.Context) error
}

// Config is what a Server needs. All but the numbers is required.
type Config struct {
	Models  *upstream.Upstream // the gguf server
	Reader  *upstream.Upstream // the asr-ocr server
	Store   *store.Store
	Law     *kb.Base
	Archive Archive
	Station fir.Station // where complaints are taken; its code begins the numbers
	AuthKey string      // locks reports; FIR_AUTH_KEY
	Drain   *web.Drain
	Meter   *Meter // what became of reports and models
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() string // session ids and names of uploads, UUIDs
	// Segment opens a segment for work that no request caused: tracing's.
	Segment func(ctx context.Context, name string, fn func(context.Context) error) error
	// Monitor says how the neighbours did lately, for /reliability.
	Monitor func() any

	SessionTTL    time.Duration // after the last activity; 0 is an hour
	MaxRequests   int           // complaints and decisions worked on at once; 0 is 15. Seven times as many may wait
	MaxModelCalls int           // calls to model servers at once; 0 is 10
	MaxUploads    int           // bodies of complaints read at once, each up to MaxBody bytes of memory; 0 is 32
}

// Server answers callers. It is safe for concurrent use and owns no goroutine that outlives a request or Run.
type Server struct {
	cfg                           Config
	authKey                       [sha256.Size]byte
	requests, modelCalls, uploads *gate.Gate
	looks                         looks
	patience                      patience
	summaries                     summaries
}

// patience is how long a neighbour may take for one attempt.
type patience struct{ inference, check, ocr, asr time.Duration }

// New makes a server.
func New(cfg Config) *Server {
	setDefault(&cfg.SessionTTL, time.Hour)
	setDefault(&cfg.MaxRequests, 15)
	setDefault(&cfg.MaxModelCalls, 10)
	setDefault(&cfg.MaxUploads, 32)
	s := &Server{
		cfg: cfg, authKey: sha256.Sum256([]byte(cfg.AuthKey)),
		requests: gate.New(cfg.MaxRequests, 7*cfg.MaxRequests, cfg.Now),
		// One request may check ten sections at once, and all of them may wait.
		modelCalls: gate.New(cfg.MaxModelCalls, maxChecks*cfg.MaxRequests, cfg.Now),
		uploads:    gate.New(cfg.MaxUploads, 4*cfg.MaxUploads, cfg.Now),
		patience:   patience{inferenceTimeout, checkTimeout, ocrTimeout, asrTimeout},
	}
	s.looks.now, s.looks.take = cfg.Now, s.look
	return s
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}
