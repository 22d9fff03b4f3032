package spool

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

const (
	childDirVariable   = "SPOOL_CHILD_DIR"
	childRoundVariable = "SPOOL_CHILD_ROUND"
)

// killOptions make small files, so that kills also hit the making, the packing
// and the freeing of files.
func killOptions(dir string) Options { return Options{Dir: dir, FileBytes: smallFile, PackBytes: 1} }

// childMain appends, cuts and acknowledges until it is killed. It prints each
// document once Append has returned, each cut once Next has, and each Done
// before it is said: the order of lines tells what must have been before what.
func childMain(dir, round string) int {
	s, err := Open(killOptions(dir))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	seed, err := strconv.ParseUint(round, 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for range 2 {
		go childCutter(s, rand.New(rand.NewPCG(seed, rand.Uint64())))
	}
	for i := range 10_000_000 {
		name := fmt.Sprintf("%s/%d", round, i)
		for !s.Append(killDocument(name), roentgen.Keep{}) {
			time.Sleep(time.Millisecond)
		}
		say("a " + name)
	}
	return 2 // the parent kills first: a child that ends by itself has failed
}

// say writes a line at once, below what a pipe splits.
func say(line string) {
	if _, err := os.Stdout.WriteString(line + "\n"); err != nil {
		os.Exit(3)
	}
}

func childCutter(s *Spool, chance *rand.Rand) {
	var flight []*Cut
	for {
		cut, err := s.Next(context.Background(), Limit{Documents: 1 + chance.IntN(20), Age: time.Millisecond})
		if err != nil {
			return
		}
		say(cutLine("c", cut))
		if chance.IntN(4) == 0 {
			flight = append(flight, childSplit(s, cut)...)
			continue
		}
		if flight = append(flight, cut); len(flight) > 4 {
			i := chance.IntN(len(flight))
			say(fmt.Sprintf("d %d", flight[i].Seq))
			if err := s.Done(flight[i].Seq); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			flight = slices.Delete(flight, i, i+1)
		}
	}
}

// childSplit makes two of one, where there is room and enough in it.
func childSplit(s *Spool, cut *Cut) []*Cut {
	say(fmt.Sprintf("s %d", cut.Seq))
	first, second, err := s.Split(cut.Seq)
	if err != nil {
		if !errors.Is(err, ErrSplit) {
			fmt.Fprintln(os.Stderr, err)
		}
		return []*Cut{cut}
	}
	say(cutLine("c", first))
	say(cutLine("c", second))
	say(fmt.Sprintf("d %d", cut.Seq))
	if err := s.Done(cut.Seq); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return []*Cut{first, second}
}

func cutLine(kind string, cut *Cut) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d", kind, cut.Seq)
	for _, d := range cut.Documents {
		name, _, _ := strings.Cut(string(d.Document), "\n")
		if string(killDocument(name)) != string(d.Document) {
			name = "damaged:" + name
		}
		b.WriteString(" " + name)
	}
	return b.String()
}

// killDocument is the document of that name: its length follows from it.
func killDocument(name string) []byte {
	n := 0
	for _, c := range name {
		n = (n*31 + int(c)) % 1500
	}
	return []byte(name + "\n" + strings.Repeat("p", n))
}

func TestNothingAppendedIsLostToSIGKILLAndNoNumberNamesOthers(t *testing.T) { killRounds(t, 8) }

func killRounds(t *testing.T, rounds int) {
	v := &verifier{t: t, appended: map[string]bool{}, cuts: map[uint64]string{}, in: map[string]uint64{}, split: map[string]bool{}, done: map[uint64]bool{}}
	dir := t.TempDir()
	chance := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		v.runAndKill(dir, round, 1+chance.IntN(4000))
	}
	v.drain(dir)
	t.Logf("%d documents in %d cuts over %d kills", len(v.appended), len(v.cuts), rounds)
}

// verifier collects what the children said.
type verifier struct {
	t        *testing.T
	appended map[string]bool
	cuts     map[uint64]string // the line of each cut, without its kind
	in       map[string]uint64 // the cut of each document
	split    map[string]bool   // its cut may have been split, so that it is in one more
	done     map[uint64]bool   // Done may have been said
}

func (v *verifier) runAndKill(dir string, round, lines int) {
	v.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDirVariable+"="+dir, childRoundVariable+"="+strconv.Itoa(round))
	errs := new(lockedBuffer)
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	for n := 0; scan.Scan(); n++ {
		v.line(scan.Text())
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				v.t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || errs.String() != "" || cmd.ProcessState.ExitCode() != -1 {
		v.t.Fatalf("round %d: the child was not killed: %v: %s", round, err, errs)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (v *verifier) line(line string) {
	v.t.Helper()
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "a":
		v.appended[rest] = true
	case "d":
		seq, err := strconv.ParseUint(rest, 10, 64)
		if err != nil {
			v.t.Fatalf("line %q: %v", line, err)
		}
		v.done[seq] = true
	case "c":
		v.cutSaid(rest)
	case "s":
		seq, err := strconv.ParseUint(rest, 10, 64)
		if err != nil {
			v.t.Fatalf("line %q: %v", line, err)
		}
		for _, name := range strings.Fields(v.cuts[seq])[1:] {
			v.split[name] = true
		}
	default:
		v.t.Fatalf("the child said %q", line)
	}
}

// cutSaid holds a cut against what its number, and its documents, were before.
func (v *verifier) cutSaid(text string) {
	v.t.Helper()
	fields := strings.Fields(text)
	seq, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		v.t.Fatalf("cut %q: %v", text, err)
	}
	if before, known := v.cuts[seq]; known && before != text {
		v.t.Fatalf("cut %d was\n%s\nand is\n%s", seq, before, text)
	}
	v.cuts[seq] = text
	for _, name := range fields[1:] {
		if other, known := v.in[name]; known && other != seq && !v.split[name] || strings.HasPrefix(name, "damaged:") {
			v.t.Fatalf("document %s is in cut %d and in cut %d", name, other, seq)
		}
		v.in[name] = seq
	}
}

// drain takes what is left and finds every document in a cut.
func (v *verifier) drain(dir string) {
	v.t.Helper()
	s, err := Open(killOptions(dir))
	if err != nil {
		v.t.Fatal(err)
	}
	defer closeSpool(v.t, s)
	left := s.Stats()
	drained := int64(0)
	for s.Stats().Documents > 0 {
		cut := next(v.t, s, Limit{Age: time.Nanosecond})
		if v.done[cut.Seq] && !cut.Recovered {
			v.t.Errorf("cut %d was acknowledged, and is new again", cut.Seq)
		}
		_, text, _ := strings.Cut(cutLine("c", cut), " ")
		v.cutSaid(text)
		drained += int64(len(cut.Documents))
		done(v.t, s, cut.Seq)
	}
	if drained != left.Documents || left.Damaged != (Damage{}) {
		v.t.Errorf("%d documents were drained of %+v", drained, left)
	}
	for name := range v.appended {
		if v.in[name] == 0 {
			v.t.Errorf("document %s was appended, and is in no cut", name)
		}
	}
	for seq := range uint64(len(v.cuts)) {
		if _, known := v.cuts[seq+1]; !known && len(v.in) > 0 {
			v.t.Logf("cut %d was made, and the child was killed before it said so", seq+1)
		}
	}
}
