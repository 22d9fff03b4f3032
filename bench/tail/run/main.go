// The program run measures whether failing traces are kept whole, and what agents cost; see docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/bench/tail"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "tail" && args[0] != "agent" {
		return errors.New("say what to measure: tail (whether failing traces are kept whole), or agent (what an agent costs); -help after it lists the flags")
	}
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	roentgen := f.String("roentgen", "bin/roentgen", "the program under test")
	dir := f.String("dir", "", "directory on the disk to measure (default where temporary files stand)")
	seed := f.Uint64("seed", 1, "of the load")
	short := f.Bool("short", false, "some minutes, for trying")
	keep := f.Bool("keep", false, "leave the directory with the logs")
	t := tailFlags(f)
	a := agentFlags(f)
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	on, err := os.MkdirTemp(*dir, "roentgen-bench-*")
	if err != nil {
		return fmt.Errorf("make a directory for the run (-dir): %w", err)
	}
	p := tail.Program{Roentgen: *roentgen, Dir: on, Keep: *keep}
	if args[0] == "tail" {
		err = t.run(ctx, p, *seed, *short)
	} else {
		err = a.run(ctx, p, *seed, *short)
	}
	if *keep || err != nil {
		return errors.Join(err, say("logs and data are left in %s", on))
	}
	return os.RemoveAll(on)
}

func say(format string, args ...any) error {
	_, err := fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
	return err
}

func sayQuietly(format string, args ...any) { say(format, args...) } // nobody can be told that telling fails

type tailOptions struct {
	collector                                     *string
	rate                                          *float64
	ring                                          *int64
	redact                                        *bool
	warm, rare, one, five, storm, faults, compare *time.Duration
	kills                                         *int
	faulty                                        *float64
}

func tailFlags(f *flag.FlagSet) *tailOptions {
	return &tailOptions{
		collector: f.String("collector", "", "tail: OpenTelemetry's Collector (bench/peers/collector), to compare with"),
		rate:      f.Float64("rate", 8000, "tail: documents a second"),
		ring:      f.Int64("ring-bytes", 20<<20, "tail: of each agent; its size makes the horizon"),
		redact:    f.Bool("redact", false, "tail: agents redact (documents of the load hold nothing to redact)"),
		warm:      f.Duration("warm", 20*time.Second, "tail: before anything is measured"),
		rare:      f.Duration("rare", time.Minute, "tail: phases of 0.01 % and of 0.1 % failing traces, each"),
		one:       f.Duration("one", 200*time.Second, "tail: phase of 1 %"),
		five:      f.Duration("five", time.Minute, "tail: phase of 5 %"),
		storm:     f.Duration("storm", time.Minute, "tail: phase of 50 %"),
		faults:    f.Duration("faults", 3*time.Minute, "tail: phase of 1 % in which agents and server are killed, parted, frozen and filled"),
		faulty:    f.Float64("faulty", 0.01, "tail: share of failing traces in the phase with faults"),
		kills:     f.Int("kills", 3, "tail: how many times an agent is killed, in the first sixth of the phase with faults"),
		compare:   f.Duration("compare", time.Minute, "tail: of each run that is compared with; 0: none"),
	}
}

func (o *tailOptions) run(ctx context.Context, p tail.Program, seed uint64, short bool) error {
	p.Collector, p.RingBytes, p.Redact = *o.collector, *o.ring, *o.redact
	if short {
		*o.warm, *o.rare, *o.one, *o.five, *o.storm, *o.faults = 8*time.Second, 5*time.Second, 20*time.Second, 10*time.Second, 10*time.Second, 72*time.Second
		*o.compare = min(*o.compare, 12*time.Second)
		*o.rate, p.RingBytes = min(*o.rate, 3000), min(p.RingBytes, 2<<20)
	}
	r, err := tail.Run(ctx, tail.Config{
		Program: p, Seed: seed, Rate: *o.rate, Hosts: 10, SpanHosts: 3, Sampled: 0.05, Largest: 1000, Warm: *o.warm, Compare: *o.compare, Kills: *o.kills, Say: sayQuietly,
		Phases: []tail.Phase{
			{Name: "0.01 %", For: *o.rare, Errors: 0.0001}, {Name: "0.1 %", For: *o.rare, Errors: 0.001}, {Name: "1 %", For: *o.one, Errors: 0.01},
			{Name: "5 %", For: *o.five, Errors: 0.05}, {Name: "storm, 50 %", For: *o.storm, Errors: 0.5}, {Name: fmt.Sprintf("%g %%, with faults", 100**o.faulty), For: *o.faults, Errors: *o.faulty},
		},
	})
	fmt.Print(r.Markdown()) // of an interrupted run what there is
	if err != nil {
		return err
	}
	if missed := r.Tail.Missed(); missed > 0 {
		return fmt.Errorf("%d failing traces of the base are not whole", missed)
	}
	return nil
}

type agentOptions struct {
	span, outage *time.Duration
	repeat       *int
	only         *string
}

func agentFlags(f *flag.FlagSet) *agentOptions {
	return &agentOptions{
		span:   f.Duration("for", 10*time.Second, "agent: how long each rate is offered"),
		outage: f.Duration("outage", time.Minute, "agent: how long the upstream fails"),
		repeat: f.Int("repeat", 1, "agent: times that each row is measured; the median counts"),
		only:   f.String("only", "", "agent: a regular expression; rows whose name and rate, as \"to Roentgen, all forwarded, 20000\", match it (default all)"),
	}
}

func (o *agentOptions) run(ctx context.Context, p tail.Program, seed uint64, short bool) error {
	rates := []float64{20_000, 50_000, 100_000}
	if short {
		*o.span, *o.outage, rates = 3*time.Second, 8*time.Second, []float64{20_000}
	}
	only, err := regexp.Compile(*o.only)
	if err != nil {
		return fmt.Errorf("read -only: %w", err)
	}
	if *o.repeat < 1 {
		return fmt.Errorf("-repeat %d: each row has to be measured once at least", *o.repeat)
	}
	r, err := tail.MeasureAgent(ctx, tail.CostConfig{Program: p, Seed: seed, Rates: rates, For: *o.span, Outage: *o.outage, Repeat: *o.repeat, Only: only, Say: sayQuietly})
	fmt.Print(r.Markdown())
	return err
}
