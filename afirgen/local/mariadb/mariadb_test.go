package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 60 * time.Second

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// up runs s until down is called, which returns what Run did.
func up(t *testing.T, s Server) (down func() error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, io.Discard) }()
	ready, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.AwaitReady(ready, time.After)
	if err != nil {
		stop()
		t.Fatal(err, <-done)
	}
	return func() error {
		stop()
		return <-done
	}
}

func do(t *testing.T, s Server, statement string) error {
	t.Helper()
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), statement)
	return err
}

// One server for all that can be asked of one: each start costs a second.
func TestADatabaseOfItsOwn(t *testing.T) {
	// A folder far longer than a socket's path may be.
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "mariadb")
	s := Server{Dir: dir, Addr: freeAddr(t), User: "afirgen", Password: `it's "a\b" पासवर्ड;--`, Database: "fir_db"}
	down := up(t, s)
	for _, statement := range []string{
		"CREATE TABLE t (x VARCHAR(20))", "INSERT INTO t VALUES ('हिन्दी 🚲')", "CREATE DATABASE fir_db_other", "DROP DATABASE fir_db_other",
	} {
		if err := do(t, s, statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, statement := range []string{"CREATE DATABASE other", "CREATE DATABASE firXdb", "SELECT * FROM mysql.global_priv"} {
		if err := do(t, s, statement); err == nil {
			t.Errorf("the user may %s", statement)
		}
	}
	for _, user := range []string{"root", ""} {
		other := s
		other.User, other.Password, other.Database = user, "", ""
		if err := do(t, other, "SELECT 1"); err == nil {
			t.Errorf("%q enters over the network", user)
		}
	}
	if err := down(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	s.Password = "another"
	down = up(t, s)
	if err := do(t, s, "INSERT INTO t SELECT * FROM t"); err != nil {
		t.Errorf("after a restart with another password: %v", err)
	}
	if err := down(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "init.sql"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the password: %v, %v", info, err)
	}
}

func TestAnInstallationThatBrokeOffIsDoneAgain(t *testing.T) {
	s := Server{Dir: t.TempDir(), Addr: "127.0.0.1:1", User: "u", Password: "p", Database: "d"}
	if err := os.MkdirAll(filepath.Join(s.Dir, "data.unfinished", "mysql"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.Dir, "data", "mysql", "global_priv.frm")); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Dir = t.TempDir()
	if err := s.Prepare(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.Dir, "data")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half an installation counts as a whole one: %v", err)
	}
}

func TestAPortThatIsTakenIsAnErrorAndNoWait(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s := Server{Dir: t.TempDir(), Addr: l.Addr().String(), User: "u", Password: "p", Database: "d"}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Run(ctx, io.Discard); err == nil || ctx.Err() != nil {
		t.Errorf("running on a taken port: %v, %v", err, ctx.Err())
	}
}

func TestSettingsThatWouldBreakInAreRefused(t *testing.T) {
	good := Server{Dir: t.TempDir(), Addr: "127.0.0.1:3307", User: "u", Password: "p", Database: "d"}
	cases := map[string]func(*Server){
		"not on loopback": func(s *Server) { s.Addr = "0.0.0.0:3307" },
		"the address":     func(s *Server) { s.Addr = "127.0.0.1" },
		"letters":         func(s *Server) { s.User = "u'@'%'; DROP" },
		"32 at most":      func(s *Server) { s.Database = "d`; DROP" },
		"line breaks":     func(s *Server) { s.Password = "p\nDROP USER root;" },
		"is empty":        func(s *Server) { s.Password = "" },
	}
	for says, spoil := range cases {
		s := good
		spoil(&s)
		if err := s.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want it to say %q", err, says)
		}
	}
}
