package applog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

const (
	childDirVariable   = "APPLOG_CHILD_DIR"
	childRoundVariable = "APPLOG_CHILD_ROUND"
	childWorkers       = 8
)

// killOptions rotate often, so that kills also hit the making of files.
func killOptions() Options { return Options{SegmentBytes: 64 << 10} }

// childMain appends from several goroutines until it is killed, and prints each
// record's name once it was acknowledged.
func childMain(dir string) int {
	l, err := Open(vfs.OS{}, dir, killOptions())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for w := range childWorkers {
		wg.Go(func() { childWork(l, os.Getenv(childRoundVariable), w) })
	}
	wg.Wait()
	return 2 // the parent kills first: a child that ends by itself has failed
}

func childWork(l *Log, round string, worker int) {
	for seq := range 1_000_000 {
		name := fmt.Sprintf("%s/%d/%d", round, worker, seq)
		if _, err := l.Append(context.Background(), killRecord(name)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		// One write, below what a pipe splits: a line is printed or is not.
		if _, err := os.Stdout.WriteString(name + "\n"); err != nil {
			return
		}
	}
}

// killRecord is the record of that name: its length and content follow from it.
func killRecord(name string) Record {
	n := 0
	for _, c := range name {
		n = (n*31 + int(c)) % 1500
	}
	return Record{Kind: 1, Payload: []byte(name + "\n" + strings.Repeat("p", n))}
}

func TestNothingAcknowledgedIsLostToSIGKILL(t *testing.T) { killRounds(t, 5) }

func killRounds(t *testing.T, rounds int) {
	dir := filepath.Join(t.TempDir(), "log")
	acked := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		runAndKill(t, dir, round, 1+random.IntN(300), acked)
		checkAfterKill(t, dir, acked)
	}
	t.Logf("%d records were acknowledged in %d rounds", len(acked), rounds)
}

// runAndKill starts a child, kills it after it has acknowledged n records, and
// adds to acked all that it had.
func runAndKill(t *testing.T, dir string, round, n int, acked map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDirVariable+"="+dir, childRoundVariable+"="+strconv.Itoa(round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := readAcks(out, n, func() {
		wantInUse(t, dir, cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
	}, acked)
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("round %d: the child was not killed: %v", round, err)
	}
	if seen < n {
		t.Fatalf("round %d: %d acknowledgements, want at least %d", round, seen, n)
	}
}

// readAcks reads to the end of what the child printed, and calls kill after n lines.
func readAcks(out io.Reader, n int, kill func(), acked map[string]bool) (seen int) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acked[lines.Text()] = true
		if seen++; seen == n {
			kill()
		}
	}
	return seen
}

func wantInUse(t *testing.T, dir string, pid int) {
	t.Helper()
	l, err := Open(vfs.OS{}, dir, killOptions())
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || locked.PID != pid {
		t.Errorf("opened while pid %d runs: %v", pid, err)
	}
	if err == nil {
		l.Close()
	}
}

func checkAfterKill(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	l, err := Open(vfs.OS{}, dir, killOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, l)
	if r := l.Recovery(); len(r.Damage) > 0 {
		t.Errorf("damage: %v", r.Damage)
	}
	found, last := map[string]bool{}, map[string]int{}
	damage, err := l.Replay(Position{}, func(pos Position, kind byte, payload []byte) error {
		name, _, _ := strings.Cut(string(payload), "\n")
		if want := killRecord(name); kind != want.Kind || string(payload) != string(want.Payload) {
			return fmt.Errorf("at %s stands a record that nobody wrote: %.40q", pos, payload)
		}
		if found[name] {
			return fmt.Errorf("at %s stands %s again", pos, name)
		}
		found[name] = true
		i := strings.LastIndexByte(name, '/')
		seq, err := strconv.Atoi(name[i+1:])
		if before, ok := last[name[:i]]; err != nil || ok && seq != before+1 || !ok && seq != 0 {
			return fmt.Errorf("at %s stands %s after number %d", pos, name, before)
		}
		last[name[:i]] = seq
		return nil
	})
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	for name := range acked {
		if !found[name] {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
}
