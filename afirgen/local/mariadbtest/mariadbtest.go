// Package mariadbtest gives tests a real MariaDB: a database of its own for each that asks, and a server that can be
// killed and started again. Nothing of it outlives the test, or the test binary where Main holds one server for all.
package mariadbtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/roentgen/roentgen/afirgen/local/mariadb"
)

// patience is how long MariaDB may take on a machine that is busy with other tests.
const patience = 60 * time.Second

// shared is the one server of a test binary that calls Main: testing hands nothing from TestMain to the tests. It is
// set before the first test and cleared after the last.
var shared *holder

// holder starts its server when the first test asks.
type holder struct {
	once   sync.Once
	server *Server
	err    error
}

// Main wraps TestMain's m, so that all calls of Start share one server: goleak.VerifyTestMain(mariadbtest.Main(m)).
// Without it each call of Start has a server of its own, which takes a second.
func Main(m interface{ Run() int }) interface{ Run() int } { return runner{m} }

type runner struct{ tests interface{ Run() int } }

func (r runner) Run() (code int) {
	h := &holder{}
	shared = h
	defer func() {
		shared = nil
		if h.server == nil {
			return
		}
		if err := h.server.close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}()
	return r.tests.Run()
}

// Start returns the DSN (user:pass@tcp(127.0.0.1:PORT)/db) of an empty database, which goes when the test ends.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	h := shared
	if h == nil {
		return New(t).Database(t)
	}
	h.once.Do(func() { h.server, h.err = launch() })
	if h.err != nil {
		t.Fatal(h.err)
	}
	return h.server.Database(t)
}

// Server is one MariaDB. Stop, Kill and Start are for one goroutine at a time.
type Server struct {
	config    mariadb.Server
	dir       string
	databases atomic.Int64 // made so far, for their names

	stop context.CancelFunc // nil while it is down
	done chan error         // what the run that stop ends came to; one value
	log  bytes.Buffer       // of all runs; read only while it is down
}

// New starts a server for this test alone, and stops it at the end.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := launch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func launch() (*Server, error) {
	dir, err := os.MkdirTemp("", "mariadbtest-")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{dir: dir, config: mariadb.Server{Dir: dir, Addr: addr, User: "tester", Password: "of-this-run-only", Database: "test"}}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// freeAddr is free now. Another program can take it before MariaDB does, which then says so in its log.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// DSN is of the database that all of this server's tests share.
func (s *Server) DSN() string { return s.config.DSN() }

// Addr is 127.0.0.1:port, the same after a restart.
func (s *Server) Addr() string { return s.config.Addr }

// Database makes an empty database and returns its DSN. It goes when the test ends, if the server is up then.
func (s *Server) Database(t testing.TB) (dsn string) {
	t.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.stop == nil {
			return
		}
		if err := s.exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Error(err)
		}
	})
	cfg, err := mysql.ParseDSN(s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName = name
	return cfg.FormatDSN()
}

func (s *Server) exec(statement string) error {
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// Start starts the server again after Stop or Kill, at the same address with what it had kept, and waits until it is
// ready.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) start() error {
	if s.stop != nil {
		return errors.New("starting MariaDB: it is up")
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.config.Run(ctx, &s.log) }()
	ready, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it was not ready after %s", patience))
	defer cancel()
	asked := make(chan error, 1)
	go func() { asked <- s.config.AwaitReady(ready, time.After) }()
	select {
	case err := <-asked:
		if err == nil {
			s.stop, s.done = stop, done
			return nil
		}
		stop()
		return fmt.Errorf("starting MariaDB: %w", errors.Join(err, <-done, s.said()))
	case err := <-done:
		cancel()
		stop()
		<-asked
		return fmt.Errorf("starting MariaDB: %w", errors.Join(err, s.said()))
	}
}

// said is the end of its log. It may be asked only while the server is down.
func (s *Server) said() error {
	const most = 2 << 10
	log := s.log.Bytes()
	return fmt.Errorf("its log ends: %s", log[max(0, len(log)-most):])
}

// Stop ends the server as an operator would, with all data written.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.halt(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) halt() error {
	if s.stop == nil {
		return errors.New("stopping MariaDB: it is down")
	}
	s.stop()
	err := <-s.done
	s.stop = nil
	return err
}

// Kill ends the server as a power cut would, and returns when its process is gone.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.stop == nil {
		t.Fatal("killing MariaDB: it is down")
	}
	if err := s.signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.done // says that it was killed
	s.stop()
	s.stop = nil
}

// Freeze stops the server's process without ending it: connections stay open and nothing answers, as a hung disk
// does. Thaw lets it go on; a frozen server has to be thawed before it can be stopped.
func (s *Server) Freeze(t testing.TB) {
	t.Helper()
	if err := s.signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	pid, err := s.pid()
	if err != nil {
		t.Fatal(err)
	}
	// A thread that runs at this moment still ends what it does, which may be a statement.
	for tries := 0; !frozen(pid); tries++ {
		if tries == 5000 {
			t.Fatal("MariaDB was told to stop and runs on")
		}
		time.Sleep(time.Millisecond)
	}
}

// frozen reports whether every thread of a process has stopped (proc(5), stat: state T).
func frozen(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		return false
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has ended
		}
		if _, after, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " "); !strings.HasPrefix(after, "T") {
			return false
		}
	}
	return true
}

// Thaw undoes Freeze.
func (s *Server) Thaw(t testing.TB) {
	t.Helper()
	if err := s.signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) signal(sig syscall.Signal) error {
	pid, err := s.pid()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, sig)
}

func (s *Server) pid() (pid int, err error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "mariadb.pid"))
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscan(string(text), &pid); err != nil || pid <= 1 {
		return 0, fmt.Errorf("reading MariaDB's process number: %q: %w", text, err)
	}
	return pid, nil
}

func (s *Server) close() error {
	var err error
	if s.stop != nil {
		err = s.halt()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
