package accept_test

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
)

func TestNothingArrivesBeforeWhatIsSettled(t *testing.T) {
	clock := now
	n := &next{block: make(chan struct{}), called: make(chan struct{})}
	a := accept.New(accept.Config{Now: func() time.Time { return clock }}, n)
	if got := a.Settled(); got != roentgen.At(now) {
		t.Errorf("with nothing under way %v is settled, want now", got)
	}
	done := make(chan error)
	for range 2 {
		go func() {
			_, err := a.Accept(t.Context(), "test", texts(document(now)))
			done <- err
		}()
		<-n.called
		clock = clock.Add(time.Second)
	}
	if got := a.Settled(); got != roentgen.At(now) {
		t.Errorf("while two batches are under way %v is settled, want the stamp of the first, %v", got, roentgen.At(now))
	}
	close(n.block)
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if got := a.Settled(); got != roentgen.At(clock) {
		t.Errorf("with nothing under way any more %v is settled, want now", got)
	}
	for _, d := range n.docs {
		if d.Received != roentgen.At(now) && d.Received != roentgen.At(now.Add(time.Second)) {
			t.Errorf("stamped %v", d.Received)
		}
	}
}
