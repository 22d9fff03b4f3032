package tail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/roentgen/roentgen/bench"
)

// Config says what is measured. Every member has to be set.
type Config struct {
	Program
	Seed      uint64
	Rate      float64 // documents a second, over all hosts
	Hosts     int
	SpanHosts int     // of them, that send spans
	Sampled   float64 // by the head
	Largest   int     // segments of a trace
	Warm      time.Duration
	Phases    []Phase       // the last one is that of the faults
	Compare   time.Duration // of each run that is compared with
	Kills     int           // of agents, in the phase of the faults
	Say       func(format string, args ...any)

	horizon time.Duration // of the first run; the others are sent the same
}

// meanSegments is what shapes.size comes to on average; a test holds it.
const meanSegments = 3.9

// Run measures: the load with all that is done to it, then the same build keeping everything, head sampling at one in
// ten, and the Collector where there is one.
func Run(ctx context.Context, c Config) (*Report, error) {
	r := &Report{Config: c, Began: time.Now()}
	var err error
	if r.Before, err = measureSpeed(speedBytes, speedPasses); err != nil {
		return r, err
	}
	for _, s := range []struct {
		name string
		run  func(context.Context, Config) (*Outcome, error)
		into **Outcome
		skip bool
	}{
		{"tail", runTail, &r.Tail, false},
		{"everything", runEverything, &r.Everything, c.Compare == 0},
		{"head", runHead, &r.Head, c.Compare == 0},
		{"collector", runCollector, &r.Collector, c.Compare == 0 || c.Collector == ""},
	} {
		if s.skip {
			continue
		}
		c.Say("== %s", s.name)
		one := c
		one.Dir = filepath.Join(c.Dir, s.name)
		if err := os.Mkdir(one.Dir, 0o700); err != nil {
			return r, fmt.Errorf("make the directory of the run: %w", err)
		}
		o, err := s.run(ctx, one)
		if err != nil {
			return r, fmt.Errorf("run %q: %w", s.name, err)
		}
		*s.into = o
		// The others' late failures are reckoned by the Collector's wait, so that each is asked what it can do.
		c.horizon = min(r.Tail.Horizon, decisionWait)
		if c.Keep || s.into == &r.Tail && o.Missed() > 0 { // whoever looks for the cause needs it
			continue
		}
		if err := os.RemoveAll(one.Dir); err != nil {
			return r, fmt.Errorf("remove the data of the run: %w", err)
		}
	}
	r.Took = time.Since(r.Began)
	r.After, err = measureSpeed(speedBytes, speedPasses)
	return r, err
}

// Outcome is what one run came to.
type Outcome struct {
	Phases   []PhaseCost
	Whole    PhaseCost // from the first phase to when all was settled
	Begin    time.Time // of the load
	Verdicts []verdict
	Events   []event
	Hosts    []HostBook
	Kills    []killing
	Horizon  time.Duration // as the agents said when the load had run for a while
	Late     time.Duration // the most that the generator was late
	Lagged   int64         // segments that it sent more than 100 ms late
	Traces   int64
	Disk     int64        // bytes of the server's data directory
	Agent    bench.Memory // the most of any agent
	Server   bench.Memory
	Stored   int64         // documents that the server holds
	Own      time.Duration // processor time of generator and relays
}

// PhaseCost is what was spent in a while.
type PhaseCost struct {
	Phase
	Documents, Bytes    int64 // sent to the agents
	Left                int64 // bytes that left the hosts
	AgentCPU, ServerCPU time.Duration
}

// HostBook holds what was sent to an agent beside what it says of itself.
type HostBook struct {
	Sent, Received, Kernel, Away, Policy, Shed, Lost int64
	Known                                            int64 // of those away, by name
	Dropped                                          int64 // by the kernel, by its own word: in all lives of the agent
	Looked                                           bool  // the kernel was asked
	Spans                                            bool
	Failed                                           int64 // sends that failed at once
	Differs                                          float64
}

// meter reads the counters that phases are made of.
type meter struct {
	fleet *fleet
	book  *book
	left  func() int64 // nil: of the relays
	at    []PhaseCost  // running sums
}

