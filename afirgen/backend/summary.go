package backend

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
)

// summaryTTL is how long one count serves, so that many readers cost one.
const summaryTTL = 10 * time.Second

type summaryBody struct {
	Since    time.Time    `json:"since"`
	Sessions any          `json:"sessions"`
	FIRs     any          `json:"firs"`
	Means    meansSeconds `json:"mean_seconds"`
}

// meansSeconds are null where nothing came to an end in the hour.
type meansSeconds struct {
	Session *float64 `json:"session_to_completion"`
	Report  *float64 `json:"fir_to_registration"`
}

// summary counts the last hour.
func (s *Server) summary(w http.ResponseWriter, r *http.Request) error {
	now := s.cfg.Now()
	totals, since, err := s.summaries.get(r.Context(), now, s.cfg.Store)
	if err != nil {
		return storeError(r.Context(), err)
	}
	web.WriteJSON(w, http.StatusOK, summaryBody{
		Since: since, Sessions: totals.SessionsByStatus, FIRs: totals.ReportsByState,
		Means: meansSeconds{seconds(totals.MeanSession), seconds(totals.MeanReport)},
	})
	return nil
}

func seconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	v := d.Seconds()
	return &v
}

// summaries remembers the last count. Whoever comes while one is under way waits for it.
type summaries struct {
	mu struct {
		sync.Mutex
		last      store.Totals
		since, at time.Time
	}
}

func (s *summaries) get(ctx context.Context, now time.Time, from *store.Store) (store.Totals, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.at.IsZero() || now.Sub(s.mu.at) >= summaryTTL {
		since := now.Add(-time.Hour)
		totals, err := from.Totals(ctx, since)
		if err != nil {
			return totals, since, err
		}
		s.mu.last, s.mu.since, s.mu.at = totals, since, now
	}
	return s.mu.last, s.mu.since, nil
}
