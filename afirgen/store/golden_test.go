package store

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

var rewrite = flag.Bool("rewrite", false, "write the golden database anew; review the difference")

const golden = "testdata/version4.sql"

// The golden database is what this version has written, as statements: whatever comes later has to read it.
func TestTheGoldenDatabaseIsRead(t *testing.T) {
	if *rewrite {
		writeGolden(t)
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("reading the golden database (make it with -rewrite): %v", err)
	}
	path := filepath.Join(t.TempDir(), "fir.db")
	execute(t, path, strings.Split(string(text), ";\n\n")...)
	h := house{t, open(t, path), path}
	if n := h.sound(); n != 2 {
		t.Errorf("it has %d reports, want 2", n)
	}
	s, err := h.Session(t.Context(), "waits")
	h.must(err)
	if s.Transcript != theft || !s.CreatedAt.Equal(noon) || s.Step != fir.TranscriptReview {
		t.Errorf("its session is %+v", s)
	}
	r, err := h.Report(t.Context(), fir.Number{Station: "HZG", Series: fir.SeriesNCR, Seq: 1, Year: 2026})
	h.must(err)
	if r.Number().String() != "HZG/0002/2026" || r.State != fir.StateRegistered || r.Document.Contents.Statement != theft {
		t.Errorf("its report is %+v", r)
	}
	if _, next := h.draft(h.ready("next"), noon); next.Number().Seq != 3 {
		t.Errorf("the next number is %s", next.Number())
	}
}

func writeGolden(t *testing.T) {
	t.Helper()
	h := onSQLite(t)
	h.must(h.CreateSession(t.Context(), opened(t, "waits")))
	h.draft(h.ready("a"), noon)
	s, r := h.draft(h.readyFor("b", nuisance()), noon)
	_, r = h.reviewed(s, r, noon)
	r = advance(t, r, noon, fir.CorrectReport{Correction: fir.Correction{Add: []fir.Violation{stolen()}}})
	h.must(h.UpdateReport(t.Context(), r))
	r, err := h.Renumber(t.Context(), r, fir.SeriesFIR, noon, func(n fir.Number) (fir.Report, error) {
		return fir.ApplyReport(r, fir.ReportEvent{At: noon, Version: r.Version, Do: fir.Renumber{Number: n}})
	})
	h.must(err)
	h.must(h.UpdateReport(t.Context(), advance(t, r, noon.Add(time.Hour), fir.Sign{Kind: "signature", ReadOver: true, Admitted: true})))
	h.must(os.WriteFile(golden, []byte(h.dump()), 0o600))
}

// dump writes the database as statements with empty lines between them.
func (h house) dump() string {
	h.Helper()
	statements := []string{"PRAGMA application_id = 1095125330", "PRAGMA user_version = 2"}
	for _, table := range []string{historyTable, "sessions", "reports", "former_numbers", "counters"} {
		var schema string
		h.must(h.db.QueryRow("SELECT sql FROM sqlite_master WHERE name = ?", table).Scan(&schema))
		statements = append(statements, schema)
		var columns string
		h.must(h.db.QueryRow("SELECT group_concat('quote(' || name || ')', ' || '', '' || ') FROM pragma_table_info(?)", table).Scan(&columns))
		rows, err := h.db.Query("SELECT " + columns + " FROM " + table)
		h.must(err)
		values, err := collect(rows, func(rows *sql.Rows) (v string, err error) {
			err = rows.Scan(&v)
			return v, err
		})
		h.must(err)
		for _, v := range values {
			statements = append(statements, fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, v))
		}
	}
	return strings.Join(statements, ";\n\n") + ";\n"
}