func (m *meter) mark(p Phase) {
	t := m.book.total()
	c := PhaseCost{Phase: p, Documents: t.documents, Bytes: t.bytes, ServerCPU: m.fleet.server.cpu()}
	for _, a := range m.fleet.agents {
		c.AgentCPU += a.cpu()
	}
	for _, r := range m.fleet.relays {
		c.Left += r.up.Load()
	}
	if m.left != nil {
		c.Left = m.left()
	}
	m.at = append(m.at, c)
}

// costs are the differences between marks.
func (m *meter) costs() (out []PhaseCost) {
	for i := 1; i < len(m.at); i++ {
		out = append(out, m.at[i].minus(m.at[i-1]))
	}
	return out
}

// minus is the cost between two marks, under the name of the first.
func (c PhaseCost) minus(before PhaseCost) PhaseCost {
	return PhaseCost{before.Phase, c.Documents - before.Documents, c.Bytes - before.Bytes, c.Left - before.Left,
		c.AgentCPU - before.AgentCPU, c.ServerCPU - before.ServerCPU}
}

// load is one run of the generator against a fleet.
type load struct {
	Config
	fleet     *fleet
	generator *generator
	watch     *watcher
	faults    *faults
	meter     *meter
	own       time.Duration // processor time of this process before
}

func (c Config) newLoad(ctx context.Context, f *fleet) (*load, error) {
	own, err := bench.OwnCPU()
	if err != nil {
		return nil, err
	}
	l := &load{Config: c, fleet: f, own: own}
	b := newBook(c.Hosts)
	l.generator = &generator{rate: c.Rate / meanSegments, book: b,
		shapes: &shapes{Rand: chance(c.Seed, 1), mix: Mix{Sampled: c.Sampled, Hosts: c.Hosts, Largest: c.Largest}}}
	roots, others := documentTemplates(chance(c.Seed, 4))
	for host := range c.Hosts {
		seed := c.Seed ^ uint64(host)<<32
		if f.spans[host] {
			l.generator.senders = append(l.generator.senders, newExporter(ctx, f.otlp[host], host, b.unread, seed, nil))
			continue
		}
		d, err := newDatagrams(ctx, f.udp[host], host, b.unread, roots, others, seed)
		if err != nil {
			return l, err
		}
		l.generator.senders = append(l.generator.senders, d)
	}
	looks := append([]*program{f.server}, f.agents...)
	l.watch = newWatcher(f.metrics, looks)
	l.faults = &faults{fleet: f, book: b, begin: time.Now(), kills: c.Kills, Rand: chance(c.Seed, 6)}
	l.meter = &meter{fleet: f, book: b}
	return l, nil
}

func (l *load) close() {
	for _, s := range l.generator.senders {
		s.close()
	}
}

// run runs warm-up, phases and what follows, with the watcher beside, and waits until everything has arrived.
func (l *load) run(ctx context.Context, faultPhase int) error {
	watching, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { l.watch.run(watching) })
	defer beside.Wait()
	defer stop()
	l.faults.begin = time.Now()
	faulting := make(chan error, 1)
	faultsRun := false
	phases := append([]Phase{{Name: "warm-up", For: l.Warm}}, l.Phases...)
	l.generator.onPhase = func(i int) {
		p := Phase{Name: "after"}
		if i < len(phases) {
			p = phases[i]
		}
		l.Say("phase %s, %s", p.Name, p.For)
		l.meter.mark(p)
		if i == 1 {
			l.generator.shapes.mix.Horizon = l.horizon()
			l.Say("the horizon is %s", l.generator.shapes.mix.Horizon.Round(time.Second))
		}
		if faultPhase > 0 && i == faultPhase {
			faultsRun = true
			beside.Go(func() { faulting <- l.faults.run(ctx, p.For) })
		}
	}
	if err := l.generator.run(ctx, phases, 5*time.Second); err != nil {
		return err
	}
	if faultsRun {
		if err := <-faulting; err != nil {
			return err
		}
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	l.meter.mark(Phase{Name: "settled"})
	return nil
}

// longestHorizon bounds how late a trace fails, and with it how long a run takes: an empty ring says an hour.
const longestHorizon = 90 * time.Second

// horizon is the median of what the agents say, or what they said in the run before.
func (l *load) horizon() time.Duration {
	if l.Config.horizon > 0 {
		return l.Config.horizon
	}
	var all []time.Duration
	for host := range l.fleet.agents {
		all = append(all, l.watch.horizonAt(host, time.Now().UnixNano()))
	}
	return min(median(all), longestHorizon)
}

