package upstream

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/wire"
)

// Source is what a Forwarder takes batches from: a *spool.Spool.
type Source interface {
	Next(ctx context.Context, limit spool.Limit) (*spool.Cut, error)
	Done(seq uint64) error
	Split(seq uint64) (first, second *spool.Cut, err error)
	Renumber(seq uint64) (*spool.Cut, error)
	Epoch() uint64
	Stats() spool.Stats
}

// Extra is what travels with a batch beside its cut. Only one batch at a time
// carries one, and carries it until it is answered.
type Extra struct {
	Notices   []wire.Notice
	Statement []byte
	// Taken is called when the server has taken them, before OnAnswer; may be nil.
	Taken func()
}

// Config of a Forwarder.
type Config struct {
	Source  Source
	Sender  Sender
	Agent   string // 32 hex digits
	Host    string
	Version string

	Limit       spool.Limit   // default that of spool; for AWS 50 documents
	Concurrency int           // batches in flight; default 2, at most 32
	MinBackoff  time.Duration // default 100 ms
	MaxBackoff  time.Duration // default 30 s
	Drain       time.Duration // how long batches in flight may take after ctx has ended; default 5 s

	// SetAsideAfter is how long a document at least has to fail alone, while
	// others pass, until it is given up; default 2 minutes.
	SetAsideAfter time.Duration

	// Extra is asked for each batch that may carry one; nil: never.
	Extra func() Extra
	// OnAnswer is told what became of each cut, once: err is nil, or the refusal
	// for good, by which every document of the cut is rejected, or a
	// *SetAsideError, by which its one document is given up. It is called
	// before the cut is acknowledged to the spool, by one goroutine at a time.
	OnAnswer func(cut *spool.Cut, answer wire.BatchAnswer, err error)

	Now    func() time.Time
	Jitter func() float64 // in [0, 1); default math/rand
	Logger *slog.Logger   // default: none
}

// Forwarder sends what a spool cuts.
type Forwarder struct {
	cfg      Config
	backoff  backoff
	window   *window
	extra    chan struct{} // holds one token: whose batch carries the extra
	answers  sync.Mutex    // of OnAnswer
	suspects suspects
	logged   struct {
		sync.Mutex
		text string
		at   time.Time
	}
	stats struct {
		batches, documents, bytes, retries, refused, inFlight atomic.Int64
		aside                                                 atomic.Int64
		atOnce, late                                          atomic.Int64 // see passed
		errors                                                [categories]atomic.Int64
		success                                               atomic.Int64 // nanoseconds since 1970 UTC
		last                                                  atomic.Pointer[string]
	}
}

const (
	defaultConcurrency = 2
	mostConcurrency    = 32
	defaultMinBackoff  = 100 * time.Millisecond
	defaultMaxBackoff  = 30 * time.Second
	defaultDrain       = 5 * time.Second
	defaultSetAside    = 2 * time.Minute
	// repeatLog is how often an error that goes on is told again.
	repeatLog = time.Minute
)

// New makes a forwarder.
func New(cfg Config) *Forwarder {
	cfg = cfg.withDefaults()
	f := &Forwarder{cfg: cfg, window: newWindow(), extra: make(chan struct{}, 1)}
	f.backoff = backoff{min: cfg.MinBackoff, max: cfg.MaxBackoff, jitter: cfg.Jitter, better: make(chan struct{})}
	f.extra <- struct{}{}
	return f
}

