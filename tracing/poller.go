package tracing

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// When the agent is asked. The rules and reports keep to the times of the
// official SDKs (xray: rules every 300 s less up to 5 s, reports every 10.1 s
// less up to 0.1 s, rules valid for an hour).
const (
	askEvery      = 30 * time.Second
	askJitter     = 3 * time.Second
	askAgain      = 250 * time.Millisecond // after the first failure, doubled up to askSeldom
	askSeldom     = 5 * time.Second        // an agent that comes back shall be noticed: until then failures are lost
	rulesEvery    = 300 * time.Second
	rulesJitter   = 5 * time.Second
	rulesValid    = time.Hour
	targetsEvery  = 10100 * time.Millisecond
	targetsJitter = 100 * time.Millisecond
	askTimeout    = 5 * time.Second // of one call
	maxAnswer     = 1 << 20         // bytes
)

// poller asks the agent what it can do, for sampling rules, and reports what
// was sampled. One goroutine runs it; requests see what it finds out through
// tr.agent and tr.sampler.central. It asks once when it starts and after that
// only while traces begin.
type poller struct {
	tr     *Tracing
	client *http.Client
	base   string // http://host:port
	id     string // of this client, 24 hex digits
	jitter func(below time.Duration) time.Duration

	failures                   int // of the agent to answer, in a row
	ask, fetch, report, expire time.Time
	fetched                    time.Time // when the rules that hold were asked for
	began                      bool      // a trace has begun
}

func newPoller(tr *Tracing, wire http.RoundTripper) *poller {
	var id [12]byte
	crand.Read(id[:]) // never returns an error (crypto/rand, Go 1.24)
	return &poller{
		tr: tr, base: "http://" + tr.set.tcp, id: hex.EncodeToString(id[:]),
		jitter: func(below time.Duration) time.Duration { return rand.N(below) },
		client: &http.Client{
			Transport: wire, Timeout: askTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// newWire makes connections that nothing outlives. The proxy of the
// environment is for the world, not for the agent.
func newWire() http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10}
}

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-p.tr.traffic.wake:
		case <-p.tr.agent.doubt:
			p.ask = time.Time{}
		}
		timer.Reset(time.Until(p.round(ctx)))
	}
}

// round does what is due and returns when something will be due next.
func (p *poller) round(ctx context.Context) time.Time {
	active := p.tr.traffic.seen.Load()
	p.began = p.began || active
	if !time.Now().Before(p.ask) {
		if active || p.ask.IsZero() {
			p.askAgent(ctx)
		}
	}
	if p.polls() {
		if active && !time.Now().Before(p.fetch) {
			p.fetchRules(ctx)
		}
		if !time.Now().Before(p.report) {
			p.sendReport(ctx)
		}
	} else if p.tr.agent.known.Load() != nil {
		p.tr.sampler.central.Store(nil) // the agent says that none hold
		p.fetch = time.Time{}
	}
	return p.next(active)
}

// polls reports whether there are rules to be had.
func (p *poller) polls() bool {
	c := p.tr.agent.known.Load()
	return p.began && !p.tr.set.localSampling && c != nil && c.rules == rulesPolled
}

// next drops rules that are too old, and says when to look again.
func (p *poller) next(active bool) time.Time {
	now := time.Now()
	next := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if p.tr.sampler.central.Load() != nil {
		if !now.Before(p.expire) {
			p.tr.sampler.central.Store(nil)
			p.fetch = time.Time{}
		} else {
			sooner(p.expire)
		}
	}
	if p.tr.traffic.seen.Load() || active {
		sooner(p.ask)
		if p.polls() {
			sooner(p.fetch)
			sooner(p.report)
		}
	}
	return next
}

// askAgent finds out who listens. One answer that does not come changes
// nothing; two in a row are silence.
func (p *poller) askAgent(ctx context.Context) {
	p.tr.traffic.seen.Store(false)
	status, body, err := p.call(ctx, http.MethodGet, capabilityPath, nil)
	if err != nil {
		if p.failures++; p.failures > 1 {
			p.tr.agent.known.Store(nil)
		}
		wait := askSeldom
		if p.failures < 6 { // 0.25, 0.5, 1, 2, 4 s
			wait = askAgain << (p.failures - 1)
		}
		p.ask = time.Now().Add(wait/2 + p.jitter(wait/2))
		return
	}
	p.failures = 0
	c := parseCapability(status, body)
	c.undecided = c.undecided && p.tr.set.undecided
	p.tr.agent.known.Store(&c)
	p.ask = time.Now().Add(askEvery - p.jitter(askJitter))
}

func (p *poller) fetchRules(ctx context.Context) {
	started := time.Now()
	p.fetch = started.Add(askEvery) // in case this fails
	status, body, err := p.call(ctx, http.MethodPost, "/GetSamplingRules", []byte(`{}`))
	if err != nil || status != http.StatusOK {
		return // the rules at hand hold until they are too old
	}
	set, err := parseRules(body, p.tr.set.origin, p.tr.sampler.central.Load(), started)
	if err != nil {
		return
	}
	if p.tr.sampler.central.Swap(set) == nil {
		p.report = started.Add(targetsEvery - p.jitter(targetsJitter))
	}
	p.fetched, p.expire = started, started.Add(rulesValid)
	p.fetch = started.Add(rulesEvery - p.jitter(rulesJitter))
}

// sendReport sends what was sampled and learns what is leased. Without
// anything to report there is no call.
func (p *poller) sendReport(ctx context.Context) {
	set, now := p.tr.sampler.central.Load(), time.Now()
	p.report = now.Add(targetsEvery - p.jitter(targetsJitter))
	all := set.statistics(p.id, now)
	for len(all) > 0 {
		n := min(len(all), maxReports)
		if p.sendStatistics(ctx, set, all[:n]) {
			p.fetch = time.Time{} // the rules have changed
		}
		all = all[n:]
	}
	if p.fetch.IsZero() {
		p.fetchRules(ctx)
	}
}

func (p *poller) sendStatistics(ctx context.Context, set *ruleSet, some []statistics) (stale bool) {
	body, err := json.Marshal(map[string]any{"SamplingStatisticsDocuments": some})
	if err != nil {
		return false // numbers and names: it cannot fail
	}
	status, answer, err := p.call(ctx, http.MethodPost, "/SamplingTargets", body)
	if err != nil || status != http.StatusOK {
		return false
	}
	stale, err = set.apply(answer, p.fetched)
	return err == nil && stale
}

// call is one exchange with the agent.
func (p *poller) call(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("asking the agent for %s: %w", path, err)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the agent: %w", err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = errors.New("its answer is too long")
	}
	if err != nil {
		return 0, nil, fmt.Errorf("reading the agent's answer to %s: %w", path, err)
	}
	return resp.StatusCode, answer, nil
}