// settle waits until no agent has anything left to send and the server's documents stay as many, at most two minutes.
func (l *load) settle(ctx context.Context) error {
	limit := time.Now().Add(2 * time.Minute)
	same, last := 0, int64(-1)
	for same < 4 && time.Now().Before(limit) {
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		now, err := l.stored(ctx)
		if err != nil {
			return err
		}
		waiting := 0.0
		for _, url := range l.fleet.metrics {
			v, err := readView(ctx, url)
			if err != nil {
				return err
			}
			waiting += v.waiting
		}
		if same++; now != last || waiting > 0 {
			same = 0
		}
		last = now
	}
	return nil
}

// stored is how many documents the server holds.
func (l *load) stored(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	held, err := (&bench.Target{Doorways: bench.Doorways{HTTP: l.fleet.api}}).Held(ctx)
	return held.Documents, err
}

// outcome gathers what there is to tell, asks for every failing trace, and judges.
func (l *load) outcome(ctx context.Context) (*Outcome, error) {
	g := l.generator
	o := &Outcome{Begin: l.faults.begin, Phases: l.meter.costs(), Horizon: g.shapes.mix.Horizon, Late: g.late, Lagged: g.lagged, Traces: g.traces, Events: l.faults.events}
	if n := len(l.meter.at); n > 1 {
		o.Whole = l.meter.at[n-1].minus(l.meter.at[min(1, n-1)])
	}
	var err error
	if o.Stored, err = l.stored(ctx); err != nil {
		return o, err
	}
	if o.Disk, err = bench.Allocated(filepath.Join(l.Dir, "server")); err != nil {
		return o, err
	}
	if o.Own, err = bench.OwnCPU(); err != nil {
		return o, err
	}
	o.Own -= l.own
	for _, a := range l.fleet.agents {
		m := a.memory()
		o.Agent.Highest, o.Agent.Anonymous = max(o.Agent.Highest, m.Highest), max(o.Agent.Anonymous, m.Anonymous)
	}
	o.Server = l.fleet.server.memory()
	if o.Hosts, err = l.hostBooks(ctx); err != nil {
		return o, err
	}
	l.Say("asking the server for %d failing traces", len(g.book.failing))
	r := newReader(l.fleet.api)
	defer r.close()
	results, err := r.readBack(ctx, g.book.failing)
	if err != nil {
		return o, err
	}
	l.faults.unread(func(host int) int64 { return o.Hosts[host].Away - o.Hosts[host].Known })
	o.Kills = l.faults.killed
	j := &judge{watch: l.watch, unread: g.book.unread, frozen: l.faults.frozen, outages: l.faults.outages, cuts: l.faults.cuts}
	for i, e := range g.book.failing {
		o.Verdicts = append(o.Verdicts, j.judge(e, results[i]))
	}
	return o, nil
}

func (l *load) hostBooks(ctx context.Context) (out []HostBook, err error) {
	for host, sum := range l.generator.book.sums() {
		if host >= len(l.fleet.metrics) {
			break // there is no agent
		}
		v, err := readView(ctx, l.fleet.metrics[host])
		if err != nil {
			return out, err
		}
		b := HostBook{Sent: sum.documents, Received: int64(v.received), Kernel: int64(v.kernel), Policy: int64(v.policy), Shed: int64(v.shed),
			Spans: l.fleet.spans[host], Differs: v.differs, Failed: l.generator.senders[host].trouble()}
		for _, n := range v.lost {
			b.Lost += int64(n)
		}
		b.Away, b.Known = b.Sent-b.Received-b.Kernel, l.generator.book.unread.count(host)
		b.Dropped, b.Looked = l.faults.dropped(host)
		out = append(out, b)
	}
	return out, nil
}

// runTail is the load that all this is about.
func runTail(ctx context.Context, c Config) (o *Outcome, err error) {
	f, err := startFleet(ctx, c.Program, c.Hosts, c.SpanHosts, c.Sampled, c.Say)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	l, err := c.newLoad(ctx, f)
	if err != nil {
		return nil, err
	}
	defer l.close()
	if err := l.run(ctx, len(c.Phases)); err != nil {
		return nil, err
	}
	return l.outcome(ctx)
}
