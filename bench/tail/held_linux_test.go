package tail

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// theater is one host whose agent is a child of this test, and who sends to it.
type theater struct {
	*faults
	agent  *program
	sender *datagrams
	sent   []documentID
	shapes *shapes
}

func newTheater(t *testing.T, reads string) *theater {
	t.Helper()
	free, err := freeAddresses(t.Context(), "127.0.0.1", 1)
	if err != nil {
		t.Fatal(err)
	}
	p := testProgram(t, free[0])
	p.env = append(p.env, childReads+"="+reads)
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.kill(); err != nil {
			t.Error(err)
		}
	})
	b := newBook(1)
	roots, others := documentTemplates(chance(1, 4))
	d, err := newDatagrams(t.Context(), free[0], 0, b.unread, roots, others, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	f := &fleet{agents: []*program{p}, udp: free, say: t.Logf}
	return &theater{&faults{fleet: f, book: b, begin: time.Now()}, p, d, nil, testShapes(1)}
}

// send sends a document that is in the book.
func (x *theater) send() documentID {
	r := x.shapes.make(time.Now())
	n, _ := x.sender.send(r, &r.parts[0], false)
	x.book.sent(0, n, time.Now().UnixNano())
	id := documentID{r.id, r.parts[0].id}
	x.sent = append(x.sent, id)
	return id
}

