package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
)

func TestSeveralProcessesStartAtOnce(t *testing.T) {
	for kind, dsn := range map[string]string{SQLite: "sqlite:" + filepath.Join(t.TempDir(), "fir.db"), MySQL: mariadbtest.Start(t),
		"of the first program": firstProgram(t)} {
		t.Run(kind, func(t *testing.T) {
			atOnce(6, func(int) {
				if err := childProcess(t, "start", dsn).Run(); err != nil {
					t.Error(err)
				}
			})
			var versions, different int
			s := open(t, dsn)
			if err := s.db.QueryRow("SELECT COUNT(*), COUNT(DISTINCT version_id) FROM "+historyTable).Scan(&versions, &different); err != nil ||
				versions != 5 || different != 5 {
				t.Errorf("the history has %d lines of %d versions, %v, want 5 of 5", versions, different, err)
			}
		})
	}
}

func TestAKilledWriterLeavesNothingHalfWritten(t *testing.T) {
	const rounds = 20
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "fir.db")
	acknowledged := 0
	for round := range rounds {
		cmd := childProcess(t, "write", dsn)
		acknowledged += killAfter(t, cmd, 1+round%5)
		h := house{t, open(t, dsn), dsn}
		if n := h.sound(); n < acknowledged {
			t.Fatalf("round %d: %d reports were acknowledged and %d are there", round, acknowledged, n)
		} else {
			acknowledged = n
		}
		h.whole()
	}
	if acknowledged < rounds {
		t.Errorf("only %d reports were written: the test looks at nothing", acknowledged)
	}
}

// killAfter kills a process once it has said so many lines, and returns how many whole lines it has said in the end.
func killAfter(t *testing.T, cmd *exec.Cmd, lines int) (said int) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if said++; said == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || said < lines {
		t.Fatalf("it has ended by itself after %d lines: %v", said, err)
	}
	return said
}

// whole asks SQLite to read its file through.
func (h house) whole() {
	h.Helper()
	var verdict string
	h.must(h.db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		h.Errorf("SQLite finds: %s", verdict)
	}
}

func TestAFullDiskIsUnavailableAndLeavesNothingHalfWritten(t *testing.T) {
	t.Run("a file that may not grow", func(t *testing.T) {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "fir.db")
		if err := childProcess(t, "full", dsn).Run(); err != nil {
			t.Fatal(err)
		}
		h := house{t, open(t, dsn), dsn}
		n := h.sound()
		h.whole()
		h.must(complete(h.Store, "after")) // there is room again
		if m := h.sound(); n == 0 || m != n+1 {
			t.Errorf("%d reports, then %d", n, m)
		}
	})
	t.Run("a database that may not grow", func(t *testing.T) {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "fir.db")
		s, err := Open(t.Context(), dsn, func(driver, dsn string) (*sql.DB, error) {
			return sql.Open(driver, dsn+"&_pragma=max_page_count(100)")
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		h, err := house{t, s, dsn}, error(nil)
		for i := 0; err == nil && i < 1000; i++ {
			err = complete(s, fmt.Sprint("session-", i))
		}
		h.want(err, ErrUnavailable)
		if h.sound() == 0 {
			t.Error("no report was stored before")
		}
		h.whole()
	})
}

func TestAServerKilledInATransactionHasStoredNothing(t *testing.T) {
	server := mariadbtest.New(t)
	quiet(t)
	h := house{t, open(t, server.Database(t)), ""}
	s := h.ready("a")
	_, _, err := h.Draft(t.Context(), "HZG", fir.SeriesFIR, noon, true, func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
		server.Kill(t) // the counter is locked and counted up by now
		return drafted(s, noon)(n, existing)
	})
	h.want(err, ErrUnavailable)
	h.want(h.Ping(t.Context()), ErrUnavailable)
	_, err = h.Session(t.Context(), "a")
	h.want(err, ErrUnavailable)
	h.want(h.CreateSession(t.Context(), opened(t, "b")), ErrUnavailable)
	server.Start(t)
	got, err := h.Session(t.Context(), "a")
	h.must(err)
	h.same("the session", got, s)
	if _, report := h.draft(s, noon); report.Number().Seq != 1 {
		t.Errorf("the first number is %s", report.Number())
	}
	h.sound()
}

