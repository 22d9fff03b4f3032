package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// Agent is one agent, made by New and run once by Run.
type Agent struct {
	cfg       Config
	books     *counters
	queue     *queue
	socket    *socket // nil: the UDP door is shut
	tail      *tail.Tail
	spool     *spool.Spool
	desk      *desk
	rules     *rulebook
	forwarder *upstream.Forwarder
	started   time.Time

	triggers      atomic.Pointer[tail.Triggers]
	draining      atomic.Bool
	warnings      *rate.Limiter
	gaps          atomic.Uint64
	noticeTrouble text
	noticeSpell   spell // the puller's own
	refusals      refusals
	bodies        atomic.Int64 // bytes that requests may hold yet
	pressure      pressure
	bufferBytes   int
	statedAt      atomic.Int64 // when the last statement was made

	// Of the ticker alone.
	rolled       time.Time
	checkpointed []byte
	drops        uint32 // that the kernel had counted at the last look
	spoolDamage  int64
	rollUpSpell  spell
}

// text is a string that several goroutines read and write.
type text struct{ p atomic.Pointer[string] }

func (t *text) Store(s string) { t.p.Store(&s) }

func (t *text) Load() string {
	if s := t.p.Load(); s != nil {
		return *s
	}
	return ""
}

// New opens what the state directory holds and takes over the sockets. What a
// killed process left between two counters is booked now. The caller calls Run
// next, or Close.
func New(cfg Config) (*Agent, error) {
	cfg = cfg.withDefaults()
	a := &Agent{cfg: cfg, books: newCounters(cfg.State.ledger), started: cfg.Now(), rolled: cfg.Now(), warnings: rate.NewLimiter(rate.Every(time.Second), 5)}
	a.bodies.Store(max(bodyBytes, a.maxRequestBytes()))
	if err := a.openAll(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *Agent) openAll() error {
	if err := a.openSocket(); err != nil { // first: what comes meanwhile needs room
		return err
	}
	if err := a.openState(); err != nil {
		return err
	}
	cfg := a.cfg
	var longest time.Duration // between two tries: AWS's clients' own
	if cfg.Roentgen {
		longest = maxPause
	}
	a.forwarder = upstream.New(upstream.Config{
		Source: a.spool, Sender: cfg.Sender, Agent: cfg.State.Agent(), Host: cfg.Host, Version: cfg.Version,
		Limit: cfg.Limit, Concurrency: cfg.Concurrency, Drain: cfg.Drain, MaxBackoff: longest,
		Extra: a.extra, OnAnswer: a.settle, Now: cfg.Now, Logger: cfg.Logger,
	})
	a.mend()
	return a.register()
}

// openState opens the files in the order in which documents pass them.
func (a *Agent) openState() error {
	cfg := a.cfg
	for _, damage := range cfg.State.Damage {
		cfg.Logger.Error("the books are damaged", "error", damage)
	}
	if cfg.State.Copied {
		cfg.Logger.Warn("the state directory is a copy, or was restored: this agent has an id of its own from now on, and sends again what waited there", "dir", cfg.State.Dir, "agent", cfg.State.Agent())
	}
	q, lost, err := openQueue(cfg.State.path("queue"), cfg.QueueBytes)
	if err != nil {
		return stateError("open the state directory", err)
	}
	a.queue = q
	if lost != nil {
		cfg.Logger.Error("datagrams that waited for a decision are lost", "error", lost)
	}
	folder := graph.NewFolder(cfg.Fold)
	a.tail, err = tail.Open(tail.Options{
		Dir: cfg.State.path("tail"), RingBytes: cfg.RingBytes, Remember: cfg.Remember, Triggers: cfg.Triggers,
		Now: cfg.Now, Logger: cfg.Logger, Rows: func(seg *roentgen.Segment) *roentgen.Rows { return folder.Alone(seg, roentgen.At(cfg.Now())) },
	})
	if err != nil {
		return err
	}
	if a.spool, err = spool.Open(spool.Options{Dir: cfg.State.path("spool"), MaxBytes: cfg.SpoolBytes, Logger: cfg.Logger, Now: cfg.Now}); err != nil {
		return stateError("make ready to hold what waits", err)
	}
	a.triggers.Store(&cfg.Triggers)
	a.rules = newRulebook(cfg.Triggers.Capture, cfg.Now)
	a.desk = &desk{
		books: a.books, redactor: cfg.Redact, rules: a.rules, onReject: cfg.OnReject, warn: a.rejected,
		tail: a.tail, spool: a.spool, glancer: wire.NewGlancer(cfg.Limits),
	}
	a.desk.leave = a.desk.depart
	a.desk.glancer.LeaveAnnotations(!cfg.Triggers.Expressions())
	if cfg.Roentgen {
		a.desk.minutes = graph.NewMinutes(cfg.Fold)
		a.restoreMinutes()
	}
	return nil
}

// openSocket takes the UDP socket over, and asks the kernel for room.
func (a *Agent) openSocket() (err error) {
	if a.cfg.UDP == nil {
		return nil
	}
	if a.socket, err = takeSocket(a.cfg.UDP); err != nil {
		return fmt.Errorf("take over udp %s: %w", a.cfg.UDP.LocalAddr(), err)
	}
	got, err := a.socket.growBuffer(a.cfg.BufferBytes)
	if err != nil {
		return fmt.Errorf("set the receive buffer of udp %s to %d bytes: %w", a.socket.address, a.cfg.BufferBytes, err)
	}
	a.bufferBytes = got
	if got < a.cfg.BufferBytes {
		a.cfg.Logger.Warn("the kernel gives a smaller receive buffer than asked for; datagrams are lost sooner when the host is busy: raise net.core.rmem_max, or give the agent CAP_NET_ADMIN",
			"bytes", got, "asked", a.cfg.BufferBytes)
	} else {
		a.cfg.Logger.Debug("receive buffer", "bytes", got)
	}
	return nil
}

// mend lets leave again what a kill may have stopped on its way, and books
// what it left between two counters.
func (a *Agent) mend() {
	closed := a.cfg.State.ledger.WasClosed()
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	a.tail.Recover(a.desk.leave) // moves from ring to spool; what had left before is there twice, and the sum says so
	t, s := a.tail.Stats(), a.spool.Stats()
	a.bookDamage(s)
	if d := a.cfg.State.ledger.Mend(closed, a.waiting(t, s), others(t)); d != 0 {
		a.cfg.Logger.Warn("the last process left documents between two counters: below 0 they are there twice, above 0 they are lost; the books name them",
			"documents", d, "ended_in_order", closed)
	}
}

// bookDamage books what the spool could not read again.
func (a *Agent) bookDamage(s spool.Stats) {
	if n := s.Damaged.Documents - a.spoolDamage; n > 0 {
		a.books.ledger.Counter(ledger.Lost, causeDamaged).Add(uint64(n))
		a.spoolDamage = s.Damaged.Documents
	}
}

// rejected logs what was not taken, without its text, which may hold what is
// nobody's business.
func (a *Agent) rejected(door accept.Door, r *roentgen.Rejection) {
	if a.warnings.Allow() {
		a.cfg.Logger.Warn("document rejected", "door", door, "code", r.Code, "id", r.ID, "detail", r.Detail)
	}
}

// SetTriggers puts triggers into effect.
func (a *Agent) SetTriggers(ts tail.Triggers) {
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	a.tail.SetTriggers(ts)
	a.desk.glancer.LeaveAnnotations(!ts.Expressions())
	a.triggers.Store(&ts)
	a.rules.capture(ts.Capture)
}

// Run serves until ctx ends, and then stops in the order of the data: refuse,
// drain, spool. It closes everything that the agent was given.
func (a *Agent) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, a.Close()) }()
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	var behind errgroup.Group
	behind.Go(func() error { return a.forwarder.Run(sending) })

	a.decideAll() // what a killed process left, before anything new lands
	a.desk.leftover(a.queue, a.cfg.Networks)
	received := make(chan struct{})
	var decided sync.WaitGroup
	decided.Go(func() { a.decide(received) })

	doors, inner := errgroup.WithContext(ctx)
	a.open(inner, doors)
	doors.Go(func() error { return a.keepRules(inner) })
	doors.Go(func() error { return a.pull(inner) })
	doors.Go(func() error { return a.tick(inner) })
	err = doors.Wait() // refuse
	a.draining.Store(true)
	close(received)
	decided.Wait() // drain
	err = errors.Join(err, a.rollUp(true))
	a.flush(sending)
	stopSending()
	err = errors.Join(err, behind.Wait())
	a.tellRemoved()
	return err
}

