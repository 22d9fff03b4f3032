package overhead

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Shot is one request, or one complaint's whole way. It returns how many requests it has made.
type Shot func(ctx context.Context) (requests int, err error)

// Load says how a Shot is repeated.
type Load struct {
	PerSecond float64
	For       time.Duration
}

// Result is what came of a Load.
type Result struct {
	Latencies []time.Duration // of each shot that succeeded, from when it was due, sorted
	Requests  int
	Failed    int
	First     error // of the failed
	Took      time.Duration
}

// Fire sends shots at their times and waits for the last to end.
func (l Load) Fire(ctx context.Context, shot Shot) Result {
	var all sync.WaitGroup
	var t tally
	start, pause := time.Now(), time.Duration(float64(time.Second)/l.PerSecond)
	for due := start; due.Sub(start) < l.For && ctx.Err() == nil; due = due.Add(pause) {
		time.Sleep(time.Until(due))
		all.Go(func() { t.shoot(ctx, shot, due) })
	}
	all.Wait()
	return t.result(start)
}

// Saturate has workers shoot one shot after the other for a time, as fast as they are answered.
func Saturate(ctx context.Context, workers int, long time.Duration, shot Shot) Result {
	var all sync.WaitGroup
	var t tally
	start := time.Now()
	for range workers {
		all.Go(func() {
			for time.Since(start) < long && ctx.Err() == nil {
				t.shoot(ctx, shot, time.Now())
			}
		})
	}
	all.Wait()
	return t.result(start)
}

// tally gathers what several shots come to.
type tally struct {
	mu struct {
		sync.Mutex
		Result
	}
}

func (t *tally) shoot(ctx context.Context, shot Shot, due time.Time) {
	requests, err := shot(ctx)
	took := time.Since(due)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mu.Requests += requests
	switch {
	case err == nil:
		t.mu.Latencies = append(t.mu.Latencies, took)
		return
	case t.mu.First == nil:
		t.mu.First = err
	}
	t.mu.Failed++
}

func (t *tally) result(start time.Time) Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mu.Took = time.Since(start)
	slices.Sort(t.mu.Latencies)
	return t.mu.Result
}

// Quantile returns the latency below which the share q of the shots stayed; 0 where none succeeded.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(int(q*float64(len(r.Latencies))), len(r.Latencies)-1)]
}
