package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// shelf fills the store with reports of several stations, states and moments, some of one moment, and returns their rows
// in the order of the list.
func (h house) shelf(n int) []Row {
	h.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	var rows []Row
	tx, err := h.db.BeginTx(h.Context(), nil)
	h.must(err)
	for i := range n {
		at := noon.Add(time.Duration(dice.IntN(n/3)) * time.Microsecond)
		r := fir.Report{SessionID: fmt.Sprint("session-", i), State: states()[dice.IntN(3)], CreatedAt: at, UpdatedAt: at, Version: 1}
		r.Document.Header.Number = fir.Number{Station: []string{"HZG", "KTW"}[dice.IntN(2)], Series: fir.SeriesFIR, Seq: i + 1, Year: 2026}
		if r.State == fir.StateAwaiting {
			r.SignatureDue = at.Add(time.Duration(dice.IntN(100)) * time.Hour)
		}
		h.must(insertReport(h.Context(), tx, r))
		rows = append(rows, Row{
			ID: int64(i + 1), Number: r.Number(), State: r.State, SessionID: r.SessionID, CreatedAt: at.Truncate(time.Microsecond).UTC(),
			UpdatedAt: at.Truncate(time.Microsecond).UTC(), SignatureDue: r.SignatureDue.Truncate(time.Microsecond), Version: 1,
		})
		if !r.SignatureDue.IsZero() {
			rows[i].SignatureDue = rows[i].SignatureDue.UTC()
		}
	}
	h.must(tx.Commit())
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return rows
}

func TestListsAreCompleteInOrderAndWithoutDoubles(t *testing.T) {
	both(t, func(h house) {
		all := h.shelf(120)
		for _, f := range []Filter{{}, {Station: "HZG"}, {State: fir.StateAwaiting}, {State: fir.StateDraft, Station: "KTW"}, {Station: "XXX"}} {
			want := []Row{}
			for _, row := range all {
				if (f.Station == "" || row.Number.Station == f.Station) && (f.State == "" || row.State == f.State) {
					want = append(want, row)
				}
			}
			n, err := h.Count(h.Context(), f.State, f.Station)
			if err != nil || n != len(want) {
				h.Errorf("%+v: counted %d (%v), want %d", f, n, err, len(want))
			}
			for _, limit := range []int{1, 7, len(want), 1000} {
				h.walk(f, limit, want)
			}
		}
	})
}

// walk goes through a list by positions and by offsets.
func (h house) walk(f Filter, limit int, want []Row) {
	h.Helper()
	byPosition, byOffset := f, f
	byPosition.Limit, byOffset.Limit = limit, limit
	limit = clamp(limit, DefaultLimit)
	for at := 0; ; at += limit {
		page := want[min(at, len(want)):min(at+limit, len(want))]
		byOffset.Offset = at
		for how, f := range map[string]Filter{"position": byPosition, "offset": byOffset} {
			rows, more, err := h.List(h.Context(), f)
			h.must(err)
			if !slices.Equal(rows, page) || more != (at+limit < len(want)) {
				h.Fatalf("%+v by %s at %d: got %v, more %t\nwant %v", f, how, at, rows, more, page)
			}
		}
		if at+limit >= len(want) {
			return
		}
		last := page[len(page)-1]
		byPosition.After = &Position{last.CreatedAt, last.ID}
	}
}

func TestOverdueNamesWhoseDueMomentHasPassed(t *testing.T) {
	both(t, func(h house) {
		all := h.shelf(120)
		at := noon.Add(50 * time.Hour)
		waiting := slices.DeleteFunc(slices.Clone(all), func(r Row) bool {
			return r.State != fir.StateAwaiting || !r.SignatureDue.Before(at.Truncate(time.Microsecond))
		})
		slices.SortFunc(waiting, func(a, b Row) int { return cmp.Or(a.SignatureDue.Compare(b.SignatureDue), cmp.Compare(a.ID, b.ID)) })
		want := []fir.Number{}
		for _, row := range waiting {
			want = append(want, row.Number)
		}
		if len(want) < 5 {
			h.Fatalf("only %d reports are overdue: the test looks at nothing", len(want))
		}
		got, err := h.Overdue(h.Context(), at, 1000)
		if err != nil || !slices.Equal(got, want) {
			h.Errorf("got %v, %v\nwant %v", got, err, want)
		}
		got, err = h.Overdue(h.Context(), at, 3)
		if err != nil || !slices.Equal(got, want[:3]) {
			h.Errorf("got %v, %v\nwant %v", got, err, want[:3])
		}
	})
}

func TestTotalsCountAndAverage(t *testing.T) {
	both(t, func(h house) {
		h.must(h.CreateSession(h.Context(), opened(h, "waits")))
		s, r := h.draft(h.ready("a"), noon.Add(time.Minute))
		s, r = h.reviewed(s, r, noon.Add(2*time.Minute))
		r = advance(h, r, noon.Add(11*time.Minute), fir.Sign{Kind: "signature", ReadOver: true, Admitted: true})
		h.must(h.UpdateReport(h.Context(), r))
		h.draft(h.ready("b"), noon.Add(time.Minute))
		got, err := h.Totals(h.Context(), noon)
		h.must(err)
		h.same("the count of sessions", got.SessionsByStatus, map[fir.Status]int{fir.AwaitingValidation: 2, fir.Completed: 1})
		h.same("the count of reports", got.ReportsByState, map[fir.State]int{fir.StateDraft: 1, fir.StateRegistered: 1})
		if want := s.LastActivity.Sub(s.CreatedAt); got.MeanSession.Round(time.Second) != want || got.MeanReport != 10*time.Minute {
			h.Errorf("the means are %s and %s, want %s and 10m", got.MeanSession, got.MeanReport, want)
		}
		got, err = h.Totals(h.Context(), noon.AddDate(0, 0, 1))
		if err != nil || got.MeanSession != 0 || got.MeanReport != 0 {
			h.Errorf("of a day later the means are %s and %s, %v", got.MeanSession, got.MeanReport, err)
		}
	})
}

func TestNoListIsSorted(t *testing.T) {
	h := onSQLite(t)
	h.shelf(60)
	for _, f := range []Filter{{}, {Station: "HZG"}, {State: fir.StateDraft}, {Station: "HZG", State: fir.StateDraft}} {
		for _, after := range []*Position{nil, {noon, 30}} {
			f.After = after
			query, args, _ := f.query()
			rows, err := h.db.Query("EXPLAIN QUERY PLAN "+query, args...)
			h.must(err)
			plan, err := collect(rows, func(rows *sql.Rows) (detail string, err error) {
				var id, parent, unused int
				err = rows.Scan(&id, &parent, &unused, &detail)
				return detail, err
			})
			h.must(err)
			if len(plan) != 1 || !strings.Contains(plan[0], "USING INDEX") {
				h.Errorf("%+v is read by %q", f, plan)
			}
		}
	}
}
