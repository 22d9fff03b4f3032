package memory

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

const (
	childDir     = "MEMORY_CHILD_DIR"
	childRound   = "MEMORY_CHILD_ROUND"
	childWriters = 6
)

// killOptions make small files, so that kills also hit the making of files.
func killOptions() Options {
	return Options{MaxBytes: 1 << 30, MaxTraceBytes: -1, Now: storetest.Now}
}

// childMain appends from several goroutines until it is killed, and prints each
// document's name once it was acknowledged.
func childMain(dir string) int {
	s, _, err := Open(vfs.OS{}, dir, killOptions())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var round int
	if _, err := fmt.Sscan(os.Getenv(childRound), &round); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var work sync.WaitGroup
	for w := range childWriters {
		work.Go(func() { childWrite(s, round, w) })
	}
	work.Wait()
	return 2 // the parent kills first: a child that ends by itself has failed
}

func childWrite(s *Store, round, writer int) {
	for n := range 1_000_000 {
		names := []string{fmt.Sprintf("%d/%d/%d/a", round, writer, n), fmt.Sprintf("%d/%d/%d/b", round, writer, n)}
		outcomes, err := s.Append(context.Background(), []roentgen.Stored{killDoc(names[0]), killDoc(names[1])})
		if err != nil || outcomes[0] != roentgen.StoredNew || outcomes[1] != roentgen.StoredNew {
			fmt.Fprintln(os.Stderr, outcomes, err)
			return
		}
		// One write, below what a pipe splits: both lines are printed or none.
		if _, err := os.Stdout.WriteString(names[0] + "\n" + names[1] + "\n"); err != nil {
			return
		}
	}
}

// killDoc is the document of that name: all of it follows from the name.
func killDoc(name string) roentgen.Stored {
	var round, writer, n int
	var half string
	if _, err := fmt.Sscanf(name, "%d/%d/%d/%s", &round, &writer, &n, &half); err != nil {
		panic(fmt.Sprintf("a name of this test: %q: %v", name, err))
	}
	d := storetest.Document{Trace: 100*round + writer, ID: 2 * n, Parent: -1, Start: roentgen.At(storetest.Now()), Received: roentgen.Time(n), More: fmt.Sprintf(`,"user":%q%s`, name, padding(n%700))}
	if half == "b" {
		d.ID++
	}
	return d.Stored(panicking{})
}

// panicking stands in for a test in the child, which has none.
type panicking struct{ testing.TB }

func (panicking) Helper() {}
func (panicking) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

func TestNothingAcknowledgedIsLostToSIGKILL(t *testing.T) { killRounds(t, 5) }

func killRounds(t *testing.T, rounds int) {
	dir, acked := filepath.Join(t.TempDir(), "data"), map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		runAndKill(t, dir, round, 1+random.IntN(400), acked)
		checkAfterKill(t, dir, round, acked)
	}
	t.Logf("%d documents were acknowledged in %d rounds", len(acked), rounds)
}

// runAndKill starts a child, kills it after n lines, and adds to acked all that
// it had printed.
func runAndKill(t *testing.T, dir string, round, n int, acked map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("%s=%d", childRound, round))
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

// readAcks reads to the end of what the child printed, and calls kill after n
// lines.
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
	s, _, err := Open(vfs.OS{}, dir, killOptions())
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || locked.PID != pid {
		t.Errorf("opened while pid %d runs: %v", pid, err)
	}
	if err == nil {
		s.Close()
	}
}

// checkAfterKill wants every document that was acknowledged, and of the others
// only such as the children may have sent.
func checkAfterKill(t *testing.T, dir string, round int, acked map[string]bool) {
	t.Helper()
	s, found, err := Open(vfs.OS{}, dir, killOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	if found.Damage != nil || found.Unreadable > 0 {
		t.Errorf("damage %v, %d unreadable", found.Damage, found.Unreadable)
	}
	there := documentsByName(t, s)
	for name := range acked {
		if !there[name] {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
	if extra := len(there) - len(acked); extra < 0 || extra > 2*childWriters*(round+1) { // the calls under way
		t.Errorf("%d documents are there, %d were acknowledged", len(there), len(acked))
	}
}

// documentsByName checks that each document is what its name says.
func documentsByName(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for p, err := range s.Partials(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}) {
		if err != nil {
			t.Fatal(err)
		}
		for trace, err := range s.Traces(context.Background(), []roentgen.TraceID{p.Trace}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range trace.Documents {
				name := strings.Clone(d.Segment.User)
				if want := killDoc(name); string(want.Segment.Document) != string(d.Segment.Document) || want.Received != d.Received {
					t.Errorf("a document that nobody sent: %.200s", d.Segment.Document)
				}
				there[name] = true
			}
		}
	}
	return there
}
