package upstream

import (
	"context"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/web"
)

// MonitorConfig is what a Monitor needs. The zero value watches nobody.
type MonitorConfig struct {
	Upstreams []*Upstream
	Every     time.Duration                        // between looks; 0 is 30 s
	Keep      int                                  // looks remembered of each; 0 is 100
	Now       func() time.Time                     // nil: time.Now
	After     func(time.Duration) <-chan time.Time // nil: time.After
}

// Monitor looks at the health of neighbours again and again and remembers what it saw. It changes no breaker.
type Monitor struct {
	cfg MonitorConfig

	mu struct {
		sync.Mutex
		seen map[string][]look // by Config.Breaker, oldest first
	}
}

// look is one look at a neighbour.
type look struct {
	at     time.Time
	took   time.Duration
	status string // of its health body, or Unreachable
}

// Unreachable is the status of a neighbour that gives no health.
const Unreachable = "unreachable"

// NewMonitor makes a monitor that has not looked yet.
func NewMonitor(cfg MonitorConfig) *Monitor {
	if cfg.Every <= 0 {
		cfg.Every = 30 * time.Second
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 100
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	m := &Monitor{cfg: cfg}
	m.mu.seen = map[string][]look{}
	return m
}

// Run looks at all neighbours at once and then every Every until ctx ends, which is no error.
func (m *Monitor) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		var wait sync.WaitGroup
		for _, u := range m.cfg.Upstreams {
			wait.Go(func() { m.look(ctx, u) })
		}
		wait.Wait()
		select {
		case <-m.cfg.After(m.cfg.Every):
		case <-ctx.Done():
		}
	}
	return nil
}

func (m *Monitor) look(ctx context.Context, u *Upstream) {
	start := m.cfg.Now()
	_, status, err := u.health(ctx, u.cfg.Untraced)
	if ctx.Err() != nil {
		return // we stop; that says nothing of the neighbour
	}
	if err != nil {
		status = Unreachable
	}
	m.remember(u, look{start, m.cfg.Now().Sub(start), status})
}

func (m *Monitor) remember(u *Upstream, l look) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := u.cfg.Breaker
	seen := append(m.mu.seen[name], l)
	m.mu.seen[name] = seen[max(len(seen)-m.cfg.Keep, 0):]
	if before := len(seen) - 2; before < 0 || isUp(seen[before].status) != isUp(l.status) {
		u.cfg.Log.Info("a neighbour's health", "neighbour", name, "status", l.status)
	}
}

// Watched is what the monitor has seen of one neighbour.
type Watched struct {
	Status        string     `json:"status"`               // at the last look; "unknown" before the first
	Looks         int        `json:"checks"`               // remembered
	UptimePercent *float64   `json:"uptime_percent"`       // of these: healthy or degraded; nil before the first
	LastLook      *time.Time `json:"last_check,omitempty"` // when it began
	LastUp        *time.Time `json:"last_up,omitempty"`    // nil if none of these found it up
	MeanMS        float64    `json:"mean_ms"`              // how long the looks that found it up took
}

// Snapshot returns what has been seen, by Config.Breaker.
func (m *Monitor) Snapshot() map[string]Watched {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]Watched{}
	for _, u := range m.cfg.Upstreams {
		all[u.cfg.Breaker] = sumUp(m.mu.seen[u.cfg.Breaker])
	}
	return all
}

func sumUp(seen []look) Watched {
	w := Watched{Status: "unknown", Looks: len(seen)}
	if len(seen) == 0 {
		return w
	}
	last := seen[len(seen)-1]
	w.Status, w.LastLook = last.status, &last.at
	up, took := 0, time.Duration(0)
	for _, l := range seen {
		if isUp(l.status) {
			up++
			took += l.took
			w.LastUp = &l.at
		}
	}
	percent := 100 * float64(up) / float64(len(seen))
	w.UptimePercent = &percent
	if up > 0 {
		w.MeanMS = web.Milliseconds(took / time.Duration(up))
	}
	return w
}
