package store

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func TestTheFileIsOursAloneAndItsLogIsOnTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a directory?", "fir#1%41.db")
	s := open(t, path)
	if err := s.CreateSession(t.Context(), opened(t, "a")); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + suffix); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the mode of %s is %v, %v", path+suffix, info, err)
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "secure_delete": "1",
		"application_id": "1095125330", "user_version": "2"} {
		var got string
		if err := s.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", pragma, got, err, want)
		}
	}
	// A second opening in the same process migrates nothing, and closing it takes away no lock of the first.
	second, err := Open(t.Context(), path, sql.Open)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

func TestTheServersOwnSettingsDoNotMatter(t *testing.T) {
	h := onMySQL(t)
	for variable, want := range map[string]string{"character_set_connection": "utf8mb4", "collation_connection": "utf8mb4_bin",
		"time_zone": "+00:00", "innodb_lock_wait_timeout": "5"} {
		var got string
		if err := h.db.QueryRow("SELECT @@" + variable).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", variable, got, err, want)
		}
	}
	s := opened(t, "a")
	s.TraceID = strings.Repeat("x", 100) // no server may cut it
	if err := h.CreateSession(t.Context(), s); err == nil {
		t.Error("what does not fit was taken")
	} else if strings.Contains(err.Error(), "xxx") {
		t.Errorf("the error quotes: %v", err)
	}
	rows, err := h.db.Query("SELECT table_name, engine, table_collation FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> ?", historyTable)
	h.must(err)
	tables, err := collect(rows, func(rows *sql.Rows) (name string, err error) {
		var engine, collation string
		err = rows.Scan(&name, &engine, &collation)
		if engine != "InnoDB" || collation != "utf8mb4_bin" {
			t.Errorf("table %s is %s in %s", name, engine, collation)
		}
		return name, err
	})
	if err != nil || len(tables) != 4 {
		t.Errorf("the tables are %v, %v", tables, err)
	}
}

func TestADatabaseOfALaterProgramIsRefused(t *testing.T) {
	both(t, func(h house) {
		_, err := h.db.Exec("INSERT INTO " + historyTable + " (version_id, is_applied) VALUES (99, 1)")
		h.must(err)
		again, err := Open(h.Context(), h.dsn, sql.Open)
		if err == nil {
			_ = again.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "run the newer program") {
			h.Errorf("got %v", err)
		}
	})
}

func TestAMigrationThatWasBrokenOffIsDoneAgain(t *testing.T) {
	both(t, func(h house) {
		for _, statement := range []string{"DELETE FROM " + historyTable + " WHERE version_id = 4", "DROP TABLE counters", "DELETE FROM " + historyTable + " WHERE version_id = 3"} {
			_, err := h.db.Exec(statement)
			h.must(err)
		}
		again := house{h.T, open(h.T, h.dsn), h.dsn}
		_, report := again.draft(again.ready("a"), noon)
		if report.Number().Seq != 1 {
			h.Errorf("the number is %s", report.Number())
		}
	})
}

func TestAFileOfAnotherProgramIsRefusedAndNotTouched(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, path string){
		"another program's": func(t *testing.T, path string) { execute(t, path, "CREATE TABLE note (text TEXT)") },
		"marked by another": func(t *testing.T, path string) { execute(t, path, "PRAGMA application_id = 7") },
		"a later layout":    func(t *testing.T, path string) { execute(t, path, "PRAGMA user_version = 3") },
		"no database": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("a letter, and no database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), path, sql.Open)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was taken")
			}
			after, readErr := os.ReadFile(path)
			if readErr != nil || !bytes.Equal(before, after) {
				t.Errorf("the file has changed (%v); the error was %v", readErr, err)
			}
		})
	}
}