// open starts the doors that there are.
func (a *Agent) open(ctx context.Context, doors *errgroup.Group) {
	doors.Go(func() error {
		<-ctx.Done()
		a.draining.Store(true)
		return nil
	})
	if a.socket != nil {
		r := receiver{socket: a.socket, networks: a.cfg.Networks, queue: a.queue, desk: a.desk, decide: a.decideAll, buffer: a.bufferBytes, gather: a.cfg.Gather, now: time.Now}
		doors.Go(func() error { return r.run(ctx) })
	}
	if a.cfg.TCP != nil {
		l := a.cfg.Networks.Guard(a.cfg.TCP, a.cfg.Logger, a.cfg.Now)
		doors.Go(func() error { return a.serveHTTP(ctx, l, a.handler()) })
	}
	if a.cfg.Observe != nil {
		mux := http.NewServeMux()
		a.observe(mux)
		doors.Go(func() error { return a.serveHTTP(ctx, a.cfg.Observe, mux) })
	}
	if l := a.cfg.OTLPGRPC; l != nil {
		doors.Go(func() error { return a.otlp(accept.DoorOTLPGRPC).ServeGRPC(ctx, l, a.cfg.OTLPTLS) })
	}
	if l := a.cfg.OTLPHTTP; l != nil {
		doors.Go(func() error { return a.serveHTTP(ctx, l, a.otlp(accept.DoorOTLPHTTP).Handler()) })
	}
}

