package upstream

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// Config is what an Upstream needs. Name, Breaker, Base, Client and Log are required.
type Config struct {
	Name     string       // the service's, contract.GGUF: calls stand under it in traces, errors name it
	Breaker  string       // what operators call it, model_server: in metrics, logs, /reliability
	Base     string       // its URL without a path
	Client   *http.Client // with the traced transport; its redirects are not followed
	Untraced *http.Client // for the monitor, whose probes belong to no trace; nil: Client

	Retries  int           // after the first attempt; 0 is 2, below 0 none
	Start    time.Duration // before the first retry, doubled before each further; 0 is 1 s
	Cap      time.Duration // the longest wait before a retry, also if Retry-After says more; 0 is 10 s
	Failures int           // in a row that open the breaker; 0 is 5
	Open     time.Duration // that the breaker stays open; 0 is 60 s

	Now     func() time.Time                     // nil: time.Now
	After   func(time.Duration) <-chan time.Time // nil: time.After
	Rand    func() float64                       // in [0,1), safe for concurrent use; nil: math/rand/v2's
	Log     *slog.Logger
	Metrics *Metrics // nil counts nothing
}

func (c Config) orDefaults() Config {
	if c.Retries == 0 {
		c.Retries = 2
	}
	if c.Failures <= 0 {
		c.Failures = 5
	}
	for setting, otherwise := range map[*time.Duration]time.Duration{
		&c.Start: time.Second, &c.Cap: 10 * time.Second, &c.Open: time.Minute,
	} {
		if *setting <= 0 {
			*setting = otherwise
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Untraced == nil {
		c.Untraced = c.Client
	}
	c.Base = strings.TrimSuffix(c.Base, "/")
	return c
}

// Upstream is one neighbour. It is safe for concurrent use.
type Upstream struct {
	cfg     Config
	breaker *breaker
}

// New makes the client of a neighbour, whose breaker is closed. It asks nothing yet.
func New(cfg Config) *Upstream {
	cfg = cfg.orDefaults()
	cfg.Client, cfg.Untraced = withoutRedirects(cfg.Client), withoutRedirects(cfg.Untraced)
	u := &Upstream{cfg: cfg, breaker: newBreaker(cfg.Failures, cfg.Open, cfg.Now)}
	cfg.Metrics.breaker(cfg.Breaker, u.State().State)
	return u
}

// withoutRedirects copies a client: one that followed would send a complaint to wherever the answer says.
func withoutRedirects(client *http.Client) *http.Client {
	stays := *client
	stays.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &stays
}

// Call is one question to a neighbour.
type Call struct {
	Path, ContentType string
	Body              []byte        // sent anew by each attempt
	Timeout           time.Duration // of each attempt; 0 is a minute

	// Attempt wraps the n-th attempt, from 1 on, for example in a subsegment; it calls do once and returns its error.
	// Nil calls do.
	Attempt func(ctx context.Context, n int, do func(context.Context) error) error
}

// Post asks, up to 1+Retries times, and decodes the JSON answer into out. The package comment says what is repeated and
// which errors come back.
func (u *Upstream) Post(ctx context.Context, c Call, out any) error {
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := u.attempt(ctx, n, c, out)
		if r.err == nil || !r.again || n > u.cfg.Retries || u.State().State == Open {
			return r.err
		}
		wait := u.pause(n, r.after)
		if deadline, bounded := ctx.Deadline(); bounded && !u.cfg.Now().Add(wait).Before(deadline) {
			return r.err
		}
		u.cfg.Log.WarnContext(ctx, "a neighbour failed and is asked again", "neighbour", u.cfg.Breaker, "attempt", n,
			"error_type", string(web.AsError(r.err).Kind), "wait_ms", web.Milliseconds(wait))
		select {
		case <-u.cfg.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// result is what came of an attempt.
type result struct {
	err     error
	again   bool          // another attempt may do better
	after   time.Duration // the least wait before it that the neighbour asks for
	verdict outcome       // on the neighbour
}

// pause is how long to wait after the n-th attempt: Start, doubled each time, at most Cap, of which a random half is
// taken off so that those who failed together do not come back together; but no less than the neighbour asks for, up to
// Cap.
func (u *Upstream) pause(n int, asked time.Duration) time.Duration {
	wait := u.cfg.Start
	for i := 1; i < n && wait < u.cfg.Cap; i++ {
		wait *= 2
	}
	wait = time.Duration(float64(min(wait, u.cfg.Cap)) * (0.5 + 0.5*u.cfg.Rand()))
	return max(wait, min(asked, u.cfg.Cap))
}

// attempt makes one attempt within c.Attempt.
func (u *Upstream) attempt(ctx context.Context, n int, c Call, out any) (r result) {
	do := func(ctx context.Context) error {
		r = u.guarded(ctx, n, c, out)
		return r.err
	}
	if c.Attempt == nil {
		r.err = do(ctx)
		return r
	}
	r.err = c.Attempt(ctx, n, do)
	return r
}

// guarded asks if the breaker lets it, and tells the breaker what came of it.
func (u *Upstream) guarded(ctx context.Context, n int, c Call, out any) (r result) {
	pass, wait, ok := u.breaker.enter()
	u.cfg.Metrics.breaker(u.cfg.Breaker, pass.state)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Attempt, n)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Breaker, pass.state)
	if !ok {
		u.cfg.Metrics.refused(u.cfg.Breaker)
		return result{err: u.circuitOpen(wait)}
	}
	var kind contract.ErrorType
	defer func() { // deferred, so that a panic does not keep the one trial's permit
		if u.breaker.leave(pass, r.verdict, kind) {
			u.tell(ctx, pass.state)
		}
	}()
	start := u.cfg.Now()
	r = u.ask(ctx, c, out)
	if r.err != nil {
		kind = web.AsError(r.err).Kind
	}
	u.cfg.Metrics.answered(ctx, u.cfg.Breaker, kind, u.cfg.Now().Sub(start))
	return r
}

func (u *Upstream) circuitOpen(wait time.Duration) error {
	e := web.Fail(http.StatusServiceUnavailable, contract.CircuitOpen,
		u.cfg.Name+" has failed several times in a row and is left alone for a while: ask again later")
	e.RetryAfter = wait
	return e
}

// tell logs and counts that the breaker has opened or closed.
func (u *Upstream) tell(ctx context.Context, before string) {
	s := u.State()
	u.cfg.Metrics.breaker(u.cfg.Breaker, s.State)
	u.cfg.Log.WarnContext(ctx, "a breaker has changed", "neighbour", u.cfg.Breaker, "from", before, "to", s.State,
		"consecutive_failures", s.Failures, "last_error", string(s.LastError))
}

// State reports how the breaker stands.
func (u *Upstream) State() State { return u.breaker.stands() }

// Reset closes the breaker and forgets what it has counted.
func (u *Upstream) Reset() {
	u.breaker.reset()
	u.cfg.Metrics.breaker(u.cfg.Breaker, Closed)
	u.cfg.Log.Info("a breaker was closed by hand or by recovery", "neighbour", u.cfg.Breaker)
}
