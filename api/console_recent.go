package api

import (
	"context"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
)

// recentNames are the names of the window that was asked for last, so that
// typing does not read the same traces with every letter.
type recentNames struct {
	mu     sync.Mutex // held while names are read: others wait for them
	window roentgen.Window
	read   time.Time
	names  *names
}

// Names are read of so many traces, the newest, and again after so long or for
// another window. Ends of windows that move along with the clock are one
// minute.
const (
	namedTraces  = 2000
	namesLast    = 10 * time.Second
	windowGrains = roentgen.Time(60e9)
)

// names reads the names of the newest traces in the window.
func (s *consoleServer) names(ctx context.Context, start, end *epoch) (*names, error) {
	w, err := s.consoleWindow(start, end)
	if err != nil {
		return nil, err
	}
	w.From -= w.From % windowGrains
	w.To += windowGrains - w.To%windowGrains
	r := &s.recent
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := s.Now(); r.names == nil || r.window != w || now.Sub(r.read) >= namesLast {
		n, err := s.readNames(ctx, w)
		if err != nil {
			return nil, err
		}
		r.window, r.read, r.names = w, now, n
	}
	return r.names, nil
}

// forget makes the next who types read names anew.
func (r *recentNames) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = nil
}

func (s *consoleServer) readNames(ctx context.Context, w roentgen.Window) (*names, error) {
	n := newNames()
	q := query.SummaryQuery{Window: w, Share: 1, MaxExamined: namedTraces}
	for n.traces < namedTraces {
		page, err := s.cfg.Traces.Summaries(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Traces {
			n.add(r)
		}
		if q.After = page.Next; page.Next == nil || page.Examined == 0 {
			break
		}
	}
	return n, nil
}
