package backend

import (
	"context"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// draft allocates the number and makes the report, both in the transaction that stores the session, in the subsegment
// render_fir. A session that has a number keeps it.
func (s *Server) draft(ctx context.Context, session fir.Session) (fir.Session, error) {
	return web.Do(ctx, contract.RenderFIR, func(ctx context.Context) (fir.Session, error) {
		document, now := session.Document(), s.cfg.Now()
		series := document.Series()
		if series == "" {
			series = fir.SeriesFIR
		}
		next, report, err := s.cfg.Store.Draft(ctx, document.Header.Station.Code, series, now, document.Header.Number.IsZero(),
			func(number fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
				return drafted(session, number, existing, now, s.cfg.SessionTTL)
			})
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			s.cfg.Meter.report(false)
			err = storeError(ctx, err)
			s.cfg.Log.WarnContext(ctx, "report not drafted", "error_type", string(web.AsError(err).Kind))
			return session, err
		}
		s.cfg.Meter.report(true)
		s.cfg.Log.InfoContext(ctx, "report drafted", "session_id", session.ID)
		tracing.Annotate(ctx, contract.FIRNumber, report.Number().String())
		return next, nil
	})
}

// drafted brings the number into the session and makes its report, or lays the session over the report that it has.
func drafted(session fir.Session, number fir.Number, existing *fir.Report, now time.Time, ttl time.Duration) (fir.Session, fir.Report, error) {
	next, err := fir.Apply(session, fir.Event{At: now, TTL: ttl, Version: session.Version, Do: fir.Drafted{Number: number}})
	if err != nil {
		return session, fir.Report{}, err
	}
	if existing == nil {
		report, err := fir.NewReport(next, now)
		return next, report, err
	}
	report, err := fir.ApplyReport(*existing, fir.ReportEvent{At: now, Version: existing.Version, Do: fir.Redraft{Session: next}})
	return next, report, err
}
