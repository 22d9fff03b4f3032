package agent

import (
	"context"
	"slices"
	"testing"

	"github.com/roentgen/roentgen/wire"
)

// TestAKillAmongSeveralDocuments kills the agent when it is about one of a datagram: the
// next process decides that one and those behind it, and no other.
func TestAKillAmongSeveralDocuments(t *testing.T) {
	dir, bad := t.TempDir(), newTrace()
	a := still(t, dir)
	lands(t, a.queue, together(markUndecided, 1, 0, document(newTrace(), ""), document(bad, `"fault":true`), document(newTrace(), ""), "nonsense"))
	r := receiver{queue: a.queue, at: a.queue.get(offWritten)}
	if err := r.push(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	if n := a.Statement().Waiting.Queue; n != 4 {
		t.Errorf("%d documents wait", n)
	}
	b := still(t, killedAfter(t, a, dir, 0))
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 3 || s.Waiting.Ring != 1 || s.Received["udp"] != 4 || s.Received["again"] != 0 {
		t.Errorf("difference %d, %+v, %v", s.Difference, s.Waiting, s.Received)
	}
	b.decideAll()
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 0 || s.Waiting.Ring != 2 || s.Waiting.Spool != 1 || s.Received["udp"] != 4 || total(s.Rejected) != 1 {
		t.Errorf("then difference %d, %+v, %v, %v", s.Difference, s.Waiting, s.Received, s.Rejected)
	}
}

// TestAKillAmongSeveralThatLanded is the same where the kernel put them.
func TestAKillAmongSeveralThatLanded(t *testing.T) {
	dir := t.TempDir()
	a := still(t, dir)
	lands(t, a.queue, together(markUndecided, 1, 0, document(newTrace(), ""), document(newTrace(), "")), together(markUndecided, 1, 2, document(newTrace(), "")))
	_, docs, err := splitSeveral(a.queue.datagram(0))
	if err != nil {
		t.Fatal(err)
	}
	first := docs[:slices.Index(docs, '\n')]
	a.desk.document("udp", first, wire.Header{Undecided: true})
	first[0] = decided
	b := still(t, copyState(t, dir))
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 2 || s.Waiting.Ring != 1 {
		t.Errorf("difference %d, %+v", s.Difference, s.Waiting)
	}
	b.desk.leftover(b.queue, nil)
	if s := b.Statement(); s.Difference != 0 || s.Waiting.Queue != 0 || s.Waiting.Ring != 3 || s.Received["udp"] != 3 {
		t.Errorf("then difference %d, %+v, %v", s.Difference, s.Waiting, s.Received)
	}
}
