package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// sender gives one request to a server. It is safe for many goroutines, of
// which each has a number of its own. refused counts documents or spans that the server named as not
// taken. An error that is errBusy may pass: the request is worth another try.
type sender interface {
	send(ctx context.Context, worker int, request []byte) (refused int, err error)
	close()
}

var errBusy = errors.New("the server cannot take it now")

// Pace says how requests are sent.
type Pace struct {
	Connections int
	Rate        float64       // spans a second; 0: each connection sends when it has its answer
	Patience    time.Duration // how long a request that may pass is tried again
	GiveUp      time.Duration // ends all when a request is so late; 0: never
}

// Sent is what came of a load.
type Sent struct {
	Spans, Bytes      int64
	Requests, Retries int
	Refused           int   // documents or spans, named by the server
	Failed            int64 // spans of requests that were given up
	Took              time.Duration
	GaveUp            bool
	FirstError        string
	latencies         []time.Duration // in order of size; each from when its request was due
}

// Quantile is the latency that the share q of the requests stayed within.
func (s *Sent) Quantile(q float64) time.Duration {
	if len(s.latencies) == 0 {
		return 0
	}
	return s.latencies[min(int(q*float64(len(s.latencies))), len(s.latencies)-1)]
}

// Rate is spans a second that the server took.
func (s *Sent) Rate() float64 {
	if s.Took <= 0 {
		return 0
	}
	return float64(s.Spans-s.Failed) / s.Took.Seconds()
}

// join adds what came of the next part of a load.
func (s *Sent) join(next *Sent) {
	s.Spans += next.Spans
	s.Bytes += next.Bytes
	s.Requests += next.Requests
	s.Retries += next.Retries
	s.Refused += next.Refused
	s.Failed += next.Failed
	s.Took += next.Took
	s.GaveUp = s.GaveUp || next.GaveUp
	if s.FirstError == "" {
		s.FirstError = next.FirstError
	}
	s.latencies = append(s.latencies, next.latencies...)
	slices.Sort(s.latencies)
}

// post sends a load. With a rate the loop is open: a request is due when it is
// due, whatever became of those before it, and its latency counts from there.
func (l *Load) post(outer context.Context, to sender, pace Pace) (*Sent, error) {
	ctx, stop := context.WithCancel(outer)
	defer stop()
	p := &posting{load: l, to: to, pace: pace, start: time.Now(), stop: stop}
	var workers sync.WaitGroup
	for w := range pace.Connections {
		workers.Go(func() { p.work(ctx, w) })
	}
	workers.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent.Took = time.Since(p.start)
	slices.Sort(p.sent.latencies)
	return &p.sent, errors.Join(p.err, outer.Err())
}

// posting is a load on its way.
type posting struct {
	load  *Load
	to    sender
	pace  Pace
	start time.Time
	stop  context.CancelFunc
	next  atomic.Int64

	mu   sync.Mutex
	sent Sent
	err  error // of reading the load
}

// work sends one request after the other until there is none left.
func (p *posting) work(ctx context.Context, worker int) {
	var mine Sent
	var buf []byte
	var err error
	for ctx.Err() == nil {
		i := int(p.next.Add(1) - 1)
		if i >= len(p.load.requests) {
			break
		}
		if buf, err = p.load.read(i, buf); err != nil {
			p.stop()
			break
		}
		if !p.one(ctx, worker, &mine, p.load.requests[i], buf) {
			p.stop()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	took := p.sent.Took
	p.sent.join(&mine)
	p.sent.Took = took
	p.err = errors.Join(p.err, err)
}

// one sends a request when it is due; false ends the load.
func (p *posting) one(ctx context.Context, worker int, mine *Sent, r prepared, body []byte) bool {
	due := time.Now()
	if p.pace.Rate > 0 {
		due = p.start.Add(time.Duration(float64(r.before) / p.pace.Rate * float64(time.Second)))
		if !sleepUntil(ctx, due) {
			return false
		}
	}
	err := p.insist(ctx, worker, mine, body)
	if ctx.Err() != nil {
		return false
	}
	took := time.Since(due)
	mine.latencies = append(mine.latencies, took)
	mine.Requests++
	mine.Spans += int64(r.spans)
	mine.Bytes += int64(r.length)
	if err != nil {
		mine.Failed += int64(r.spans)
	}
	if p.pace.GiveUp > 0 && took > p.pace.GiveUp {
		mine.GaveUp = true
		return false
	}
	return true
}

// insist tries a request again as long as that may help.
func (p *posting) insist(ctx context.Context, worker int, mine *Sent, body []byte) error {
	start := time.Now()
	pause := 5 * time.Millisecond
	for {
		refused, err := p.to.send(ctx, worker, body)
		mine.Refused += refused
		if err != nil && mine.FirstError == "" && ctx.Err() == nil {
			mine.FirstError = err.Error()
		}
		if err == nil || !errors.Is(err, errBusy) || time.Since(start) > p.pace.Patience {
			return err
		}
		mine.Retries++
		if !sleepUntil(ctx, time.Now().Add(pause)) {
			return fmt.Errorf("wait for a busy server: %w", ctx.Err())
		}
		pause = min(2*pause, time.Second)
	}
}

// sleepUntil returns false when ctx ends first.
func sleepUntil(ctx context.Context, t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
