package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
)

// house is an empty database, and a store in it.
type house struct {
	*testing.T
	*Store
	dsn string
}

// both runs a test on each kind of database: one promise, one suite.
func both(t *testing.T, test func(h house)) {
	t.Run("sqlite", func(t *testing.T) { test(onSQLite(t)) })
	t.Run("mysql", func(t *testing.T) { test(onMySQL(t)) })
}

func onSQLite(t *testing.T) house {
	t.Helper()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "fir.db")
	return house{t, open(t, dsn), dsn}
}

func onMySQL(t *testing.T) house {
	t.Helper()
	dsn := mariadbtest.Start(t)
	return house{t, open(t, dsn), dsn}
}

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn, sql.Open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The complaint of the tests: conjuncts, matras, a joiner, letters of four bytes, and what JSON and SQL quote.
const theft = "मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\n" +
	"मेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्\u200dष\"</b> & it's 100% \\ gone; -- 'x'"

// noon is the 15th of February 2026, 12:00 in India, with all its nanoseconds.
var noon = time.Date(2026, 2, 15, 12, 0, 0, 123456789, fir.India())

func station() fir.Station {
	return fir.Station{Code: "HZG", Name: "हज़रतगंज", District: "लखनऊ", State: "उत्तर प्रदेश"}
}

func stolen() fir.Violation {
	return fir.Violation{Act: fir.BNS, Section: "303", SubSection: "(2)", Title: fir.Label{En: "Theft", Hi: "चोरी"},
		Cognizable: fir.Cognizable, Bailable: fir.NonBailable, MaxYears: 3, Confidence: fir.High, Source: "reference", Origin: fir.ByModel}
}

// nuisance is not cognizable.
func nuisance() fir.Violation {
	v := stolen()
	v.Section, v.SubSection, v.Cognizable, v.Bailable, v.MaxYears = "292", "", fir.NonCognizable, fir.Bailable, 0
	return v
}

// apply moves a session on by one action, a second after its last activity.
func apply(t testing.TB, s fir.Session, do fir.Action) fir.Session {
	t.Helper()
	at := noon
	if s.Version > 0 {
		at = s.LastActivity.Add(time.Second)
	}
	next, err := fir.Apply(s, fir.Event{At: at, Version: s.Version, Do: do})
	if err != nil {
		t.Fatalf("%T: %v", do, err)
	}
	return next
}

// opened is a session at its first review.
func opened(t testing.TB, id string) fir.Session {
	t.Helper()
	return apply(t, fir.Session{}, fir.Open{ID: id, TraceID: "1-65d0a1b2-0123456789abcdef01234567", Text: theft, Language: "hi", Type: fir.Written, Station: station()})
}

// toDraft brings a session to where its number is allocated.
func toDraft(t testing.TB, s fir.Session, found fir.Violation) fir.Session {
	t.Helper()
	value := int64(65_000)
	known := fir.Correction{
		Occurrence: &fir.Occurrence{DateFrom: "2026-02-14", TimeFrom: "19:00", ReceivedAt: noon, DiaryEntry: "17", DiaryTime: "12:05"},
		Place:      &fir.Place{Direction: "उत्तर, 2 कि.मी.", Address: "हज़रतगंज बाज़ार, लखनऊ"},
		Complainant: &fir.Complainant{Name: "रमेश कुमार", PresentAddress: "12, नरही, लखनऊ", PermanentAddress: "12, नरही, लखनऊ",
			Phone: "9415000000"},
		Accused:    &[]fir.Accused{{Kind: "unknown"}},
		Properties: &[]fir.Property{{Category: "वाहन", Type: "मोटरसाइकिल", Description: "काली", Value: &value}},
		Taken:      &fir.Taken{Kind: fir.TakenRegistered},
	}
	for _, do := range []fir.Action{
		fir.Approve{}, fir.Summarised{Summary: "मोटरसाइकिल चोरी।"}, fir.Approve{}, fir.Searched{Violations: []fir.Violation{found}},
		fir.Approve{}, fir.Narrated{Narrative: "शिकायतकर्ता की मोटरसाइकिल चोरी हुई।"}, fir.Correct{Correction: known}, fir.Approve{},
	} {
		s = apply(t, s, do)
	}
	return s
}

// ready stores a session that waits for its number.
func (h house) ready(id string) fir.Session { return h.readyFor(id, stolen()) }

