package backend

import (
	"context"
	"errors"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/tracing"
)

// How the sweep works: often enough that what people wrote does not stay long after its session, in pieces so that no
// transaction holds the others up.
const (
	sweepPause = time.Minute
	sweepPiece = 100
)

// Run sweeps until ctx ends: sessions that have expired are deleted with everything that people wrote in them, and
// e-FIRs that nobody has signed in time lapse. What fails is logged and tried again at the next turn.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.cfg.Segment(ctx, "", func(ctx context.Context) error {
			tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationSweep)
			return s.Sweep(ctx)
		})
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "sweeping", "error", err)
		}
	}
}

// Sweep is one turn of Run.
func (s *Server) Sweep(ctx context.Context) error {
	return errors.Join(s.expire(ctx), s.lapse(ctx))
}

func (s *Server) expire(ctx context.Context) error {
	before := s.cfg.Now().Add(-s.cfg.SessionTTL)
	for {
		removed, err := s.cfg.Store.Expire(ctx, before, sweepPiece)
		if err != nil {
			return err
		}
		if removed > 0 {
			s.cfg.Log.InfoContext(ctx, "expired sessions are deleted", "count", removed)
		}
		if removed < sweepPiece {
			return nil
		}
	}
}

// lapse passes over what someone else is changing at the same time.
func (s *Server) lapse(ctx context.Context) error {
	overdue, err := s.cfg.Store.Overdue(ctx, s.cfg.Now(), sweepPiece)
	if err != nil {
		return err
	}
	var failed []error
	for _, number := range overdue {
		report, err := s.cfg.Store.Report(ctx, number)
		if err == nil && report.State == fir.StateAwaiting && fir.Overdue(report.SignatureDue, s.cfg.Now()) {
			_, err = s.moveReport(ctx, report, fir.Lapse{})
		}
		if !isConflict(err) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
