package tail

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

const (
	childDirVariable   = "TAIL_CHILD_DIR"
	childRoundVariable = "TAIL_CHILD_ROUND"
	leftFile           = "left" // beside the tail's directory: what left, a line each
)

// childOptions have a ring that nothing is overwritten in.
func childOptions(dir string) Options {
	ts := DefaultTriggers()
	for i := range ts.Triggers {
		ts.Triggers[i].Burst = 1e9
	}
	return Options{Dir: filepath.Join(dir, "tail"), RingBytes: 64 << 20, Logger: quiet(), Triggers: ts}
}

// childMain offers documents until it is killed, and prints the verdict on each once Offer has returned.
func childMain(dir string) int {
	round, err := strconv.Atoi(os.Getenv(childRoundVariable))
	left, lerr := os.OpenFile(filepath.Join(dir, leftFile), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	tl, terr := Open(childOptions(dir))
	if err != nil || lerr != nil || terr != nil {
		fmt.Fprintln(os.Stderr, err, lerr, terr)
		return 1
	}
	rnd := rand.New(rand.NewPCG(uint64(round), 5))
	leave := func(doc []byte, keep roentgen.Keep) {
		trace, number := numberOf(doc)
		fmt.Fprintf(left, "%d %d %s\n", number, trace, keep.Reason) // one write: it is there, or is not
	}
	for i := range 100_000 {
		number := round*100_000 + i
		trace := round*100_000 + max(0, i/3-rnd.IntN(40))
		how := []string{"", "error"}[weighted(rnd, 19, 1)]
		verdict := tl.Offer(segment(trace, how), document(trace, number), MarkUndecided, 0, leave)
		if _, err := fmt.Printf("%d %d %d %s\n", number, trace, verdict, how); err != nil {
			return 1
		}
	}
	return 2 // the parent kills first
}

// killed is what is known after some rounds.
type killed struct {
	held map[int]int  // documents by number that Offer had held: their traces
	kept map[int]bool // traces that Offer had kept
	left map[int]int  // documents: how often they left
}

func TestNothingThatWasOfferedIsLostToSIGKILL(t *testing.T) { killRounds(t, 6) }

func killRounds(t *testing.T, rounds int) {
	dir, k := t.TempDir(), killed{map[int]int{}, map[int]bool{}, map[int]int{}}
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		runAndKill(t, dir, round, 1+rnd.IntN(1500), &k)
		checkAfterKill(t, dir, &k, round+1)
	}
	t.Logf("%d documents were held in %d rounds", len(k.held), rounds)
}

func runAndKill(t *testing.T, dir string, round, n int, k *killed) {
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
	seen := k.read(t, out, n, func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("round %d: the child was not killed: %v", round, err)
	}
	if seen < n {
		t.Fatalf("round %d: %d verdicts, want at least %d", round, seen, n)
	}
}

// read takes the verdicts to the end, and calls kill after n of them.
func (k *killed) read(t *testing.T, out io.Reader, n int, kill func()) (seen int) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var number, trace, verdict int
		if _, err := fmt.Sscanf(lines.Text(), "%d %d %d", &number, &trace, &verdict); err != nil {
			t.Fatal(lines.Text(), err)
		}
		if Verdict(verdict) == Held {
			k.held[number] = trace
		} else {
			k.kept[trace] = true
		}
		if seen++; seen == n {
			kill()
		}
	}
	return seen
}

// checkAfterKill opens what the child left behind. Documents of kept traces must be outside; the others must wait.
func checkAfterKill(t *testing.T, dir string, k *killed, rounds int) {
	t.Helper()
	tl := mustOpen(t, childOptions(dir))
	defer tl.Close()
	k.readLeft(t, dir)
	waited := tl.Stats().Ring.Documents
	leave := func(doc []byte, _ roentgen.Keep) {
		trace, number := numberOf(doc)
		if string(doc) != string(document(trace, number)) {
			t.Errorf("document %d is not what was offered", number)
		}
		k.left[number]++
	}
	tl.Recover(leave)
	again := tl.Stats().Again
	checkKept(t, tl, k)
	for number, trace := range k.held {
		if k.kept[trace] && k.left[number] == 0 {
			t.Errorf("document %d of a kept trace is lost", number)
		}
	}
	for _, trace := range k.held { // the rest waits, and leaves when it is asked for
		tl.Notice(traceOf(trace), "error", leave)
	}
	k.checkTwice(t, again)
	s := tl.Stats()
	if s.Offered != s.Forwarded+s.Drained+s.Overwritten+s.Ring.Documents || s.Damaged != 0 {
		t.Errorf("the sums do not balance, %d waited: %+v", waited, s)
	}
	if s.Ring.Documents+s.Overwritten > int64(rounds) { // one of each round may have come without its verdict
		t.Errorf("%d documents wait of traces that nobody offered", s.Ring.Documents)
	}
	tl.Sent(len(tl.Unsent(1 << 20)))
	for trace := range k.kept {
		delete(k.kept, trace) // the next round knows nothing of their notices
	}
}

