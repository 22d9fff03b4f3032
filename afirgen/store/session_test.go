package store

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func TestASessionComesBackByteForByte(t *testing.T) {
	both(t, func(h house) {
		s := opened(h, "a")
		h.must(h.CreateSession(h.Context(), s))
		got, err := h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", got, s)
		if got.Transcript != theft {
			h.Errorf("the complaint is %q, want %q", got.Transcript, theft)
		}
		if !got.CreatedAt.Equal(noon) || !got.LastActivity.Equal(noon) {
			h.Errorf("it was made at %s, want %s", got.CreatedAt, noon)
		}
		s = apply(h, s, fir.Approve{Note: "😀 और ध्यान दें"})
		h.must(h.UpdateSession(h.Context(), s))
		got, err = h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", got, s)
		var body string
		h.must(h.db.QueryRow("SELECT body FROM sessions").Scan(&body))
		if want, err := encode(s); err != nil || body != want {
			h.Errorf("stored is %q (%v), want %q", body, err, want)
		}
		if !strings.Contains(body, `<b>\"क्`+"\u200d"+`ष\"</b> & it's 100% \\ gone`) {
			h.Errorf("letters of the complaint are escaped that need not be: %s", body)
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	both(t, func(h house) {
		ctx, n := h.Context(), fir.Number{Station: "HZG", Series: fir.SeriesFIR, Seq: 1, Year: 2026}
		_, err := h.Session(ctx, "a")
		h.want(err, ErrNotFound)
		h.want(h.UpdateSession(ctx, apply(h, opened(h, "a"), fir.Approve{})), ErrNotFound)
		_, err = h.Report(ctx, n)
		h.want(err, ErrNotFound)
		_, err = h.ReportOf(ctx, "a")
		h.want(err, ErrNotFound)
		h.want(h.UpdateReport(ctx, fir.Report{SessionID: "a", State: fir.StateDraft, Version: 2}), ErrNotFound)
	})
}

func TestAnIDThatIsTakenIsAConflict(t *testing.T) {
	both(t, func(h house) {
		s := opened(h, "a")
		h.must(h.CreateSession(h.Context(), s))
		h.want(h.CreateSession(h.Context(), s), ErrConflict)
		h.must(h.CreateSession(h.Context(), opened(h, "A"))) // not the same, also for a server that compares without case
	})
}

func TestAnUpdateOfAnOldVersionChangesNothing(t *testing.T) {
	both(t, func(h house) {
		s := opened(h, "a")
		h.must(h.CreateSession(h.Context(), s))
		first, second := apply(h, s, fir.Reject{Note: "one"}), apply(h, s, fir.Reject{Note: "two"})
		h.must(h.UpdateSession(h.Context(), first))
		h.want(h.UpdateSession(h.Context(), second), ErrConflict)
		h.want(h.UpdateSession(h.Context(), first), ErrConflict) // also its own repetition
		ahead := first
		ahead.Version = 9
		h.want(h.UpdateSession(h.Context(), ahead), ErrConflict)
		got, err := h.Session(h.Context(), "a")
		h.must(err)
		h.same("the session", got, first)
	})
}

func TestOfTwoApprovalsAtOnceOneWins(t *testing.T) {
	both(t, func(h house) {
		other := open(h.T, h.dsn) // as another process would be
		for round := range 30 {
			id := fmt.Sprint("session-", round)
			s := opened(h, id)
			h.must(h.CreateSession(h.Context(), s))
			next := apply(h, s, fir.Approve{})
			var won, lost atomic.Int32
			atOnce(4, func(i int) {
				err := []*Store{h.Store, other}[i%2].UpdateSession(h.Context(), next)
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, ErrConflict):
					lost.Add(1)
				default:
					h.Error(err)
				}
			})
			if won.Load() != 1 || lost.Load() != 3 {
				h.Fatalf("%d approvals have won and %d were told of a conflict, want 1 and 3", won.Load(), lost.Load())
			}
		}
	})
}