func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADSNSaysWhichDatabase(t *testing.T) {
	for dsn, want := range map[string]struct{ kind, name, user, password, db string }{
		"sqlite:/var/lib/fir.db":                      {kind: SQLite, name: "/var/lib/fir.db"},
		"sqlite:///var/lib/fir.db":                    {kind: SQLite, name: "/var/lib/fir.db"},
		"fir.db":                                      {kind: SQLite, name: "fir.db"},
		"dir@home/fir (1).db":                         {kind: SQLite, name: "dir@home/fir (1).db"},
		"mysql://u:p%40%2F%3A@db.example.com/fir":     {MySQL, "fir at db.example.com:3306", "u", "p@/:", "fir"},
		"mysql://u@[::1]:3307/fir?tls=preferred":      {MySQL, "fir at [::1]:3307", "u", "", "fir"},
		"u:p@/:)@tcp(10.0.0.1:3306)/fir?charset=utf8": {MySQL, "fir at 10.0.0.1:3306", "u", "p@/:)", "fir"},
		"u:p@unix(/run/mysqld/mysqld.sock)/fir":       {MySQL, "fir at /run/mysqld/mysqld.sock", "u", "p", "fir"},
	} {
		src, err := parse(dsn)
		if err != nil || src.kind != want.kind || src.name != want.name {
			t.Errorf("%s is %s %q (%v), want %s %q", dsn, src.kind, src.name, err, want.kind, want.name)
			continue
		}
		if src.kind != MySQL {
			continue
		}
		cfg, err := mysql.ParseDSN(src.dsn)
		if err != nil || cfg.User != want.user || cfg.Passwd != want.password || cfg.DBName != want.db {
			t.Errorf("%s is of %q with %q at %q, %v", dsn, cfg.User, cfg.Passwd, cfg.DBName, err)
		}
		if !cfg.ParseTime || cfg.Loc.String() != "UTC" || !strings.Contains(src.dsn, "charset=utf8mb4") || cfg.MultiStatements {
			t.Errorf("%s becomes %s", dsn, src.dsn)
		}
	}
	for _, dsn := range []string{"", "sqlite:", ":memory:", "sqlite::memory:", "postgres://u:secret@h/d", "mysql://u:secret@h", "mysql://u:sec%ret@h/d",
		"u:secret@tcp(h:3306)", "u:secret@tcp(h:3306)/", "u:secret@tcp(h:3306)/d?parseTime=secret", "mysql:///d"} {
		s, err := Open(t.Context(), dsn, sql.Open)
		if err == nil {
			_ = s.Close()
			t.Errorf("%q was taken", dsn)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes: %v", dsn, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, dsn := range []string{"sqlite:a", "mysql://u:p@h:1/d?x=y", "u:p@tcp(h:1)/d?charset=x", "://", "@tcp(", "mysql://%"} {
		f.Add(dsn)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		src, err := parse(dsn)
		switch {
		case err != nil:
			if len(dsn) > 12 && strings.Contains(err.Error(), dsn) {
				t.Errorf("the error quotes the DSN: %v", err)
			}
		case src.kind == MySQL:
			if _, err := mysql.ParseDSN(src.dsn); err != nil {
				t.Errorf("%q becomes %q, which the driver does not read: %v", dsn, src.dsn, err)
			}
		case src.kind != SQLite:
			t.Errorf("%q is of the kind %q", dsn, src.kind)
		}
	})
}

func TestEachCallEndsWithItsContext(t *testing.T) {
	both(t, func(h house) {
		s, r := h.draft(h.ready("a"), noon)
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		for name, call := range map[string]func() error{
			"Ping":          func() error { return h.Ping(ctx) },
			"CreateSession": func() error { return h.CreateSession(ctx, s) },
			"Session":       func() error { _, err := h.Session(ctx, "a"); return err },
			"UpdateSession": func() error { return h.UpdateSession(ctx, s) },
			"Draft":         func() error { _, _, err := h.Draft(ctx, "HZG", "fir", noon, true, drafted(s, noon)); return err },
			"Save":          func() error { return h.Save(ctx, s, r) },
			"Report":        func() error { _, err := h.Report(ctx, r.Number()); return err },
			"ReportOf":      func() error { _, err := h.ReportOf(ctx, "a"); return err },
			"UpdateReport":  func() error { return h.UpdateReport(ctx, r) },
			"List":          func() error { _, _, err := h.List(ctx, Filter{}); return err },
			"Count":         func() error { _, err := h.Count(ctx, "", ""); return err },
			"Expire":        func() error { _, err := h.Expire(ctx, noon, 1); return err },
			"Overdue":       func() error { _, err := h.Overdue(ctx, noon, 1); return err },
			"Totals":        func() error { _, err := h.Totals(ctx, noon); return err },
			"Open": func() error {
				s, err := Open(ctx, h.dsn, sql.Open)
				if err == nil {
					_ = s.Close()
				}
				return err
			},
		} {
			if err := call(); name == "" || err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
				h.Errorf("%s gave %v, want the context's error", name, err)
			}
		}
		h.must(h.Ping(h.Context()))
	})
}

func TestAWriterWaitsForItsTurnOnlyAsLongAsItsContext(t *testing.T) {
	h := onSQLite(t)
	s := h.ready("a")
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := h.Draft(t.Context(), "HZG", "fir", noon, true, func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
		done := make(chan error)
		go func() { done <- h.CreateSession(ctx, opened(t, "b")) }()
		cancel() // the turn is ours: the other one can only give up
		h.want(<-done, context.Canceled)
		return drafted(s, noon)(n, existing)
	})
	h.must(err)
}
