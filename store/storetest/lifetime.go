package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

func (s suite) endedContext(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for what, err := range everyCall(ctx, t, h.store) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the error of the context", what, err)
		}
	}
	h.check() // nothing was stored
}

// everyCall makes each call once and returns its error.
func everyCall(ctx context.Context, t *testing.T, s store.Store) map[string]error {
	t.Helper()
	errs := map[string]error{}
	_, errs["Append"] = s.Append(ctx, stored(t, segment(7, 7, 0)))
	_, errs["Stats"] = s.Stats(ctx)
	_, errs["Graph"] = s.Graph(ctx, always(""))
	errs["SetGroups"] = s.SetGroups(ctx, []store.Group{group(t, "g", "", 1)})
	errs["Delete"] = s.Delete(ctx, TraceID(1))
	for f, err := range s.Find(ctx, everything(roentgen.ClockStart), nil) {
		if errs["Find"] != nil || f.Trace != nil {
			t.Errorf("Find goes on after an error: %v, %v", f.Trace, err)
		}
		errs["Find"] = err
	}
	for trace, err := range s.Traces(ctx, []roentgen.TraceID{TraceID(1), TraceID(1)}) {
		if errs["Traces"] != nil || trace != nil {
			t.Errorf("Traces goes on after an error: %v, %v", trace, err)
		}
		errs["Traces"] = err
	}
	for p, err := range s.Partials(ctx, everything(roentgen.ClockStart)) {
		if errs["Partials"] != nil || p.Parts != nil {
			t.Errorf("Partials goes on after an error: %v, %v", p, err)
		}
		errs["Partials"] = err
	}
	return errs
}

func (s suite) endingContext(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0), segment(2, 1, 0), segment(3, 1, 0))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var seen, found []error
	for _, err := range h.store.Partials(ctx, everything(roentgen.ClockStart)) {
		seen = append(seen, err)
		cancel()
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	for _, err := range h.store.Find(ctx, everything(roentgen.ClockStart), nil) {
		found = append(found, err)
		cancel()
	}
	for _, saw := range [][]error{seen, found} {
		if len(saw) != 2 || saw[0] != nil || !errors.Is(saw[1], context.Canceled) {
			t.Errorf("the loop saw %v, want one trace and the error of the context", saw)
		}
	}
}

func (s suite) closed(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0))
	for range 2 {
		if err := h.store.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	for what, err := range everyCall(context.Background(), t, h.store) {
		if roentgen.KindOf(err) != roentgen.Unavailable {
			t.Errorf("%s: %v, want an error of kind unavailable", what, err)
		}
	}
}

// closeWhileAppending has appends that end well or are refused, and none that
// hangs.
func (s suite) closeWhileAppending(t *testing.T) {
	h := s.start(t)
	var work sync.WaitGroup
	begun := make(chan bool)
	for w := range 4 {
		var once sync.Once
		work.Go(func() {
			for n := range 100_000 {
				_, err := h.store.Append(context.Background(), stored(t, segment(w, n, 0)))
				once.Do(func() { begun <- true })
				if err != nil {
					if roentgen.KindOf(err) != roentgen.Unavailable {
						t.Errorf("append while closing: %v", err)
					}
					return
				}
			}
			t.Error("the store never refused")
		})
	}
	for range 4 {
		<-begun
	}
	if err := h.store.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	work.Wait()
}
