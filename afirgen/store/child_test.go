package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/afirgen/fir"
)

const childRole, childDSN = "AFIRGEN_STORE_TEST_ROLE", "AFIRGEN_STORE_TEST_DSN"

// childProcess is this test binary in another role.
func childProcess(t *testing.T, role, dsn string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childDSN+"="+dsn)
	cmd.Stderr = os.Stderr
	return cmd
}

// child does one of: start, which only opens the store; write, which drafts and completes reports and says so, until it is
// killed; full, the same with files that may not grow above half a megabyte, until the store says that it is unavailable.
func child(role, dsn string) int {
	if err := act(role, dsn, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		return 1
	}
	return 0
}

func act(role, dsn string, out io.Writer) (err error) {
	if role == "full" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 512 << 10, Max: 512 << 10}); err != nil {
			return err
		}
	}
	s, err := Open(context.Background(), dsn, sql.Open)
	if err != nil {
		return err
	}
	defer func() {
		if closed := s.Close(); role != "full" {
			err = errors.Join(err, closed)
		}
	}()
	if role == "start" {
		return nil
	}
	n, err := s.Count(context.Background(), "", "")
	for i := n; err == nil && i < n+10_000; i++ {
		if err = complete(s, fmt.Sprintf("session-%d-%d", os.Getpid(), i)); err == nil {
			_, err = fmt.Fprintln(out, "done", i)
		}
	}
	if role == "full" && errors.Is(err, ErrUnavailable) {
		return nil
	}
	return err
}

// complete brings one session through the store.
func complete(s *Store, id string) error {
	ctx, t := context.Background(), loud{}
	first := opened(t, id)
	if err := s.CreateSession(ctx, first); err != nil {
		return err
	}
	last := toDraft(t, first, stolen())
	if _, err := s.db.ExecContext(ctx, "UPDATE sessions SET version = ? WHERE id = ?", last.Version-1, id); err != nil {
		return fail(ctx, "skipping versions", err)
	}
	if err := s.UpdateSession(ctx, last); err != nil {
		return err
	}
	next, report, err := s.Draft(ctx, "HZG", fir.SeriesFIR, noon, true, drafted(last, noon))
	if err != nil {
		return err
	}
	done := apply(t, next, fir.Approve{})
	return s.Save(ctx, done, advance(t, report, noon, fir.Reviewed{Session: done}))
}

// loud is for the helpers of tests where there is no test to fail.
type loud struct{ testing.TB }

func (loud) Helper()                        {}
func (loud) Fatal(args ...any)              { panic(fmt.Sprint(args...)) }
func (loud) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
