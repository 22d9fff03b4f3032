package gate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func frozen() time.Time { return time.Unix(0, 0) }

func TestAGateLetsSomeRunSomeWaitAndRefusesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(2, 1, frozen)
		leave1, _, err1 := g.Enter(t.Context())
		leave2, _, err2 := g.Enter(t.Context())
		if err1 != nil || err2 != nil {
			t.Fatalf("two places were refused: %v, %v", err1, err2)
		}
		third := make(chan func(), 1)
		go func() {
			leave, _, err := g.Enter(t.Context())
			if err != nil {
				t.Errorf("the place to wait was refused: %v", err)
			}
			third <- leave
		}()
		synctest.Wait() // until it stands before the gate
		if _, _, err := g.Enter(t.Context()); !errors.Is(err, ErrFull) {
			t.Errorf("the fourth call got %v, want ErrFull", err)
		}
		if got, want := g.State(), (State{Running: 2, MaxRunning: 2, Waiting: 1, MaxWaiting: 1}); got != want {
			t.Errorf("the state is %+v, want %+v", got, want)
		}
		leave1()
		leave3 := <-third
		leave2()
		leave3()
		if got := g.State(); got.Running != 0 || got.Waiting != 0 {
			t.Errorf("after everyone left the state is %+v", got)
		}
	})
}

func TestACallThatGivesUpWaitingFreesItsPlace(t *testing.T) {
	g := New(1, 1, frozen)
	leave, _, err := g.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		if _, _, err := g.Enter(gone); !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled call got %v", err)
		}
	}
	leave()
	if leave, _, err = g.Enter(t.Context()); err != nil {
		t.Fatalf("the gate stayed shut: %v", err)
	}
	leave()
}

func TestNeverDoMoreRunThanMay(t *testing.T) {
	g := New(3, 100, time.Now)
	var mu sync.Mutex
	running, most := 0, 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		running += by
		most = max(most, running)
	}
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			leave, _, err := g.Enter(context.Background())
			if err != nil {
				t.Errorf("a call was refused: %v", err)
				return
			}
			count(1)
			count(-1)
			leave()
		})
	}
	wait.Wait()
	if most > 3 {
		t.Errorf("%d ran at once, want at most 3", most)
	}
}

func TestTheWaitIsMeasured(t *testing.T) {
	now := time.Unix(0, 0)
	g := New(1, 1, func() time.Time { now = now.Add(time.Second); return now })
	leave, waited, err := g.Enter(t.Context())
	if err != nil || waited != time.Second {
		t.Fatalf("waited %s (%v), want the clock's one step of 1 s", waited, err)
	}
	leave()
}
