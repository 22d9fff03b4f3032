package upstream

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

func TestHealthIsWhatTheNeighbourSays(t *testing.T) {
	for _, c := range []struct {
		title  string
		answer answer
		status string // "": an error
	}{
		{"healthy", answer{200, `{"status":"healthy"}`, ""}, web.Healthy},
		{"degraded", answer{200, `{"status":"degraded"}`, ""}, web.Degraded},
		{"unhealthy, with 503", answer{503, `{"status":"unhealthy"}`, ""}, web.Unhealthy},
		{"a word that nobody knows", answer{200, `{"status":"splendid"}`, ""}, web.Unhealthy},
		{"a page", answer{200, "<html>", ""}, ""},
		{"no status", answer{200, "{}", ""}, ""},
		{"no answer", answer{}, ""},
	} {
		metrics := NewMetrics(prometheus.NewRegistry())
		s := open(t, func(c *Config) { c.Failures, c.Metrics = 1, metrics })
		s.say(c.answer)
		body, status, err := s.health(t.Context(), s.cfg.Client)
		if status != c.status || (err != nil) != (c.status == "") {
			t.Errorf("%s: %q, %v", c.title, status, err)
		}
		if err == nil && string(body) != c.answer.body {
			t.Errorf("%s: the body is %s", c.title, body)
		}
		if s.State().Failures != 0 {
			t.Errorf("%s: the breaker has counted", c.title)
		}
		up := 0.0
		if isUp(c.status) {
			up = 1
		}
		if got := testutil.ToFloat64(metrics.availability.WithLabelValues("model_server")); got != up {
			t.Errorf("%s: availability %v", c.title, got)
		}
	}
}

func TestRecoveryClosesTheBreakerOnlyIfTheNeighbourWorks(t *testing.T) {
	for _, c := range []struct {
		answer answer
		kind   contract.ErrorType // "": recovered
	}{
		{answer{200, `{"status":"healthy"}`, ""}, ""},
		{answer{200, `{"status":"degraded"}`, ""}, ""},
		{answer{503, `{"status":"unhealthy"}`, ""}, contract.UpstreamUnavailable},
		{answer{}, contract.UpstreamUnreachable},
	} {
		s := open(t, func(c *Config) { c.Failures = 1 })
		s.breaker.leave(first(s.breaker.enter()), fails, contract.UpstreamFailed)
		s.say(c.answer)
		err := s.Recover(t.Context())
		if c.kind == "" {
			if err != nil || s.State() != (State{State: Closed}) {
				t.Errorf("%+v: %v, %+v", c.answer, err, s.State())
			}
			continue
		}
		if e := web.AsError(err); e.Status != 503 || e.Kind != c.kind || s.State().State != Open {
			t.Errorf("%+v: %v, %+v", c.answer, err, s.State())
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := open(t).Recover(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone: %v", err)
	}
}

// neighbours answers health by host, without a network, so that a bubble's clock can move.
func neighbours(bodies map[string]func() string) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != web.Health {
			return nil, errors.New("this is no look at health")
		}
		body := bodies[r.URL.Host]()
		if body == "" {
			return nil, errors.New("nobody there")
		}
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body))}, nil
	})}
}

func TestTheMonitorLooksEveryHalfMinuteAndRemembersAHundred(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int32
		client := neighbours(map[string]func() string{
			"models": func() string {
				if looks.Add(1)%4 == 0 {
					return ""
				}
				time.Sleep(8 * time.Millisecond) // the bubble's
				return `{"status":"healthy"}`
			},
			"reader": func() string { return `{"status":"degraded"}` },
		})
		never := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("a look went through the traced client")
			return nil, errors.New("wrong client")
		})}
		var both []*Upstream
		for _, name := range []string{"models", "reader"} {
			both = append(both, New(Config{
				Name: name, Breaker: name, Base: "http://" + name, Client: never, Untraced: client, Log: slog.New(slog.DiscardHandler),
			}))
		}
		m := NewMonitor(MonitorConfig{Upstreams: both})
		if w := m.Snapshot()["models"]; w.Status != "unknown" || w.UptimePercent != nil || w.Looks != 0 {
			t.Errorf("before the first look: %+v", w)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		start := time.Now()
		go func() { ended <- m.Run(ctx) }()
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		if looks.Load() != 1 {
			t.Errorf("%d looks at the start", looks.Load())
		}
		time.Sleep(10 * time.Minute)
		if n := looks.Load(); n != 20 && n != 21 {
			t.Errorf("%d looks in ten minutes", n)
		}
		time.Sleep(2 * time.Hour)
		w := m.Snapshot()["models"]
		if w.Looks != 100 || *w.UptimePercent != 75 || w.MeanMS != 8 || w.LastLook.Before(start.Add(2*time.Hour)) {
			t.Errorf("after two hours: %+v, %v %%", w, *w.UptimePercent)
		}
		if w := m.Snapshot()["reader"]; w.Status != web.Degraded || *w.UptimePercent != 100 || !w.LastUp.Equal(*w.LastLook) {
			t.Errorf("the reader: %+v", w)
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the monitor ended with %v", err)
		}
	})
}

func TestStoppingTheMonitorIsNotTheNeighboursFault(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := open(t, func(c *Config) {
		c.Untraced = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			stop()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
	})
	m := NewMonitor(MonitorConfig{Upstreams: []*Upstream{s.Upstream}})
	if err := m.Run(ctx); err != nil || m.Snapshot()["model_server"].Looks != 0 {
		t.Errorf("%v, %+v", err, m.Snapshot())
	}
}
