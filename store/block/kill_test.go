package block

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
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

const (
	childDir     = "BLOCK_CHILD_DIR"
	childRound   = "BLOCK_CHILD_ROUND"
	childWriters = 5
	killTraces   = 24 // of each writer
	// roundTime passes between two children, and is a part of the retention: what
	// was not touched in two rounds may go in the third.
	roundTime   = 3 * 24 * time.Hour
	roundsStand = 2
)

// killOptions make small blocks, so that kills hit the making, merging and
// removing of many.
func killOptions(round int) Options {
	return Options{
		HeadBytes: 12_000, MaxTraceBytes: -1, Shards: 2, CacheBytes: 1 << 20, FlushAge: time.Millisecond,
		Retention: 7 * 24 * time.Hour, Now: func() time.Time { return roundStart(round) },
	}
}

func roundStart(round int) time.Time {
	return storetest.Now().Add(time.Duration(round) * roundTime)
}

// childMain writes, deletes and keeps house from several goroutines until it is
// killed. It prints what it was told: "+name" for a document that was
// acknowledged, "?trace" before a deletion and "-trace" once that was.
func childMain(dir string) int {
	var round int
	if _, err := fmt.Sscan(os.Getenv(childRound), &round); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, _, err := Open(vfs.OS{}, dir, killOptions(round))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var work sync.WaitGroup
	for w := range childWriters {
		work.Go(func() { childWrite(s, round, w) })
	}
	go childKeep(s, round)
	work.Wait()
	return 2 // the parent kills first: a child that ends by itself has failed
}

func childWrite(s *Store, round, writer int) {
	r := rand.New(rand.NewPCG(uint64(round), uint64(writer)))
	for n := range 1_000_000 {
		var err error
		if trace := writer*killTraces + r.IntN(killTraces); r.IntN(12) == 0 {
			err = childDelete(s, trace)
		} else {
			err = childAppend(s, fmt.Sprintf("%d/%d/%d/%d", round, writer, n, trace))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}
}

// childAppend appends two documents of one name. One write, below what a pipe
// splits, tells of both.
func childAppend(s *Store, name string) error {
	outcomes, err := s.Append(context.Background(), []roentgen.Stored{killDoc(name + "/a"), killDoc(name + "/b")})
	if err == nil && (outcomes[0] != roentgen.StoredNew || outcomes[1] != roentgen.StoredNew) {
		err = fmt.Errorf("%s: outcomes %v", name, outcomes)
	}
	if err == nil {
		_, err = os.Stdout.WriteString("+" + name + "/a\n+" + name + "/b\n")
	}
	return err
}

func childDelete(s *Store, trace int) error {
	if _, err := fmt.Printf("?%d\n", trace); err != nil {
		return err
	}
	if err := s.Delete(context.Background(), storetest.TraceID(trace)); err != nil && roentgen.KindOf(err) != roentgen.NotFound {
		return err
	}
	_, err := fmt.Printf("-%d\n", trace)
	return err
}

// childKeep has more done than the keeper would do in so short a life.
func childKeep(s *Store, round int) {
	r := rand.New(rand.NewPCG(uint64(round), 99))
	for {
		var err error
		switch r.IntN(4) {
		case 0:
			err = s.Compact(context.Background())
		case 1:
			err = s.Maintain(context.Background())
		case 2:
			err = s.compactOne(context.Background(), true)
		default:
			_, err = s.Stats(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}
}

// killDoc is the document of that name: all of it follows from the name.
func killDoc(name string) roentgen.Stored {
	n := parseName(name)
	at := roentgen.At(roundStart(n.round)) - 3600e9 + roentgen.Time(n.number)
	d := storetest.Document{
		Trace: n.trace, ID: 2 * (1000*n.round + n.number), Parent: -1, Start: at, End: at + 1e6, Received: at,
		More: fmt.Sprintf(`,"user":%q,"metadata":{"p":%q}`, name, strings.Repeat("p", n.number%500)),
	}
	if n.half == "b" {
		d.ID++
	}
	return d.Stored(panicking{})
}

// killName is what the name of a document says.
type killName struct {
	round, writer, number, trace int
	half                         string
}

func parseName(name string) (n killName) {
	if _, err := fmt.Sscanf(name, "%d/%d/%d/%d/%s", &n.round, &n.writer, &n.number, &n.trace, &n.half); err != nil {
		panic(fmt.Sprintf("a name of this test: %q: %v", name, err))
	}
	return n
}

// panicking stands in for a test in the child, which has none.
type panicking struct{ testing.TB }

func (panicking) Helper() {}
func (panicking) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

func TestNothingAcknowledgedIsLostToSIGKILL(t *testing.T) { killRounds(t, 8) }

func killRounds(t *testing.T, rounds int) {
	l := &killLedger{T: t, dir: filepath.Join(t.TempDir(), "data"), names: map[int]map[string]standing{}}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		l.round = round
		l.runAndKill(20 + random.IntN(700))
		l.check()
		if t.Failed() {
			return
		}
	}
	t.Logf("%d documents were acknowledged in %d rounds, %d traces deleted; blocks at the end: %d", l.acked, rounds, l.deleted, l.blocks)
	if l.blocks == 0 || l.deleted == 0 {
		t.Error("no blocks, or no deletions: the load was too light to prove anything")
	}
}

// standing is what is known of a document.
type standing int

const (
	mayStand  standing = iota // its trace was being deleted
	mustStand                 // it was acknowledged, or is there after a kill
	mustBeGone
)

// killLedger is what the parent knows.
type killLedger struct {
	*testing.T
	dir                    string
	round                  int
	names                  map[int]map[string]standing // by trace; those that are gone are forgotten
	next                   [childWriters]int           // number of the first call that was not acknowledged
	acked, deleted, blocks int
}

// runAndKill starts a child, kills it after n lines, and notes all that it had
// printed.
func (l *killLedger) runAndKill(n int) {
	l.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+l.dir, fmt.Sprintf("%s=%d", childRound, l.round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		l.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.Fatal(err)
	}
	seen := l.readLines(out, n, func() {
		l.wantInUse(cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			l.Error(err)
		}
	})
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		l.Fatalf("round %d: the child was not killed: %v", l.round, err)
	}
	if seen < n {
		l.Fatalf("round %d: %d lines, want at least %d", l.round, seen, n)
	}
}

func (l *killLedger) readLines(out io.Reader, n int, kill func()) (seen int) {
	l.next = [childWriters]int{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		l.note(lines.Text())
		if seen++; seen == n {
			kill()
		}
	}
	return seen
}

// note takes one line of the child in. The lines of one writer, to whom a trace
// belongs, come in their order.
func (l *killLedger) note(line string) {
	what := line[1:]
	if line[0] == '+' {
		n := parseName(what)
		l.set(n.trace, what, mustStand)
		l.next[n.writer] = n.number + 1
		l.acked++
		return
	}
	var trace int
	if _, err := fmt.Sscan(what, &trace); err != nil {
		l.Fatalf("the child says %q", line)
	}
	for name, is := range l.names[trace] {
		switch {
		case line[0] == '-':
			l.names[trace][name] = mustBeGone
		case is == mustStand:
			l.names[trace][name] = mayStand
		}
	}
	if line[0] == '-' {
		l.deleted++
	}
}

func (l *killLedger) set(trace int, name string, is standing) {
	if l.names[trace] == nil {
		l.names[trace] = map[string]standing{}
	}
	l.names[trace][name] = is
}

func (l *killLedger) wantInUse(pid int) {
	l.Helper()
	s, _, err := Open(vfs.OS{}, l.dir, killOptions(l.round))
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || locked.PID != pid {
		l.Errorf("opened while pid %d runs: %v", pid, err)
	}
	if err == nil {
		s.Close()
	}
}

// check wants every document that was acknowledged and not deleted, and of the
// others only such as the children may have sent.
func (l *killLedger) check() {
	l.Helper()
	opt := killOptions(l.round)
	opt.Manual = true
	s, found, err := Open(vfs.OS{}, l.dir, opt)
	if err != nil {
		l.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			l.Error(err)
		}
	}()
	for _, log := range found.Logs {
		if len(log.Damage) > 0 {
			l.Errorf("damage %v", log.Damage)
		}
	}
	if found.Unreadable > 0 || len(found.Spoilt)+len(found.Foreign) > 0 {
		l.Errorf("found %+v", found)
	}
	wantInOrder(l.T, s)
	l.blocks = len(s.set())
	l.judge(l.documentsByName(s))
}

