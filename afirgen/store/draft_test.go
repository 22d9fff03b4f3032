package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func TestADraftStoresSessionAndReportUnderOneNumber(t *testing.T) {
	both(t, func(h house) {
		s := h.ready("a")
		next, report := h.draft(s, noon.Add(time.Hour))
		if n := report.Number().String(); n != "HZG/0001/2026" || next.Details.Header.Number != report.Number() {
			h.Errorf("the report's number is %s and the session's %s", n, next.Details.Header.Number)
		}
		session, err := h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", session, next)
		for _, read := range []func() (fir.Report, error){
			func() (fir.Report, error) { return h.ReportOf(h.Context(), "a") },
			func() (fir.Report, error) { return h.Report(h.Context(), report.Number()) },
		} {
			got, err := read()
			h.must(err)
			h.same("the report", got, report)
		}
		// The same draft again, as from a caller who has not heard the answer.
		_, _, err = h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, drafted(s, noon))
		h.want(err, ErrConflict)
		if n := h.sound(); n != 1 {
			h.Errorf("there are %d reports, want 1", n)
		}
	})
}

func TestADraftMadeAgainIsLaidOverTheReport(t *testing.T) {
	both(t, func(h house) {
		s, report := h.draft(h.ready("a"), noon)
		back := s.Version
		s = apply(h, s, fir.Regenerate{Step: fir.NarrativeReview})
		s = apply(h, s, fir.Narrated{Narrative: "नया विवरण"})
		s = apply(h, s, fir.Approve{})
		h.skipVersions("a", back, s.Version-1)
		h.must(h.UpdateSession(h.Context(), s))
		next, again, err := h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, false, drafted(s, noon.Add(time.Hour)))
		h.must(err)
		got, err := h.Report(h.Context(), report.Number())
		h.must(err)
		h.same("the report", got, again)
		if again.Version != report.Version+1 || got.Document.Contents.Narrative != "नया विवरण" || next.Step != fir.FinalReview {
			h.Errorf("version %d with the narrative %q at %s", got.Version, got.Document.Contents.Narrative, next.Step)
		}
		h.sound()
	})
}

func TestNumbersHaveNoGapAndNoDoubleInParallel(t *testing.T) {
	const n = 200
	both(t, func(h house) {
		other := open(h.T, h.dsn)
		sessions := make([]fir.Session, n)
		for i := range sessions {
			sessions[i] = h.ready(fmt.Sprint("session-", i))
		}
		atOnce(n, func(i int) {
			build := drafted(sessions[i], noon)
			if i%7 == 0 { // some come to nothing at first
				_, _, err := h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, func(fir.Number, *fir.Report) (fir.Session, fir.Report, error) {
					return fir.Session{}, fir.Report{}, errBuild
				})
				h.want(err, errBuild)
			}
			if _, _, err := []*Store{h.Store, other}[i%2].Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, build); err != nil {
				h.Error(err)
			}
		})
		if got := h.sound(); got != n {
			h.Errorf("%d reports are stored, want %d", got, n)
		}
	})
}

var errBuild = errors.New("the caller's function does not want to")

func TestAFailedBuildUsesUpNoNumber(t *testing.T) {
	both(t, func(h house) {
		s := h.ready("a")
		nothing := func(fir.Number, *fir.Report) (fir.Session, fir.Report, error) {
			return fir.Session{}, fir.Report{}, errBuild
		}
		_, _, err := h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, nothing)
		if err != errBuild {
			h.Errorf("got the error %v, want the function's own", err)
		}
		_, _, err = h.Draft(h.Context(), "hzg", fir.SeriesFIR, noon, true, nothing)
		if fir.KindOf(err) != fir.Invalid {
			h.Errorf("a station's code that is none gave %v", err)
		}
		panicked := func() (reason any) {
			defer func() { reason = recover() }()
			_, _, _ = h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, func(fir.Number, *fir.Report) (fir.Session, fir.Report, error) {
				panic("a mistake in the caller")
			})
			return nil
		}()
		if panicked == nil {
			h.Error("the panic was swallowed")
		}
		ctx, cancel := context.WithCancel(h.Context())
		_, _, err = h.Draft(ctx, "HZG", fir.SeriesFIR, noon, true, func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
			cancel()
			return drafted(s, noon)(n, existing)
		})
		h.want(err, context.Canceled)
		if _, report := h.draft(s, noon); report.Number().Seq != 1 {
			h.Errorf("the first number is %s", report.Number())
		}
		h.sound()
	})
}