func (c Config) withDefaults() Config {
	if c.Concurrency <= 0 {
		c.Concurrency = defaultConcurrency
	}
	c.Concurrency = min(c.Concurrency, mostConcurrency)
	if c.MinBackoff <= 0 {
		c.MinBackoff = defaultMinBackoff
	}
	if c.MaxBackoff <= 0 {
		c.MaxBackoff = defaultMaxBackoff
	}
	if c.Drain <= 0 {
		c.Drain = defaultDrain
	}
	if c.SetAsideAfter <= 0 {
		c.SetAsideAfter = defaultSetAside
	}
	if c.OnAnswer == nil {
		c.OnAnswer = func(*spool.Cut, wire.BatchAnswer, error) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Run forwards until ctx ends and what is in flight is settled or out of time.
// A spool that does not outlive the process is emptied within that time.
func (f *Forwarder) Run(ctx context.Context) error {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	var workers, watch sync.WaitGroup
	watch.Go(func() { // ctx, and then the clock
		select {
		case <-ctx.Done():
		case <-ended:
			return
		}
		timer := time.NewTimer(f.cfg.Drain)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-ended:
		}
	})
	errs := make([]error, f.cfg.Concurrency)
	for i := range errs {
		workers.Go(func() { errs[i] = f.work(ctx, patient) })
	}
	workers.Wait()
	close(ended)
	watch.Wait()
	return errors.Join(errs...)
}

// work cuts and sends one batch after the other.
func (f *Forwarder) work(ctx, patient context.Context) error {
	for {
		cut, err := f.next(ctx, patient)
		switch {
		case cut == nil && err == nil, errors.Is(err, spool.ErrClosed), err != nil && patient.Err() != nil:
			return nil
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		f.window.enter(cut.Seq)
		f.stats.inFlight.Add(1)
		err = f.settle(ctx, patient, cut)
		f.stats.inFlight.Add(-1)
		if err != nil {
			return err
		}
	}
}

// next cuts the next batch. Once ctx has ended, only a spool in memory is cut,
// for as long as something is in it.
func (f *Forwarder) next(ctx, patient context.Context) (*spool.Cut, error) {
	cut, err := f.cfg.Source.Next(ctx, f.cfg.Limit)
	if err == nil || ctx.Err() == nil {
		return cut, err
	}
	if st := f.cfg.Source.Stats(); !st.InMemory || st.Documents == 0 {
		return nil, nil
	}
	return f.lastCut(patient)
}

// lastCut takes what is left, without waiting for more.
func (f *Forwarder) lastCut(patient context.Context) (*spool.Cut, error) {
	ctx, cancel := context.WithTimeout(patient, lastCutWait)
	defer cancel()
	limit := f.cfg.Limit
	limit.Age, limit.Idle = time.Nanosecond, 0
	cut, err := f.cfg.Source.Next(ctx, limit)
	if err != nil && patient.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, nil // others have what is left
	}
	return cut, err
}

const lastCutWait = 50 * time.Millisecond

// settle sends the cut until it is taken or refused for good, and books that,
// or hands it to a worker who looks for what is wrong with it. It gives up when
// patient ends: the cut stays in the spool then.
func (f *Forwarder) settle(ctx, patient context.Context, cut *spool.Cut) error {
	if f.window.wait(patient, cut.Seq) != nil {
		return nil
	}
	p := f.newPart(cut)
	answer, as, err := f.carry(ctx, patient, p)
	switch as {
	case handsOver:
		return nil
	case hunts:
		return f.untangle(ctx, patient, p)
	}
	defer f.window.leave(cut.Seq)
	if errors.Is(err, errLeft) {
		return nil
	}
	return f.close(cut, answer, err)
}

// carry sends the cut together with what goes beside it.
func (f *Forwarder) carry(ctx, patient context.Context, p *part) (wire.BatchAnswer, role, error) {
	extra, carries := f.takeExtra(p.cut)
	if carries {
		defer func() { f.extra <- struct{}{} }()
	}
	answer, as, err := f.deliver(ctx, patient, p, f.batch(p.cut, extra))
	if err == nil && extra.Taken != nil {
		extra.Taken()
	}
	return answer, as, err
}

// close books what became of a cut, and lets the spool forget it.
func (f *Forwarder) close(cut *spool.Cut, answer wire.BatchAnswer, err error) error {
	f.answers.Lock()
	f.cfg.OnAnswer(cut, answer, err)
	f.answers.Unlock()
	if err := f.cfg.Source.Done(cut.Seq); err != nil && !errors.Is(err, spool.ErrClosed) {
		return err
	}
	return nil
}

// takeExtra asks for what goes beside the cut. A cut of an earlier process goes
// without: the server may have answered it already, and would not look again.
func (f *Forwarder) takeExtra(cut *spool.Cut) (Extra, bool) {
	if f.cfg.Extra == nil || cut.Recovered {
		return Extra{}, false
	}
	select {
	case <-f.extra:
		return f.cfg.Extra(), true
	default:
		return Extra{}, false
	}
}

func (f *Forwarder) batch(cut *spool.Cut, extra Extra) *wire.Batch {
	return &wire.Batch{
		Header: wire.BatchHeader{
			Agent: f.cfg.Agent, Host: f.cfg.Host, Version: f.cfg.Version, Epoch: f.cfg.Source.Epoch(), Seq: cut.Seq,
			Sent: float64(f.cfg.Now().UnixNano()) / 1e9,
		},
		Documents: cut.Documents, Rollups: cut.Rollups, Notices: extra.Notices, Statement: extra.Statement,
	}
}

// errLeft: out of time; the cut stays in the spool.
var errLeft = errors.New("left in the spool")

// pause waits before the next attempt. The end of ctx ends it, so that there is
// one more attempt, and the end of patient with an error. Where the upstream did
// not ask for the pause, it ends when another batch has been taken.
func (f *Forwarder) pause(ctx, patient context.Context, wait time.Duration, better <-chan struct{}) error {
	if ctx.Err() == nil {
		_ = sleep(ctx, wait, better) // its end is what patient is for
		return patient.Err()
	}
	return sleep(patient, wait, better)
}

// deliver sends until there is an answer, or an error that stays, or until the
// worker takes another role.
func (f *Forwarder) deliver(ctx, patient context.Context, p *part, b *wire.Batch) (wire.BatchAnswer, role, error) {
	for {
		better := f.backoff.untilBetter()
		answer, err := f.attempt(patient, p, b)
		var e *Error
		if !errors.As(err, &e) || e.Permanent {
			return answer, goesOn, err
		}
		if p.suspicious(e) {
			if as := f.suspects.become(p); as != goesOn {
				return answer, as, err
			}
		}
		if err := f.hold(ctx, patient, p, e, better); err != nil {
			return answer, goesOn, err
		}
		f.stats.retries.Add(1)
	}
}

// attempt sends once. An error is errLeft or an *Error.
func (f *Forwarder) attempt(patient context.Context, p *part, b *wire.Batch) (wire.BatchAnswer, error) {
	answer, err := f.cfg.Sender.Send(patient, b)
	if err == nil {
		f.sent(p, b)
		return answer, nil
	}
	if patient.Err() != nil {
		return wire.BatchAnswer{}, errLeft
	}
	e := f.failed(err)
	if p.failed(f.passed(), f.cfg.Now()); p.telling == 0 {
		text := e.Error()
		f.stats.last.Store(&text)
	}
	if e.Permanent {
		f.stats.refused.Add(1)
		f.cfg.Logger.Error("a batch is refused for good, its documents are rejected: " + e.Error())
	}
	return wire.BatchAnswer{}, e
}

// hold waits until the next attempt is due. errLeft: there is none.
func (f *Forwarder) hold(ctx, patient context.Context, p *part, e *Error, better <-chan struct{}) error {
	wait := f.backoff.failure(e)
	if e.RetryAfter > 0 || e.Status != 0 {
		better = nil // it is this batch, or a pace that the upstream sets
	}
	if p.telling == 0 { // otherwise the upstream takes batches
		f.complain(e, wait)
	}
	if ctx.Err() != nil && !f.cfg.Source.Stats().InMemory {
		return errLeft // it waits well where it is
	}
	if err := f.pause(ctx, patient, wait, better); err != nil {
		return errLeft
	}
	return nil
}

func (f *Forwarder) sent(p *part, b *wire.Batch) {
	f.backoff.success()
	switch {
	case len(b.Documents) == 0: // it says nothing of whether documents are taken
	case p.tries == 0:
		f.stats.atOnce.Add(1)
	default:
		f.stats.late.Add(1)
	}
	bytes := 0
	for i := range b.Documents {
		bytes += len(b.Documents[i].Document)
	}
	f.stats.batches.Add(1)
	f.stats.documents.Add(int64(len(b.Documents)))
	f.stats.bytes.Add(int64(bytes))
	f.stats.success.Store(f.cfg.Now().UnixNano())
	if was := f.stats.last.Swap(nil); was != nil {
		f.cfg.Logger.Info("the upstream takes batches again")
		f.forget()
	}
}

// failed counts an attempt.
func (f *Forwarder) failed(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Text: err.Error(), Err: err}
	}
	f.stats.errors[min(e.Category, categories-1)].Add(1)
	return e
}

