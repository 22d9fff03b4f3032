package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lands lets datagrams come into the landing of a queue.
func lands(t *testing.T, q *queue, docs ...string) {
	t.Helper()
	c := takenUDP(t)
	b := newBatchReader(c, q, false)
	to, err := net.Dial("udp", c.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	for _, doc := range docs { // over loopback each is there when the call returns
		if _, err := to.Write([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.read(); err != nil || n != len(docs) {
		t.Fatalf("%d of %d landed: %v", n, len(docs), err)
	}
}

// leftovers are what a queue gives of what a killed process had read.
func leftovers(q *queue) (docs []string) {
	q.each(1<<20, func(doc []byte, _ uint32) { docs = append(docs, string(doc)) })
	q.eachLanded(func(slot int) { docs = append(docs, string(q.datagram(slot))) })
	return docs
}

func TestAKilledProcessLeavesWhatHasLanded(t *testing.T) {
	for copied := range 4 {
		name := filepath.Join(t.TempDir(), "queue")
		q := mustQueue(t, name, 4096)
		put(t, q, "before")
		lands(t, q, "one", "two", "three")
		r := receiver{queue: q, at: q.get(offWritten)}
		if err := r.copy(context.Background(), copied); err != nil {
			t.Fatal(err)
		}
		if n := mustQueue(t, name, 4096).waiting(); n != 4 { // not told yet: they count where they landed
			t.Errorf("%d copied and not told: %d wait", copied, n)
		}
		q.show(r.at, copied)
		again := mustQueue(t, name, 4096)
		if n := again.waiting(); n != 4 {
			t.Errorf("%d copied: %d wait", copied, n)
		}
		if docs := leftovers(again); !slices.Equal(docs, []string{"before", "one", "two", "three"}) || again.waiting() != 0 {
			t.Errorf("%d copied: %q, and %d wait", copied, docs, again.waiting())
		}
		if docs := leftovers(mustQueue(t, name, 4096)); len(docs) > 0 {
			t.Errorf("what was taken comes again: %q", docs)
		}
	}
}

// TestAKilledAgentDecidesWhatHasLanded kills an agent when one of three was
// decided.
func TestAKilledAgentDecidesWhatHasLanded(t *testing.T) {
	dir := t.TempDir()
	a := still(t, dir)
	lands(t, a.queue, undecided+"\n"+document(newTrace(), ""), undecided+"\n"+document(newTrace(), ""), "nonsense")
	a.desk.landed(a.queue, 1, nil)
	b := still(t, copyState(t, dir))
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 2 || s.Received["again"] != 0 || len(nonZero(s.Lost)) > 0 {
		t.Errorf("difference %d, %+v, %v, lost %v", s.Difference, s.Waiting, s.Received, s.Lost)
	}
	b.desk.leftover(b.queue, nil)
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 0 || s.Waiting.Ring != 2 || s.Received["udp"] != 3 || s.Rejected["InvalidDatagram"] != 1 {
		t.Errorf("then difference %d, %+v, %v, %v", s.Difference, s.Waiting, s.Received, s.Rejected)
	}
}

// landingMain reads into the queue until it is killed, and decides about nothing.
func landingMain(name string) int {
	q, lost, err := openQueue(name, landingRing)
	c, cerr := net.FilePacketConn(os.NewFile(3, "socket"))
	if err := errors.Join(lost, err, cerr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := takeSocket(c.(*net.UDPConn))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready")
	r := receiver{socket: s, queue: q, at: q.get(offWritten)}
	b := newBatchReader(s, q, false)
	for n := 0; err == nil; {
		if n, err = b.read(); err == nil {
			err = r.push(context.Background(), n)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 2
}

const landingRing = 4 << 20

// TestNothingThatWasReadIsLostToSIGKILL shares a socket with a process that reads
// from it and is killed: what it has not read the test reads itself, and what it
// has is in the queue, once.
func TestNothingThatWasReadIsLostToSIGKILL(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 3))
	inQueue := 0
	for round := range 12 {
		inQueue += killInLanding(t, round, time.Duration(chance.IntN(3000))*time.Microsecond)
	}
	if inQueue == 0 {
		t.Error("no process had read anything when it was killed")
	}
}

func killInLanding(t *testing.T, round int, after time.Duration) (inQueue int) {
	t.Helper()
	c := takenUDP(t)
	if _, err := c.growBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	before, _ := c.drops()
	name := filepath.Join(t.TempDir(), "queue")
	cmd := readsInto(t, c, name)
	to, err := net.Dial("udp", c.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	kill := time.AfterFunc(after, func() { cmd.Process.Kill() })
	const sent = 1000
	for i := range sent {
		if _, err := to.Write([]byte(numbered(i))); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Wait() // killed, which is no success
	kill.Stop()
	docs := leftovers(mustQueue(t, name, landingRing))
	inQueue = len(docs)
	docs = append(docs, rest(t, c)...)
	drops, _ := c.drops()
	if missing := sent - len(docs); missing != int(drops-before) {
		t.Errorf("round %d, killed after %s: %d datagrams are missing, of which the kernel dropped %d; %d are in the queue", round, after, missing, drops-before, inQueue)
	}
	seen := map[string]bool{}
	for _, doc := range docs {
		var i int
		if fmt.Sscanf(doc, "%d ", &i); doc != numbered(i) || seen[doc] {
			t.Errorf("round %d: %.20q is damaged or there twice", round, doc)
		}
		seen[doc] = true
	}
	return inQueue
}

func numbered(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", 100+i*7%2000)) }

// readsInto starts a process that reads from the socket into a queue.
func readsInto(t *testing.T, c *socket, name string) *exec.Cmd {
	t.Helper()
	fd, err := unix.Dup(c.fd)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.ExtraFiles, cmd.Stderr = append(os.Environ(), landingChild+"="+name), []*os.File{f}, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := out.Read(make([]byte, 16)); n == 0 {
		t.Fatal("the process that reads does not begin:", err)
	}
	return cmd
}

// rest reads what is left in the socket's buffer.
func rest(t *testing.T, c *socket) (docs []string) {
	t.Helper()
	q := mustQueue(t, "", 1024)
	b := newBatchReader(c, q, false)
	c.end() // read what there is
	for {
		n, err := b.read()
		if errors.Is(err, net.ErrClosed) {
			return docs
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			docs = append(docs, string(q.datagram(i)))
			q.free(i)
		}
	}
}