func TestAServerKilledUnderLoadLosesNothingAcknowledged(t *testing.T) {
	server := mariadbtest.New(t)
	quiet(t)
	h := house{t, open(t, server.Database(t)), ""}
	stored := 0
	for round := range 3 {
		var mu sync.Mutex
		enough := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for i := range 10_000 {
					err := complete(h.Store, fmt.Sprintf("session-%d-%d-%d", round, w, i))
					if err != nil {
						h.want(err, ErrUnavailable)
						return
					}
					mu.Lock()
					if stored++; stored == 20*(round+1) {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		server.Kill(t)
		writers.Wait()
		server.Start(t)
		n := h.sound()
		if n < stored {
			t.Fatalf("round %d: %d reports were acknowledged and %d are there", round, stored, n)
		}
		stored = 20 * (round + 1)
	}
}

// quiet keeps the driver from complaining on standard error about connections that the test has cut.
func quiet(t *testing.T) {
	t.Helper()
	if err := mysql.SetLogger(&mysql.NopLogger{}); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatDoesNotAnswerHoldsNobodyForLong(t *testing.T) {
	server := mariadbtest.New(t)
	quiet(t)
	dsn := server.Database(t)
	h, hasty := house{t, open(t, dsn), dsn}, open(t, dsn+"?readTimeout=2s")
	s := h.ready("a")
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := hasty.Draft(ctx, "HZG", fir.SeriesFIR, noon, true, func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error) {
		server.Freeze(t)
		cancel() // between two statements: the transaction's end is what does not come back
		return drafted(s, noon)(n, existing)
	})
	h.want(err, context.Canceled)
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond) // while a statement is under way
	defer cancel()
	h.want(hasty.CreateSession(ctx, opened(t, "b")), context.DeadlineExceeded)
	h.want(hasty.CreateSession(t.Context(), opened(t, "c")), ErrUnavailable) // with a caller of endless patience
	server.Thaw(t)
	if _, report := h.draft(s, noon); report.Number().Seq != 1 {
		t.Errorf("the first number is %s", report.Number())
	}
}

func TestADeadlockIsTriedAgain(t *testing.T) {
	h := onMySQL(t)
	s, report := h.draft(h.ready("a"), noon)
	done := apply(t, s, fir.Approve{})
	reviewed := advance(t, report, noon, fir.Reviewed{Session: done})
	for i := range 50 {
		h.must(h.CreateSession(t.Context(), opened(t, fmt.Sprint("other-", i))))
	}
	// The other one has the report and much besides, so that the server breaks ours off.
	other, err := h.db.BeginTx(t.Context(), nil)
	h.must(err)
	for _, statement := range []string{"UPDATE sessions SET trace_id = 'x' WHERE id LIKE 'other-%'", "UPDATE reports SET trace_id = 'x'"} {
		_, err := other.ExecContext(t.Context(), statement)
		h.must(err)
	}
	saved := make(chan error)
	go func() { saved <- h.Save(t.Context(), done, reviewed) }()
	for tries := 0; ; tries++ { // until ours has the session
		var id string
		err := h.db.QueryRowContext(t.Context(), "SELECT id FROM sessions WHERE id = 'a' FOR UPDATE NOWAIT").Scan(&id)
		var my *mysql.MySQLError
		if errors.As(err, &my) && my.Number == 1205 {
			break
		}
		if err != nil || tries > 100_000 {
			t.Fatalf("waiting for the lock: %v", err)
		}
	}
	_, err = other.ExecContext(t.Context(), "UPDATE sessions SET trace_id = 'x' WHERE id = 'a'")
	h.must(err) // so it was ours that was broken off
	h.must(other.Commit())
	h.must(<-saved)
	got, err := h.ReportOf(t.Context(), "a")
	h.must(err)
	h.same("the report", got, reviewed)
}

func TestADatabaseThatIsLockedTooLongIsUnavailable(t *testing.T) {
	h := onSQLite(t)
	path := strings.TrimPrefix(h.dsn, "sqlite:")
	h.db.SetMaxOpenConns(1)
	_, err := h.db.Exec("PRAGMA busy_timeout = 1")
	h.must(err)
	other, err := sql.Open("sqlite", sqliteDSN(path))
	h.must(err)
	defer func() { _ = other.Close() }()
	tx, err := other.BeginTx(t.Context(), nil)
	h.must(err)
	h.want(h.CreateSession(t.Context(), opened(t, "a")), ErrUnavailable)
	h.must(tx.Rollback())
	h.must(h.CreateSession(t.Context(), opened(t, "a")))
}

func TestTheServersErrorsAreUnderstood(t *testing.T) {
	for number, want := range map[uint16]error{
		1062: ErrConflict, 1205: ErrUnavailable, 1213: ErrUnavailable, 1020: ErrUnavailable, 1021: ErrUnavailable, 1114: ErrUnavailable,
		1040: ErrUnavailable, 1053: ErrUnavailable, 1290: ErrUnavailable, 1045: ErrUnavailable, 1064: nil, 1146: nil, 1406: nil,
	} {
		err := fail(t.Context(), "trying", fmt.Errorf("x: %w", &mysql.MySQLError{Number: number, Message: "near 'रमेश'"}))
		for _, is := range []error{ErrConflict, ErrUnavailable, ErrNotFound} {
			if errors.Is(err, is) != (is == want) {
				t.Errorf("%d becomes %v, want %v", number, err, want)
			}
		}
		if strings.Contains(err.Error(), "रमेश") || !strings.Contains(err.Error(), fmt.Sprint(number)) {
			t.Errorf("%d becomes %q", number, err)
		}
	}
}