// complain logs an error once, and again each minute while it goes on.
func (f *Forwarder) complain(e *Error, wait time.Duration) {
	f.logged.Lock()
	defer f.logged.Unlock()
	now := f.cfg.Now()
	if e.Text == f.logged.text && now.Sub(f.logged.at) < repeatLog {
		return
	}
	f.logged.text, f.logged.at = e.Text, now
	f.cfg.Logger.Warn("the upstream does not take batches, they wait in the spool: "+e.Error(), slog.Duration("again_in", wait.Round(time.Millisecond)))
}

func (f *Forwarder) forget() {
	f.logged.Lock()
	defer f.logged.Unlock()
	f.logged.text = ""
}

// ForwardStats are a forwarder's totals since its start.
type ForwardStats struct {
	Batches     int64
	Documents   int64
	Bytes       int64 // of documents, before compression
	Retries     int64
	Refused     int64             // batches refused for good
	SetAside    int64             // documents given up, see SetAsideError
	Errors      [categories]int64 // failed attempts by Category
	InFlight    int64
	LastSuccess time.Time
	LastError   string // of the last attempt, "" once one succeeds again
}

// Stats returns the totals.
func (f *Forwarder) Stats() ForwardStats {
	st := ForwardStats{
		Batches: f.stats.batches.Load(), Documents: f.stats.documents.Load(), Bytes: f.stats.bytes.Load(),
		Retries: f.stats.retries.Load(), Refused: f.stats.refused.Load(), InFlight: f.stats.inFlight.Load(),
		SetAside: f.stats.aside.Load(),
	}
	for i := range st.Errors {
		st.Errors[i] = f.stats.errors[i].Load()
	}
	if at := f.stats.success.Load(); at != 0 {
		st.LastSuccess = time.Unix(0, at)
	}
	if text := f.stats.last.Load(); text != nil {
		st.LastError = *text
	}
	return st
}