func TestNumbersBeginAnewWithIndiasYear(t *testing.T) {
	both(t, func(h house) {
		eve := time.Date(2026, 12, 31, 18, 29, 59, 0, time.UTC) // a second before the new year in India
		for i, c := range []struct {
			at   time.Time
			want string
		}{{noon, "HZG/0001/2026"}, {eve, "HZG/0002/2026"}, {eve.Add(time.Second), "HZG/0001/2027"}, {eve.AddDate(0, 6, 0), "HZG/0002/2027"}} {
			if _, report := h.draft(h.ready(fmt.Sprint(i)), c.at); report.Number().String() != c.want {
				h.Errorf("at %s the number is %s, want %s", c.at, report.Number(), c.want)
			}
		}
		s := h.ready("late")
		_, _, err := h.Draft(h.Context(), "HZG", fir.SeriesFIR, eve, true, drafted(s, eve))
		if fir.KindOf(err) != fir.Conflict {
			h.Errorf("a clock that has gone back gave %v, want a conflict of the domain", err)
		}
		if _, report := h.draft(s, eve.AddDate(0, 7, 0)); report.Number().String() != "HZG/0003/2027" {
			h.Errorf("after that the number is %s", report.Number())
		}
	})
}

func TestEachStationAndSeriesCountsForItself(t *testing.T) {
	both(t, func(h house) {
		_, a := h.draft(h.readyFor("a", stolen()), noon)
		_, b := h.draft(h.readyFor("b", nuisance()), noon)
		_, c := h.draft(h.readyFor("c", stolen()), noon)
		if a.Number().String() != "HZG/0001/2026" || b.Number().String() != "HZG/NCR-0001/2026" || c.Number().String() != "HZG/0002/2026" {
			h.Errorf("the numbers are %s, %s, %s", a.Number(), b.Number(), c.Number())
		}
	})
}

func TestSessionAndReportAreSavedTogetherOrNotAtAll(t *testing.T) {
	both(t, func(h house) {
		s, report := h.draft(h.ready("a"), noon)
		done := apply(h, s, fir.Approve{})
		reviewed := advance(h, report, noon.Add(time.Hour), fir.Reviewed{Session: done})
		ahead := reviewed
		ahead.Version++
		h.want(h.Save(h.Context(), done, ahead), ErrConflict)
		late := done
		late.Version++
		h.want(h.Save(h.Context(), late, reviewed), ErrConflict)
		got, err := h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", got, s)
		h.must(h.Save(h.Context(), done, reviewed))
		got, err = h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", got, done)
		stored, err := h.ReportOf(h.Context(), "a")
		h.must(err)
		h.same("the report", stored, reviewed)
	})
}

func TestAReportIsFoundByItsFormerNumberToo(t *testing.T) {
	both(t, func(h house) {
		s, report := h.draft(h.readyFor("a", nuisance()), noon)
		_, report = h.reviewed(s, report, noon.Add(time.Minute))
		second := stolen()
		second.Section = "309"
		report = advance(h, report, noon.Add(time.Hour), fir.CorrectReport{Correction: fir.Correction{Add: []fir.Violation{second}}})
		h.must(h.UpdateReport(h.Context(), report))
		was := report.Number()
		renumber := func(n fir.Number) (fir.Report, error) {
			return fir.ApplyReport(report, fir.ReportEvent{At: noon.Add(2 * time.Hour), Version: report.Version, Do: fir.Renumber{Number: n}})
		}
		_, err := h.Renumber(h.Context(), report, fir.SeriesFIR, noon, func(fir.Number) (fir.Report, error) { return fir.Report{}, errBuild })
		if err != errBuild {
			h.Errorf("got the error %v, want the function's own", err)
		}
		next, err := h.Renumber(h.Context(), report, fir.SeriesFIR, noon, renumber)
		h.must(err)
		if was.String() != "HZG/NCR-0001/2026" || next.Number().String() != "HZG/0001/2026" {
			h.Errorf("renumbered from %s to %s", was, next.Number())
		}
		for _, n := range []fir.Number{was, next.Number()} {
			got, err := h.Report(h.Context(), n)
			h.must(err)
			h.same("the report under "+n.String(), got, next)
		}
		_, err = h.Renumber(h.Context(), report, fir.SeriesFIR, noon, renumber) // of a version that is past
		h.want(err, ErrConflict)
		_, other := h.draft(h.ready("b"), noon)
		if other.Number().Seq != 2 {
			h.Errorf("the next number is %s", other.Number())
		}
		signed := advance(h, next, noon.Add(3*time.Hour), fir.Sign{Kind: "signature", ReadOver: true, Admitted: true})
		h.must(h.UpdateReport(h.Context(), signed))
		h.want(h.UpdateReport(h.Context(), signed), ErrConflict)
	})
}

func TestACounterBehindItsReportsGivesNoNumber(t *testing.T) {
	both(t, func(h house) {
		h.draft(h.ready("a"), noon)
		_, err := h.db.Exec("UPDATE counters SET seq = 0")
		h.must(err)
		s := h.ready("b")
		_, _, err = h.Draft(h.Context(), "HZG", fir.SeriesFIR, noon, true, drafted(s, noon))
		if err == nil || errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), "the table counters is behind") {
			h.Errorf("got %v", err)
		}
		_, err = h.db.Exec("UPDATE counters SET seq = 1")
		h.must(err)
		h.draft(s, noon)
		h.sound()
	})
}
