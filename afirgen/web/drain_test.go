package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func TestADrainCountsWhatIsInHandAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &Drain{}
		inHand, draining := 0, false
		var idle <-chan struct{}
		t.Repeat(map[string]func(*rapid.T){
			"a request comes": func(t *rapid.T) {
				if d.enter() == draining {
					t.Fatalf("let in while draining %t", draining)
				}
				if !draining {
					inHand++
				}
			},
			"one ends": func(*rapid.T) {
				if inHand > 0 {
					d.leave()
					inHand--
				}
			},
			"a stop": func(*rapid.T) { draining, idle = true, d.Begin() },
			"": func(t *rapid.T) {
				if s := d.State(); s != (DrainState{draining, inHand}) {
					t.Fatalf("the state is %+v, want %t, %d", s, draining, inHand)
				}
				if idle == nil {
					return
				}
				select {
				case <-idle:
					if inHand > 0 {
						t.Fatalf("over with %d in hand", inHand)
					}
				default:
					if inHand == 0 {
						t.Fatal("not over")
					}
				}
			},
		})
	})
}

func TestRefusedRequestsAreNotInHand(t *testing.T) {
	d := &Drain{}
	var served, refused atomic.Int32
	h := d.gate(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if n := d.State().InHand; n < 1 {
			t.Errorf("%d in hand, and this one is", n)
		}
		if served.Add(1) == 100 {
			d.Begin()
		}
	}))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", "/work", nil))
				if w.Code == http.StatusServiceUnavailable {
					refused.Add(1)
				}
				if n := d.State().InHand; n < 0 {
					t.Errorf("%d in hand", n)
				}
			}
		})
	}
	wait.Wait()
	if err := d.Wait(context.Background()); err != nil || d.State().InHand != 0 || served.Load()+refused.Load() != 800 || refused.Load() == 0 {
		t.Errorf("%v; %+v, %d served, %d refused", err, d.State(), served.Load(), refused.Load())
	}
}
