package backend

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := OpenStore(t.Context(), path, sql.Open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestASessionComesBackAsItWasStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a directory?", "sessions#1.db")
	want := fir.Session{
		ID: "a", Status: fir.AwaitingValidation, Step: fir.SummaryReview, Done: []fir.Done{fir.OCRDone}, Transcript: "चोरी हुई",
		Summary: "it's", ErrorType: "x", TraceID: "1-2-3", CreatedAt: time.UnixMilli(1000).UTC(), LastActivity: time.UnixMilli(2000).UTC(),
	}
	s := open(t, path)
	if err := s.Create(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// A second opening migrates nothing and finds everything.
	got, err := open(t, path).Get(t.Context(), "a")
	if err != nil || got.Transcript != want.Transcript || got.Version != 1 || !got.CreatedAt.Equal(want.CreatedAt) ||
		!got.LastActivity.Equal(want.LastActivity) || got.Step != want.Step || len(got.Done) != 1 || got.Summary != want.Summary {
		t.Errorf("got %+v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v), want it readable by us alone", info.Mode(), err)
	}
}

func TestTheDatabaseHasAWriteAheadLogThatIsOnTheDisk(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "sessions.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000"} {
		var got string
		if err := s.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", pragma, got, err, want)
		}
	}
}

func TestAnUpdateOfAnOldVersionChangesNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "sessions.db"))
	first := fir.Session{ID: "a", Status: fir.Processing}
	if err := s.Create(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	second := first
	first.Summary, second.Summary = "first", "second"
	if err := s.Update(t.Context(), &first); err != nil || first.Version != 2 {
		t.Fatalf("version %d, %v", first.Version, err)
	}
	if err := s.Update(t.Context(), &second); !errors.Is(err, errConflict) {
		t.Errorf("the second update got %v, want errConflict", err)
	}
	if got, err := s.Get(t.Context(), "a"); err != nil || got.Summary != "first" {
		t.Errorf("stored is %q, %v", got.Summary, err)
	}
	if _, err := s.Get(t.Context(), "b"); !errors.Is(err, errNoSession) {
		t.Errorf("an unknown session gave %v", err)
	}
}

func TestADatabaseOfALaterProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := open(t, path)
	if _, err := s.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStore(t.Context(), path, sql.Open); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("got %v", err)
	}
}
