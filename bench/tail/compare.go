package tail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// compared is the load of the runs that are compared with: failing traces at 1 %, nothing done to anybody.
func (c Config) compared() Config {
	c.Phases = []Phase{{Name: "1 %", For: c.Compare, Errors: 0.01}}
	c.Warm = min(c.Warm, 10*time.Second)
	return c
}

// runEverything is the same build with a head that samples every trace.
func runEverything(ctx context.Context, c Config) (*Outcome, error) {
	c = c.compared()
	c.Sampled = 1
	return c.plain(ctx, nil)
}

// headRate is that of head sampling.
const headRate = 0.1

// runHead samples one trace in ten at the head; of the others nothing is sent.
func runHead(ctx context.Context, c Config) (*Outcome, error) {
	c = c.compared()
	c.Sampled = headRate
	return c.plain(ctx, func(r *request) bool { return !r.sampled })
}

func (c Config) plain(ctx context.Context, skip func(*request) bool) (o *Outcome, err error) {
	f, err := startFleet(ctx, c.Program, c.Hosts, c.SpanHosts, 1, c.Say)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	l, err := c.newLoad(ctx, f)
	if err != nil {
		return nil, err
	}
	defer l.close()
	l.generator.skip = skip
	if err := l.run(ctx, 0); err != nil {
		return nil, err
	}
	return l.outcome(ctx)
}

// decisionWait is how long the Collector gathers a trace before it decides.
const decisionWait = 30 * time.Second

// runCollector sends all as spans to one Collector that samples at the tail and sends on to the server, as its documentation has it:
// every span of a trace has to come to one place.
func runCollector(ctx context.Context, c Config) (o *Outcome, err error) {
	c = c.compared()
	f := &fleet{dir: c.Dir, say: c.Say}
	defer func() { err = errors.Join(err, f.close()) }()
	if err := f.startServer(ctx, c.Program); err != nil {
		return nil, err
	}
	free, err := freeAddresses(ctx, "127.0.0.1", 1)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(c.Dir, "collector.yaml")
	if err := os.WriteFile(config, []byte(collectorText(free[0], f.otlp[0], c)), 0o600); err != nil {
		return nil, fmt.Errorf("write the collector's configuration: %w", err)
	}
	p := &program{name: "the collector", path: c.Collector, args: []string{config}, env: plainEnv(), log: filepath.Join(c.Dir, "collector.log"),
		listens: free[0]}
	f.agents = []*program{p}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	var left atomic.Int64
	f.spans, f.udp = make([]bool, c.Hosts), make([]string, c.Hosts)
	f.otlp = nil
	for host := range c.Hosts {
		f.spans[host] = true
		f.otlp = append(f.otlp, "http://"+free[0])
	}
	l, err := c.newLoad(ctx, f)
	if err != nil {
		return nil, err
	}
	defer l.close()
	for _, s := range l.generator.senders {
		s.(*exporter).sent = &left
	}
	l.meter.left = left.Load
	if err := l.runAtCollector(ctx); err != nil {
		return nil, err
	}
	return l.outcome(ctx)
}

// runAtCollector is run without agents: nobody says what waits, so that it waits for the Collector's own while.
func (l *load) runAtCollector(ctx context.Context) error {
	phases := append([]Phase{{Name: "warm-up", For: l.Warm}}, l.Phases...)
	l.generator.shapes.mix.Horizon = l.Config.horizon
	l.faults.begin = time.Now()
	l.generator.onPhase = func(i int) {
		p := Phase{Name: "after"}
		if i < len(phases) {
			p = phases[i]
		}
		l.Say("phase %s, %s", p.Name, p.For)
		l.meter.mark(p)
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() { defer close(done); l.watch.run(watching) }()
	defer func() { stop(); <-done }()
	if err := l.generator.run(ctx, phases, 5*time.Second); err != nil {
		return err
	}
	if err := sleep(ctx, decisionWait+15*time.Second); err != nil {
		return err
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	l.meter.mark(Phase{Name: "settled"})
	return nil
}

// collectorText is the Collector's configuration: status codes and a share at random, room for all traces of its wait.
func collectorText(listen, server string, c Config) string {
	traces := int(c.Rate/meanSegments*(decisionWait.Seconds()+20)) + 1000
	return fmt.Sprintf(`receivers:
  otlp:
    protocols:
      http:
        endpoint: %s
processors:
  tail_sampling:
    decision_wait: %s
    num_traces: %d
    expected_new_traces_per_sec: %d
    decision_cache:
      sampled_cache_size: %d
      non_sampled_cache_size: %d
    policies:
      - name: failing
        type: status_code
        status_code: {status_codes: [ERROR]}
      - name: baseline
        type: probabilistic
        probabilistic: {sampling_percentage: %g}
exporters:
  otlphttp:
    endpoint: %s
    tls: {insecure: true}
service:
  telemetry:
    {}
  pipelines:
    traces:
      receivers: [otlp]
      processors: [tail_sampling]
      exporters: [otlphttp]
`, listen, decisionWait, traces, int(c.Rate/meanSegments), 4*traces, 4*traces, 100*c.Sampled, server)
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}
