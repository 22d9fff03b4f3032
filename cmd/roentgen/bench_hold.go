package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen/bench"
)

// lowest is the rate in spans a second at which the search begins.
const lowest = 2000

// hold looks for the highest rate, door by door.
func (b *bencher) hold(ctx context.Context) error {
	for _, d := range b.doors {
		capacity, err := b.holdOne(ctx, d)
		if err != nil {
			return err
		}
		if b.json {
			err = json.NewEncoder(b.c.OutOrStdout()).Encode(capacity)
		} else {
			err = b.printCapacity(capacity)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bencher) holdOne(ctx context.Context, d bench.Door) (out *bench.Capacity, err error) {
	h := b.search(d)
	if b.running != nil {
		return h.Run(ctx, b.running)
	}
	err = b.inDirectory(func(dir string) error {
		p, err := b.program(dir, d)
		if err != nil {
			return err
		}
		s, err := bench.Start(ctx, p)
		if err != nil {
			return err
		}
		out, err = h.Run(ctx, &bench.Target{Doorways: s.Doorways, Process: s.Process, Data: dir + "/data"})
		_, _, stopErr := s.Stop(ctx, time.Minute)
		return errors.Join(err, stopErr)
	})
	return out, err
}

func (b *bencher) search(d bench.Door) *bench.Hold {
	f := b.c.Flags()
	p99, _ := f.GetDuration("p99")
	step, _ := f.GetDuration("step")
	atMost, _ := f.GetDuration("for")
	trial := b.trial
	trial.Door = d
	trial.Pace.Patience = p99
	return &bench.Hold{
		Search: bench.Search{From: lowest, Bound: p99, Finer: 1.1, AtMost: atMost, Now: b.w.now},
		Trial:  trial, Step: step,
	}
}

func (b *bencher) printCapacity(c *bench.Capacity) error {
	s, err := newScreen(b.c, b.w)
	if err != nil {
		return err
	}
	t := table{columns: []column{{title: "SPANS/S", right: true}, {title: "TAKEN", right: true}, {title: "P50", right: true}, {title: "P99", right: true}, {title: "", least: 20}}}
	for _, a := range c.Attempts {
		verdict, colour := "held", plain
		if a.Why != "" {
			verdict, colour = a.Why, errs
		}
		t.add(cell{text: fmt.Sprintf("%.0f", a.Rate)}, cell{text: fmt.Sprintf("%.0f", a.Taken)},
			cell{text: spokenLatency(a.P50)}, cell{text: spokenLatency(a.P99)}, cell{verdict, colour})
	}
	t.print(s)
	fmt.Fprintln(s.w)
	for _, line := range capacityText(c) {
		fmt.Fprintln(s.w, line)
	}
	return nil
}

// spokenLatency is a dash where nobody answers.
func spokenLatency(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return spokenSeconds(d.Seconds())
}

// capacityText says in words what the machine can hold.
func capacityText(c *bench.Capacity) []string {
	if c.Best == nil {
		return []string{fmt.Sprintf("Not even %d spans a second were held through %s: %s.", lowest, c.Door, c.Attempts[len(c.Attempts)-1].Why)}
	}
	perDay := c.PerDay()
	lines := []string{fmt.Sprintf("Through %s this machine holds %.0f spans a second, which is %.0f traces of %d: %s spans a day.",
		c.Door, c.Best.Taken, c.Best.Taken/bench.SpansPerTrace, bench.SpansPerTrace, spokenCount(perDay))}
	if cpu, ok := c.Figures.Get("cpu_s_per_m_spans"); ok {
		lines = append(lines, fmt.Sprintf("The server takes %.1f s of processor time for a million spans, and took %.0f MB of memory at most.", cpu, figure(c, "peak_rss_mb")))
	}
	if days, ok := c.Days(); ok {
		perSpan := figure(c, "disk_bytes_per_span")
		lines = append(lines, fmt.Sprintf("A span takes %.0f bytes on disk, a day at that rate %s; the %s that are free fit %s, and %s at a tenth of the rate.",
			perSpan, spokenBytes(perSpan*perDay), spokenBytes(float64(c.Free)), spokenDays(days), spokenDays(10*days)))
	}
	return lines
}

func figure(c *bench.Capacity, key string) float64 {
	x, _ := c.Figures.Get(key)
	return x
}

func spokenCount(n float64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f billion", n/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f million", n/1e6)
	}
	return fmt.Sprintf("%.0f", n)
}

func spokenBytes(n float64) string {
	switch {
	case n >= 1e12:
		return fmt.Sprintf("%.1f TB", n/1e12)
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", n/1e9)
	}
	return fmt.Sprintf("%.0f MB", n/1e6)
}

func spokenDays(days float64) string {
	if days < 2 {
		return fmt.Sprintf("%.1f hours", 24*days)
	}
	return fmt.Sprintf("%.1f days", days)
}
