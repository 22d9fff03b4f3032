package agent

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/tail"
)

// still is an agent that is not run: the test is at its desk.
func still(t testing.TB, dir string) *Agent {
	t.Helper()
	state, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Config{
		State: state, Sender: swallow{}, Triggers: tail.DefaultTriggers(), RingBytes: 8 << 20, SpoolBytes: 32 << 20, QueueBytes: 1 << 20,
		Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// copyState copies what a process that is killed now leaves behind.
func copyState(t *testing.T, from string) (to string) {
	t.Helper()
	to = t.TempDir()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o750)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), b, 0o640)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// TestAKillInTheMidstOfDraining kills the agent when some of a trace has left
// the ring: what had left is there twice, the rest once, and nothing is lost.
func TestAKillInTheMidstOfDraining(t *testing.T) {
	const held = 5
	for left := range held + 1 {
		t.Run(fmt.Sprintf("%d left", left), func(t *testing.T) {
			dir, trace := t.TempDir(), newTrace()
			a := still(t, dir)
			for range held {
				a.desk.datagram([]byte(undecided+"\n"+document(trace, "")), 0)
			}
			a.desk.datagram([]byte(undecided+"\n"+document(newTrace(), "")), 0)
			put(t, a.queue, even(undecided+"\n"+document(trace, `"fault":true`)))

			b := still(t, killedAfter(t, a, dir, left))
			s, again := b.Statement(), left%held // when all had left, the ring knew it
			if s.Difference != 0 || s.Received["again"] != int64(again) || len(nonZero(s.Lost)) > 0 {
				t.Errorf("difference %d, %d again, lost %v", s.Difference, s.Received["again"], s.Lost)
			}
			if s.Waiting.Ring != 1 || s.Waiting.Spool != int64(held+again) || s.Waiting.Queue != 1 {
				t.Errorf("%+v", s.Waiting)
			}
			b.decideAll() // the failing document is in the queue still
			if s := b.Statement(); s.Difference != 0 || s.Waiting.Spool != int64(held+again+1) || s.Received["udp"] != held+2 {
				t.Errorf("then difference %d, %+v, %v", s.Difference, s.Waiting, s.Received)
			}
		})
	}
}

// even makes the length of a datagram one that put does not mark as foreign.
func even(s string) string { return s + strings.Repeat(" ", len(s)%2) }

// killedAfter lets n documents leave, stops in the midst of the next step, and
// returns what is on the disk then.
func killedAfter(t *testing.T, a *Agent, dir string, n int) (killed string) {
	t.Helper()
	depart := a.desk.leave
	a.desk.leave = func(doc []byte, keep roentgen.Keep) {
		if n == 0 {
			killed = copyState(t, dir)
		}
		n--
		depart(doc, keep)
	}
	a.decideAll()
	return killed
}