// otlp is what stands behind a door of OpenTelemetry's. accept counts into
// nothing: the books are kept here.
func (a *Agent) otlp(door accept.Door) *accept.OTLP {
	next := spans{a.desk, door, func() float64 { return a.triggers.Load().OTLPRate }}
	acceptor := accept.New(accept.Config{Limits: a.cfg.Limits, Now: a.cfg.Now, Logger: a.cfg.Logger, OnReject: a.desk.rejected}, next)
	cfg := a.cfg.OTLP
	cfg.Drain = a.cfg.Drain
	return accept.NewOTLP(acceptor, cfg)
}

// decide empties the queue until everything is received and taken.
func (a *Agent) decide(received <-chan struct{}) {
	for {
		a.decideAll()
		select {
		case <-a.queue.put:
		case <-received:
			a.decideAll()
			return
		}
	}
}

// decideAll decides about all that is queued. Whoever else is about it has the
// desk in turns.
func (a *Agent) decideAll() {
	for a.desk.datagrams(a.queue) > 0 {
	}
}

// flush goes on sending until the spool is empty, the time is over or the
// upstream does not answer: where the disk does not outlive the process, this
// is the last chance.
func (a *Agent) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Drain)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	before := a.forwarder.Stats()
	a.spool.Nudge() // one more batch at least: roll-ups wait too
	for {
		f := a.forwarder.Stats()
		if f.LastError != "" || f.Batches > before.Batches+before.InFlight && f.InFlight == 0 && a.spool.Stats().Documents == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// Close closes what New opened and the agent was given. It is for an agent
// that is not run; Run does it itself.
func (a *Agent) Close() error {
	var errs []error
	for _, l := range []net.Listener{a.cfg.TCP, a.cfg.Observe, a.cfg.OTLPGRPC, a.cfg.OTLPHTTP} {
		if l != nil {
			l.Close() // closed by its server already, or never used
		}
	}
	if a.cfg.UDP != nil {
		a.cfg.UDP.Close() // it is, where the socket was taken
	}
	if a.socket != nil {
		errs = append(errs, a.socket.close())
		a.socket = nil
	}
	if a.tail != nil {
		errs = append(errs, a.tail.Close())
	}
	if a.spool != nil {
		errs = append(errs, a.spool.Close())
	}
	if a.queue != nil {
		errs = append(errs, a.queue.close())
	}
	return errors.Join(append(errs, a.cfg.State.Close())...)
}
