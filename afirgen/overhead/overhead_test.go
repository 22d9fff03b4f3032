package overhead_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/overhead"
)

func TestALoadSendsAsManyShotsAsItsRateAndTimeSay(t *testing.T) {
	var shots atomic.Int64
	r := overhead.Load{PerSecond: 500, For: 200 * time.Millisecond}.Fire(t.Context(), func(context.Context) (int, error) {
		if shots.Add(1)%10 == 0 {
			return 1, errors.New("the tenth fails")
		}
		return 2, nil
	})
	if shots.Load() != 100 || len(r.Latencies) != 90 || r.Failed != 10 || r.Requests != 190 || r.First == nil {
		t.Errorf("%d shots, %d latencies, %d failed, %d requests, %v", shots.Load(), len(r.Latencies), r.Failed, r.Requests, r.First)
	}
	if r.Quantile(0.5) > r.Quantile(0.99) {
		t.Errorf("the median %s is above the 99th percentile %s", r.Quantile(0.5), r.Quantile(0.99))
	}
}

// A shot that comes late because the one before was slow counts its wait.
func TestLatencyCountsFromWhenAShotWasDue(t *testing.T) {
	busy := make(chan struct{}, 1)
	r := overhead.Load{PerSecond: 1000, For: 20 * time.Millisecond}.Fire(t.Context(), func(context.Context) (int, error) {
		busy <- struct{}{}
		defer func() { <-busy }()
		<-time.After(5 * time.Millisecond)
		return 1, nil
	})
	if last := r.Quantile(1); last < 50*time.Millisecond {
		t.Errorf("twenty shots of 5 ms, one at a time and due within 20 ms, had at most %s", last)
	}
}

func TestRunComparesVariantsInTurns(t *testing.T) {
	var order []string
	variant := func(name string) overhead.Variant {
		return overhead.Variant{Name: name, Services: []overhead.Service{{Name: "self", PID: os.Getpid()}},
			Shots: map[string]overhead.Shot{"work": func(context.Context) (int, error) { return 1, nil }}}
	}
	plan := overhead.Plan{
		Variants: []overhead.Variant{variant("off"), variant("all")}, Kinds: []overhead.Kind{{Name: "work", Rates: []float64{1000}, Requests: 1}},
		Rounds: 2, For: 10 * time.Millisecond, Say: func(s string) { order = append(order, s[strings.LastIndex(s, " ")+1:]) },
	}
	rows, err := plan.Run(t.Context())
	if err != nil || len(rows) != 2 || rows[0].Variant != "off" || rows[1].RSS["self"] < 1<<20 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if got := strings.Join(order, " "); got != "off all all off" {
		t.Errorf("the order was %s", got)
	}
	var table strings.Builder
	if err := overhead.Write(&table, rows, []string{"self"}); err != nil || strings.Count(table.String(), "\n") != 3 {
		t.Errorf("%v\n%s", err, table.String())
	}
}

func TestARunInWhichNothingSucceedsIsAnError(t *testing.T) {
	bad := errors.New("refused")
	plan := overhead.Plan{Rounds: 1, For: time.Millisecond, Say: func(string) {}, Kinds: []overhead.Kind{{Name: "work", Rates: []float64{1000}, Requests: 1}},
		Variants: []overhead.Variant{{Name: "off", Shots: map[string]overhead.Shot{"work": func(context.Context) (int, error) { return 0, bad }}}}}
	if _, err := plan.Run(t.Context()); !errors.Is(err, bad) {
		t.Errorf("the error is %v", err)
	}
}

func TestProcessesThatAreGone(t *testing.T) {
	if _, err := overhead.CPU(1 << 30); err == nil {
		t.Error("a process that never was has used time")
	}
	if _, err := overhead.RSS(1 << 30); err == nil {
		t.Error("a process that never was holds memory")
	}
}