func checkKept(t *testing.T, tl *Tail, k *killed) {
	t.Helper()
	announced := map[roentgen.TraceID]bool{}
	for _, n := range tl.Unsent(1 << 20) {
		announced[n.Trace] = true
	}
	for trace := range k.kept {
		if v := tl.Offer(segment(trace, ""), document(trace, 1<<40+trace), MarkUndecided, 0, func([]byte, roentgen.Keep) {}); v != Forwarded {
			t.Errorf("trace %d was kept, and is not any more", trace)
		}
		if !announced[traceOf(trace)] {
			t.Errorf("trace %d was kept, and its notice is lost", trace)
		}
	}
}

// readLeft reads what the child let leave.
func (k *killed) readLeft(t *testing.T, dir string) {
	text, err := os.ReadFile(filepath.Join(dir, leftFile))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var number int
		if _, err := fmt.Sscanf(line, "%d", &number); err != nil {
			t.Fatal(line, err)
		}
		k.left[number]++
	}
	if err := os.Truncate(filepath.Join(dir, leftFile), 0); err != nil {
		t.Fatal(err)
	}
}

// checkTwice: every document that was held has left by now, and more than once only in Recover.
func (k *killed) checkTwice(t *testing.T, again int64) {
	t.Helper()
	twice := int64(0)
	for number := range k.held {
		switch n := k.left[number]; {
		case n == 0:
			t.Errorf("document %d was held, and is lost", number)
		case n == 2:
			twice++
		case n > 2:
			t.Errorf("document %d left %d times", number, n)
		}
	}
	if twice > again {
		t.Errorf("%d documents left twice, %d in Recover", twice, again)
	}
}

// copyTail is the state that a kill at this moment would leave: what is stored in mapped files is in the files.
func copyTail(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(filepath.Join(to, "tail"), os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "tail")
}

// A kill while a trace leaves: what had not left leaves after the restart, what had may leave again, and the sums
// balance.
func TestKillBetweenTwoDocumentsOfOneTrace(t *testing.T) {
	opt := Options{Dir: t.TempDir(), RingBytes: 1 << 20}
	tl := mustOpen(t, opt)
	defer tl.Close()
	for n := range 300 { // some frames, and some staged
		tl.Offer(segment(n%30, ""), document(n%30, n), MarkUndecided, 0, nil)
	}
	var states []string
	left := 0
	tl.Offer(segment(7, "error"), document(7, 300), MarkUndecided, 0, func([]byte, roentgen.Keep) {
		states = append(states, copyTail(t, opt.Dir))
		left++
	})
	if left != 11 {
		t.Fatalf("%d documents left, want 11", left)
	}
	for i, dir := range states {
		checkKilledAt(t, dir, i)
	}
}

// checkKilledAt: document number done was handed to Leave when the kill came, the others before it had left.
func checkKilledAt(t *testing.T, dir string, done int) {
	t.Helper()
	tl := mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
	defer tl.Close()
	var got []int
	tl.Recover(func(doc []byte, keep roentgen.Keep) {
		_, n := numberOf(doc)
		got = append(got, n)
		if keep != byTrigger {
			t.Errorf("kill at document %d: %d left as %+v", done, n, keep)
		}
	})
	for i := done; i < 10; i++ {
		if n := 7 + 30*i; len(got) < 10-i || got[len(got)-10+i] != n {
			t.Errorf("kill at document %d: %v left in Recover, %d is missing", done, got, n)
		}
	}
	if s := tl.Stats(); s.Offered != 300 || s.Drained != 10 || s.Ring.Documents != 290 || s.Again != int64(len(got)) || s.Damaged != 0 {
		t.Errorf("kill at document %d: %+v", done, s)
	}
	if v := tl.Offer(segment(7, ""), document(7, 301), MarkUndecided, 0, func([]byte, roentgen.Keep) {}); v != Forwarded {
		t.Errorf("kill at document %d: the trace is not kept any more", done)
	}
	if un := tl.Unsent(10); len(un) != 1 || un[0].Trace != traceOf(7) || un[0].Reason != "error" {
		t.Errorf("kill at document %d: notices %v", done, un)
	}
	got = nil
	tl.Recover(func(doc []byte, _ roentgen.Keep) { got = append(got, 0) })
	if len(got) > 0 {
		t.Errorf("kill at document %d: Recover let %d leave once more", done, len(got))
	}
}