func (l *killLedger) judge(there map[string]bool) {
	l.Helper()
	for name := range there {
		n := parseName(name)
		if _, known := l.names[n.trace][name]; known {
			continue
		}
		if n.round != l.round || n.number < l.next[n.writer] {
			l.Errorf("round %d: %s is there and was never sent, or refused, or is back", l.round, name)
		}
		l.set(n.trace, name, mayStand)
	}
	for _, names := range l.names {
		l.judgeTrace(names, there)
	}
}

// judgeTrace judges the documents of one trace. What is gone is forgotten: it
// would be one that nobody sent if it came back.
func (l *killLedger) judgeTrace(names map[string]standing, there map[string]bool) {
	l.Helper()
	touched := map[int]bool{} // by round
	for name, is := range names {
		if is == mustStand {
			touched[parseName(name).round] = true
		}
	}
	// Retention may remove a trace that was not touched for longer.
	kept := func(last int) bool {
		for round := last; round <= l.round && round-last <= roundsStand; round++ {
			if touched[round] {
				last = round
			}
		}
		return l.round-last <= roundsStand
	}
	for name, is := range names {
		switch {
		case is == mustBeGone && there[name]:
			l.Errorf("round %d: %s was deleted and is back", l.round, name)
		case is == mustStand && !there[name] && kept(parseName(name).round):
			l.Errorf("round %d: %s was acknowledged and is lost", l.round, name)
		case !there[name]:
			delete(names, name)
		case is == mayStand:
			names[name] = mustStand
		}
	}
}

// documentsByName checks that each document is what its name says, and that
// each trace is found once.
func (l *killLedger) documentsByName(s *Store) map[string]bool {
	l.Helper()
	there, seen := map[string]bool{}, map[roentgen.TraceID]bool{}
	for f, err := range s.Find(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}, nil) {
		if err != nil {
			l.Fatal(err)
		}
		if f.Trace == nil {
			continue
		}
		if seen[f.Trace.ID] {
			l.Errorf("trace %s is found twice", f.Trace.ID)
		}
		seen[f.Trace.ID] = true
		for _, d := range f.Trace.Documents {
			name := strings.Clone(d.Segment.User)
			if want := killDoc(name); string(want.Segment.Document) != string(d.Segment.Document) || want.Received != d.Received {
				l.Errorf("a document that nobody sent: %.200s", d.Segment.Document)
			}
			there[name] = true
		}
	}
	return there
}
