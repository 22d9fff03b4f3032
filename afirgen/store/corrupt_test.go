package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func TestADamagedRowIsNamedAndNeverQuoted(t *testing.T) {
	both(t, func(h house) {
		h.must(h.CreateSession(h.Context(), opened(h, "a")))
		_, report := h.draft(h.ready("b"), noon)
		whole, err := encode(opened(h, "a"))
		h.must(err)
		for _, body := range []string{
			"", "null", "[]", `"रमेश"`, "{", strings.Replace(whole, "मैं", "\xff", 1)[:200], whole[:len(whole)/2],
			strings.Replace(whole, `"session_id":"a"`, `"session_id":"c"`, 1), strings.Replace(whole, `"version":1`, `"version":7`, 1),
			strings.Replace(whole, `"status":"awaiting_validation"`, `"status":"रमेश कुमार"`, 1),
			strings.Replace(whole, `"created_at":"2026`, `"created_at":"रमेश`, 1),
		} {
			if h.Kind() == MySQL {
				body = strings.ToValidUTF8(body, "?") // the server takes nothing else
			}
			_, err := h.db.Exec("UPDATE sessions SET body = ? WHERE id = 'a'", body)
			h.must(err)
			_, err = h.Session(h.Context(), "a")
			h.damaged(err, "sessions", "a")
			_, err = h.db.Exec("UPDATE reports SET body = ?", body)
			h.must(err)
			_, err = h.Report(h.Context(), report.Number())
			h.damaged(err, "reports", report.Number().String())
		}
		_, err = h.db.Exec("UPDATE reports SET fir_number = 'रमेश'")
		h.must(err)
		_, _, err = h.List(h.Context(), Filter{})
		h.damaged(err, "reports", "रमेश") // the key is all that tells which row it is
	})
}

func (h house) damaged(err error, table, key string) {
	h.Helper()
	var corrupt *CorruptError
	var domain *fir.Error
	switch {
	case !errors.As(err, &corrupt) || corrupt.Table != table || corrupt.Key != key:
		h.Errorf("got the error %v, want one that names row %s of %s", err, key, table)
	case errors.As(err, &domain), errors.Is(err, ErrConflict), errors.Is(err, ErrNotFound):
		h.Errorf("the error %v passes for something that the caller did", err)
	case key != "रमेश" && strings.Contains(err.Error(), "रमेश"):
		h.Errorf("the error %v quotes", err)
	}
}

func TestTheLargestSessionFits(t *testing.T) {
	both(t, func(h house) {
		letter := strings.Repeat("क", 50_000)
		s := apply(h, fir.Session{}, fir.Open{ID: "a", Text: letter, Language: "hi", Station: station()})
		h.must(h.CreateSession(h.Context(), s))
		first := s.Version
		for range fir.MaxHistory {
			s = apply(h, s, fir.Reject{Note: strings.Repeat("😀", fir.MaxNote)})
		}
		s.Reading, s.Summary, s.Narrative = letter, letter, letter
		h.skipVersions("a", first, s.Version-1)
		h.must(h.UpdateSession(h.Context(), s))
		got, err := h.Session(h.Context(), "a")
		h.must(err)
		if body, err := encode(s); err != nil || asJSON(h, got) != asJSON(h, s) {
			h.Errorf("a session of %d bytes (%v) has changed on the way", len(body), err)
		}
		s = apply(h, s, fir.Approve{})
		s.Details.Contents.Translations = make([]fir.Passage, 90)
		for i := range s.Details.Contents.Translations {
			s.Details.Contents.Translations[i] = fir.Passage{Language: "ur", Text: letter}
		}
		h.want(h.UpdateSession(h.Context(), s), ErrTooLarge)
	})
}

func TestTimesThatHaveNotComeStayZero(t *testing.T) {
	if got := fromMicros(micros(time.Time{})); !got.IsZero() {
		t.Errorf("the zero time came back as %s", got)
	}
	if got := fromMicros(micros(noon)); !got.Equal(noon.Truncate(time.Microsecond)) {
		t.Errorf("%s came back as %s", noon, got)
	}
}
