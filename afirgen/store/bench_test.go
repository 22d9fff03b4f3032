package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
)

func eachKind(b *testing.B, bench func(b *testing.B, s *Store)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, open(b, filepath.Join(b.TempDir(), "fir.db"))) })
	b.Run("mysql", func(b *testing.B) { bench(b, open(b, mariadbtest.Start(b))) })
}

func BenchmarkCreateSession(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store) {
		session := opened(b, "a")
		for i := 0; b.Loop(); i++ {
			session.ID = fmt.Sprint(i)
			if err := s.CreateSession(b.Context(), session); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUpdateSession(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store) {
		session := opened(b, "a")
		if err := s.CreateSession(b.Context(), session); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			session.Version++
			if err := s.UpdateSession(b.Context(), session); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDraft(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store) {
		session := toDraft(b, opened(b, "a"), stolen())
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			session.ID = fmt.Sprint(i)
			if err := s.CreateSession(b.Context(), session); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, _, err := s.Draft(b.Context(), "HZG", fir.SeriesFIR, noon, true, drafted(session, noon)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkList reads the newest page of 10,000 reports of a state and station.
func BenchmarkList(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store) {
		for i := range 10 {
			err := s.transact(b.Context(), func(tx *sql.Tx) error {
				for j := range 1000 {
					r := fir.Report{SessionID: fmt.Sprint(i, "-", j), State: fir.StateDraft, CreatedAt: noon.AddDate(0, 0, j), UpdatedAt: noon, Version: 1}
					r.Document.Header.Number = fir.Number{Station: "HZG", Series: fir.SeriesFIR, Seq: i*1000 + j + 1, Year: 2026}
					if err := insertReport(b.Context(), tx, r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			if rows, _, err := s.List(b.Context(), Filter{State: fir.StateDraft, Station: "HZG"}); err != nil || len(rows) != 50 {
				b.Fatal(len(rows), err)
			}
		}
	})
}