// hasRead waits until the child says that it has read so many.
func (x *theater) hasRead(t *testing.T, n int) {
	t.Helper()
	await(t, fmt.Sprintf("%d datagrams to be read", n), func() bool {
		v, err := readView(t.Context(), x.agent.ready)
		return err == nil && v.received == float64(5+2+n)
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}

// mayHold says whether this machine lets the socket of a child be held.
func mayHold(t *testing.T, x *theater) bool {
	t.Helper()
	hand, err := holdSocket(x.agent.pid(), x.fleet.udp[0])
	if err == nil {
		return hand.close() == nil
	}
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOSYS) {
		t.Fatal(err)
	}
	return false
}

func TestWhatAKilledAgentLeftInTheKernelIsKnownByName(t *testing.T) {
	const read, left = 3, 7
	x := newTheater(t, fmt.Sprint(read))
	for range read + left {
		x.send()
	}
	x.hasRead(t, read)
	allowed := mayHold(t, x)
	if err := x.killAgent(t.Context(), 0, 0); err != nil {
		t.Fatal(err)
	}
	k := x.killed[0]
	if !allowed {
		x.assertEstimate(t, k, left)
		return
	}
	if k.why != nil || k.held != left || k.late != 0 || k.dropped != 0 {
		t.Errorf("%+v, want %d held", k, left)
	}
	for i, id := range x.sent {
		want := ""
		if i >= read {
			want = causeHeld
		}
		if got := x.book.unread.cause(id); got != want {
			t.Errorf("document %d: %q, want %q", i, got, want)
		}
	}
	if x.book.unread.count(0) != left || len(x.outages) != 0 {
		t.Errorf("%d known, outages %v: nothing may be excused by its time", x.book.unread.count(0), x.outages)
	}
	x.hasRead(t, 0) // the next life reads none of the old
}

// assertEstimate holds that, where the socket cannot be held, the last ones that were sent count as not read, and the report says so.
func (x *theater) assertEstimate(t *testing.T, k killing, left int64) {
	t.Helper()
	if k.why == nil || k.held != 0 || len(x.book.unread.why) != 0 {
		t.Fatalf("%+v, %v", k, x.book.unread.why)
	}
	x.unread(func(int) int64 { return left })
	if len(x.outages) != 1 || x.outages[0].cause != causeEstimated || x.outages[0].from != k.sent[left-1] || x.outages[0].to != k.at.UnixNano() {
		t.Errorf("%+v", x.outages)
	}
	o := &Outcome{Kills: x.killed}
	var b strings.Builder
	if o.killTable(&b); !strings.Contains(b.String(), "estimated") {
		t.Errorf("the report does not say so: %s", b.String())
	}
}

func TestWhereTheSocketCannotBeHeldTheEstimateIsTold(t *testing.T) {
	const read, left = 3, 7
	x := newTheater(t, fmt.Sprint(read))
	for range read + left {
		x.send()
	}
	x.hasRead(t, read)
	x.fleet.udp = []string{"127.0.0.1:9"} // the child has none there
	if err := x.killAgent(t.Context(), 0, 0); err != nil {
		t.Fatal(err)
	}
	x.assertEstimate(t, x.killed[0], left)
}

func TestWhatADeadAgentIsSentIsKnownByName(t *testing.T) {
	x := newTheater(t, "1000")
	x.send()
	x.hasRead(t, 1)
	if err := x.agent.kill(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		x.send()
	}
	await(t, "all refusals", func() bool { x.sender.flush(); return x.book.unread.count(0) == 20 })
	for i, id := range x.sent[1:] {
		if got := x.book.unread.cause(id); got != causeRefused {
			t.Errorf("document %d: %q", i, got)
		}
	}
	if err := x.agent.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.send()
	x.hasRead(t, 1)
	if n := x.book.unread.count(0); n != 20 {
		t.Errorf("%d are unread, want 20", n)
	}
}

func TestWhatWaitsForAFrozenAgentIsKnownByNameAndLeftWhereItIs(t *testing.T) {
	x := newTheater(t, "1000")
	x.send()
	x.hasRead(t, 1)
	if err := freeze(x.agent); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		x.send()
	}
	allowed := mayHold(t, x)
	// It is frozen already, which is the same.
	if err := x.standStill(t.Context(), 0, 0, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if !allowed {
		x.assertByTime(t)
		return
	}
	if len(x.frozen) != 1 || len(x.outages) != 0 {
		t.Fatalf("%+v, %+v", x.frozen, x.outages)
	}
	s := x.frozen[0]
	if !s.clean || s.rose != 0 || len(s.waiting) != 40 || s.waiting[x.sent[0]] || !s.waiting[x.sent[1]] || !s.waiting[x.sent[40]] {
		t.Errorf("%d are waiting: %+v", len(s.waiting), s)
	}
	x.hasRead(t, 41)
}

// assertByTime holds that, where the buffer cannot be looked into, the outage is told by its time.
func (x *theater) assertByTime(t *testing.T) {
	t.Helper()
	if len(x.frozen) != 0 || len(x.outages) != 1 || x.outages[0].cause != causeStood {
		t.Errorf("%+v, %+v", x.frozen, x.outages)
	}
}

func TestWhereTheBufferCannotBeLookedIntoTimeIsTold(t *testing.T) {
	x := newTheater(t, "1000")
	x.fleet.udp = []string{"127.0.0.1:9"}
	if err := x.standStill(t.Context(), 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	x.assertByTime(t)
}

func TestAFullBufferOfAFrozenAgentDropsTheLastOnes(t *testing.T) {
	x := newTheater(t, "1000000")
	if !mayHold(t, x) {
		return // the test above holds what is told then
	}
	if err := freeze(x.agent); err != nil {
		t.Fatal(err)
	}
	hand, err := holdSocket(x.agent.pid(), x.fleet.udp[0])
	if err != nil {
		t.Fatal(err)
	}
	var dropped int64
	for dropped == 0 && len(x.sent) < 100_000 {
		x.send()
		if dropped, err = hand.drops(); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	err = hand.peek(func(datagram []byte) {
		if id, _ := nameOf(datagram); id != x.sent[n] {
			t.Errorf("datagram %d is another one", n)
		}
		n++
	})
	if err != nil || dropped != 1 || n != len(x.sent)-1 {
		t.Errorf("%d sent, %d waiting, %d dropped, %v", len(x.sent), n, dropped, err)
	}
	if err := errors.Join(hand.close(), thaw(x.agent)); err != nil {
		t.Fatal(err)
	}
	x.hasRead(t, n)
}
