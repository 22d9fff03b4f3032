package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// firstProgram is what AFIRGen's first program left behind, as it wrote it.
func firstProgram(t *testing.T) (path string) {
	t.Helper()
	schema, err := os.ReadFile("testdata/layout1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "sessions.db")
	insert := "INSERT INTO session VALUES "
	execute(t, path, "PRAGMA journal_mode = WAL", string(schema),
		insert+`('waits', 'awaiting_validation', 'summary_review', '["ocr_done","summary_done"]', 'मेरी मोटरसाइकिल चोरी हुई', 'चोरी', '', '1-2-3', 1767225600123, 1767225601456, 2)`,
		insert+`('works', 'processing', '', '[]', 'मेरी गाय चोरी हुई', '', '', '1-2-4', 1767225600000, 1767225600000, 1)`,
		insert+`('failed', 'error', '', '["ocr_done"]', 'मेरी साइकिल', '', 'engine_timeout', '', 1767225600000, 1767225600000, 2)`,
		insert+`('odd', 'awaiting_validation', 'nowhere', 'no list', 'मेरी बकरी चोरी हुई', '', '', '', 1767225600000, 1767225600000, 9)`,
		"PRAGMA user_version = 1")
	return path
}

func TestTheSessionsOfTheFirstProgramAreTakenOver(t *testing.T) {
	path := firstProgram(t)
	s := open(t, path)
	for id, want := range map[string]fir.Session{
		"waits":  {Status: fir.AwaitingValidation, Step: fir.SummaryReview, Transcript: "मेरी मोटरसाइकिल चोरी हुई", Summary: "चोरी", TraceID: "1-2-3", Version: 2},
		"works":  {Status: fir.Failed, Transcript: "मेरी गाय चोरी हुई", ErrorType: "internal", TraceID: "1-2-4", Version: 1},
		"failed": {Status: fir.Failed, Transcript: "मेरी साइकिल", ErrorType: "engine_timeout", Version: 2},
		"odd":    {Status: fir.Failed, Transcript: "मेरी बकरी चोरी हुई", ErrorType: "internal", Version: 9},
	} {
		got, err := s.Session(t.Context(), id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if got.Status != want.Status || got.Step != want.Step || got.Transcript != want.Transcript || got.Summary != want.Summary ||
			got.ErrorType != want.ErrorType || got.TraceID != want.TraceID || got.Version != want.Version {
			t.Errorf("%s came over as %+v", id, got)
		}
	}
	got, err := s.Session(t.Context(), "waits")
	if err != nil || !got.CreatedAt.Equal(time.UnixMilli(1767225600123)) || !got.LastActivity.Equal(time.UnixMilli(1767225601456)) || len(got.Done) != 2 {
		t.Errorf("its times and work are %s, %s, %v, %v", got.CreatedAt, got.LastActivity, got.Done, err)
	}
	if err := s.UpdateSession(t.Context(), apply(t, got, fir.Approve{})); err != nil {
		t.Errorf("it cannot go on: %v", err)
	}
	var left int
	if err := s.db.QueryRow("SELECT COUNT(*) FROM sqlite_master WHERE name = 'session'").Scan(&left); err != nil || left != 0 {
		t.Errorf("the old table is still there: %d, %v", left, err)
	}
}

func TestATakeOverThatFailsLeavesTheOldFile(t *testing.T) {
	path := firstProgram(t)
	execute(t, path, "UPDATE session SET created_at = 1 WHERE id = 'odd'", "ALTER TABLE session RENAME COLUMN summary TO précis")
	s, err := Open(t.Context(), path, sql.Open)
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "taking over the sessions of the first program") {
		t.Fatalf("got %v", err)
	}
	execute(t, path, "ALTER TABLE session RENAME COLUMN précis TO summary") // it is all there
	if _, err := open(t, path).Session(t.Context(), "waits"); err != nil {
		t.Error(err)
	}
}
