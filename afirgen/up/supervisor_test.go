package up

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// paper is what is printed, for several goroutines; seen waits for a line.
type paper struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newPaper() *paper { return &paper{changed: make(chan struct{})} }

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changed)
	p.changed = make(chan struct{})
	return p.text.Write(b)
}

func (p *paper) read() (string, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String(), p.changed
}

func (p *paper) String() string {
	text, _ := p.read()
	return text
}

func (p *paper) await(t *testing.T, want string) {
	t.Helper()
	giveUp := time.After(15 * time.Second)
	for {
		text, changed := p.read()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-changed:
		case <-giveUp:
			t.Fatalf("waiting for %q; printed is:\n%s", want, text)
		}
	}
}

// hand is a clock whose pauses end when the test says so.
type hand struct {
	mu     sync.Mutex
	time   time.Time
	pauses chan time.Duration
	end    chan time.Time
}

func newHand() *hand {
	return &hand{time: time.Unix(0, 0), pauses: make(chan time.Duration, 100), end: make(chan time.Time)}
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.time
}

func (h *hand) after(d time.Duration) <-chan time.Time {
	h.pauses <- d
	return h.end
}

func supervisor(p *paper, h *hand) *Supervisor {
	return &Supervisor{Lines: NewLines(p, false, 5), Now: h.now, After: h.after}
}

func program(name, does string) Program {
	return Program{Name: name, Path: os.Args[0], Env: append(os.Environ(), child+"="+does), StopWithin: 15 * time.Second}
}

func TestAProgramThatDiesStartsAgainLaterEachTime(t *testing.T) {
	p, h := newPaper(), newHand()
	s := supervisor(p, h)
	s.Start(program("moth", "dies"))
	for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		if got := <-h.pauses; got != want {
			t.Errorf("the pause is %s, want %s", got, want)
		}
		h.end <- time.Time{}
	}
	<-h.pauses
	if n := s.Deaths("moth"); n != 4 {
		t.Errorf("it has died %d times, want 4", n)
	}
	s.Stop("moth") // also while it is down
	if text := p.String(); !strings.Contains(text, "moth  | dying\n") || !strings.Contains(text, "up    | moth has died (exit status 3): it starts again in 2s") {
		t.Errorf("printed is:\n%s", text)
	}
}

func TestBackoff(t *testing.T) {
	var b backoff
	var got []time.Duration
	for range 9 {
		got = append(got, b.pause(time.Second))
	}
	if got[0] != 500*time.Millisecond || got[5] != 16*time.Second || got[6] != 30*time.Second || got[8] != 30*time.Second {
		t.Errorf("the pauses are %v", got)
	}
	if again := b.pause(time.Minute); again != firstPause {
		t.Errorf("after a minute up the pause is %s, want the first again", again)
	}
}

func TestAStopIsObeyed(t *testing.T) {
	p, h := newPaper(), newHand()
	s := supervisor(p, h)
	s.Start(program("good", "obeys"))
	p.await(t, "running")
	s.Stop("good", "never started")
	if text := p.String(); !strings.Contains(text, "good  | bye\n") || s.Deaths("good") != 0 {
		t.Errorf("it died %d times; printed is:\n%s", s.Deaths("good"), text)
	}
}

func TestWhoeverDoesNotStopIsKilled(t *testing.T) {
	p, h := newPaper(), newHand()
	s := supervisor(p, h)
	stubborn := program("mule", "refuses")
	stubborn.StopWithin = 50 * time.Millisecond
	s.Start(stubborn)
	p.await(t, "running")
	s.Stop("mule")
	if text := p.String(); !strings.Contains(text, "mule has stopped (signal: killed)") {
		t.Errorf("printed is:\n%s", text)
	}
}

func TestTheStopFollowsTheData(t *testing.T) {
	p, h := newPaper(), newHand()
	stage := &stage{supervisor: supervisor(p, h)}
	for _, name := range []string{nameRoentgen, nameGGUF, nameASROCR, nameBackend} {
		stage.supervisor.Start(program(name, "obeys"))
	}
	for _, name := range []string{nameRoentgen, nameGGUF, nameASROCR, nameBackend} {
		p.await(t, name+strings.Repeat(" ", max(0, 5-len(name)))+" | running")
	}
	stage.stop()
	text := p.String()
	at := func(name string) int { return strings.Index(text, name+" has stopped") }
	if at(nameBackend) < 0 || at(nameBackend) > at(nameGGUF) || at(nameBackend) > at(nameASROCR) ||
		at(nameGGUF) > at(nameRoentgen) || at(nameASROCR) > at(nameRoentgen) {
		t.Errorf("they stopped in this order:\n%s", text)
	}
}

func TestAProgramThatIsNotThereIsTriedAgain(t *testing.T) {
	p, h := newPaper(), newHand()
	s := supervisor(p, h)
	s.Start(Program{Name: "ghost", Path: "/nowhere/ghost", StopWithin: time.Second})
	<-h.pauses
	s.Stop("ghost")
	if text := p.String(); !strings.Contains(text, "no such file") {
		t.Errorf("printed is:\n%s", text)
	}
}