func (h house) readyFor(id string, found fir.Violation) fir.Session {
	h.Helper()
	s := opened(h, id)
	h.must(h.CreateSession(h.Context(), s))
	first := s.Version
	s = toDraft(h, s, found)
	h.skipVersions(s.ID, first, s.Version-1)
	h.must(h.UpdateSession(h.Context(), s))
	return s
}

// skipVersions spares the tests the writing of each step between.
func (h house) skipVersions(id string, from, to int64) {
	h.Helper()
	if _, err := h.db.ExecContext(h.Context(), "UPDATE sessions SET version = ? WHERE id = ? AND version = ?", to, id, from); err != nil {
		h.Fatal(err)
	}
}

func (h house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h house) want(err, target error) {
	h.Helper()
	if !errors.Is(err, target) {
		h.Errorf("got the error %v, want one that is %q", err, target)
	}
}

// drafted is what the backend does in Draft.
func drafted(s fir.Session, at time.Time) func(fir.Number, *fir.Report) (fir.Session, fir.Report, error) {
	return func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
		next, err := fir.Apply(s, fir.Event{At: at, TTL: 1 << 62, Version: s.Version, Do: fir.Drafted{Number: n}})
		if err != nil {
			return next, fir.Report{}, err
		}
		if existing == nil {
			report, err := fir.NewReport(next, at)
			return next, report, err
		}
		report, err := fir.ApplyReport(*existing, fir.ReportEvent{At: at, Version: existing.Version, Do: fir.Redraft{Session: next}})
		return next, report, err
	}
}

// draft stores a session's report.
func (h house) draft(s fir.Session, at time.Time) (fir.Session, fir.Report) {
	h.Helper()
	series := s.Document().Series()
	next, report, err := h.Draft(h.Context(), "HZG", series, at, true, drafted(s, at))
	h.must(err)
	return next, report
}

// advance applies an event to a report and returns the next version.
func advance(t testing.TB, r fir.Report, at time.Time, do fir.ReportAction) fir.Report {
	t.Helper()
	next, err := fir.ApplyReport(r, fir.ReportEvent{At: at, Version: r.Version, Do: do})
	if err != nil {
		t.Fatalf("%T: %v", do, err)
	}
	return next
}

// reviewed brings a session at its final review, and its report, to their completion.
func (h house) reviewed(s fir.Session, r fir.Report, at time.Time) (fir.Session, fir.Report) {
	h.Helper()
	s = apply(h, s, fir.Approve{})
	r = advance(h, r, at, fir.Reviewed{Session: s})
	h.must(h.Save(h.Context(), s, r))
	return s, r
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (h house) same(what string, got, want any) {
	h.Helper()
	if g, w := asJSON(h, got), asJSON(h, want); g != w {
		h.Errorf("%s is\n%s\nwant\n%s", what, g, w)
	}
}

// atOnce runs n functions and waits for them.
func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// sound compares what has to hold together at any time: numbers without gap, counters, reports and their sessions. It
// returns how many reports there are.
func (h house) sound() int {
	h.Helper()
	var rows []Row
	for f := (Filter{Limit: MaxLimit}); ; {
		page, more, err := h.List(h.Context(), f)
		h.must(err)
		rows = append(rows, page...)
		if !more {
			break
		}
		last := page[len(page)-1]
		f.After = &Position{last.CreatedAt, last.ID}
	}
	seen := map[string]map[int]bool{}
	for _, row := range rows {
		report, err := h.Report(h.Context(), row.Number)
		h.must(err)
		session, err := h.Session(h.Context(), row.SessionID)
		h.must(err)
		if !slices.Contains(append(report.Former, report.Number()), session.Details.Header.Number) || session.Step != fir.FinalReview {
			h.Errorf("report %s has a session with number %s at %q", row.Number, session.Details.Header.Number, session.Step)
		}
		for _, n := range append([]fir.Number{report.Number()}, report.Former...) {
			key := fmt.Sprint(n.Station, n.Series, n.Year)
			if seen[key] == nil {
				seen[key] = map[int]bool{}
			}
			if seen[key][n.Seq] {
				h.Errorf("number %s was given twice", n)
			}
			seen[key][n.Seq] = true
		}
	}
	for key, seqs := range seen {
		for i := 1; i <= len(seqs); i++ {
			if !seqs[i] {
				h.Errorf("of %d numbers of %s the %dth is missing", len(seqs), key, i)
			}
		}
	}
	return len(rows)
}
