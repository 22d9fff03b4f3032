package overhead

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Service is one process of a variant.
type Service struct {
	Name string
	PID  int
}

// Variant is a set of services that differs from the others in how it is traced.
type Variant struct {
	Name     string
	Services []Service
	Shots    map[string]Shot // by what is measured
}

// Plan says what is measured.
type Plan struct {
	Variants []Variant // the first is what the others are held against
	Kinds    []Kind
	Rounds   int
	For      time.Duration // of each load
	Say      func(string)  // what is going on
}

// Kind is something that is measured, at several rates.
type Kind struct {
	Name     string
	Rates    []float64 // of shots per second
	Requests float64   // per shot, for what the table says of the rate
}

// Row is one line of the table: the medians over the rounds.
type Row struct {
	Kind     string
	Rate     float64 // requests per second that were asked for
	Variant  string
	P50, P99 time.Duration
	Got      float64            // requests per second that were answered
	CPU      map[string]float64 // by service: percent of one core
	RSS      map[string]int64   // by service: bytes, at the end of the load
	Failed   int                // of all rounds
}

// reading is one round of one row.
type reading struct {
	result Result
	cpu    map[string]float64
	rss    map[string]int64
}

// Run measures, variant by variant in turns.
func (p Plan) Run(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, kind := range p.Kinds {
		for _, rate := range kind.Rates {
			readings := make([][]reading, len(p.Variants))
			for round := range p.Rounds {
				for offset := range p.Variants {
					i := (round + offset) % len(p.Variants) // nobody is always first
					p.Say(fmt.Sprintf("%s at %g/s, round %d of %d: %s", kind.Name, rate*kind.Requests, round+1, p.Rounds, p.Variants[i].Name))
					got, err := p.read(ctx, p.Variants[i], kind, rate)
					if err != nil {
						return rows, err
					}
					readings[i] = append(readings[i], got)
				}
			}
			for i, v := range p.Variants {
				rows = append(rows, summarise(kind, rate, v, readings[i]))
			}
		}
	}
	return rows, nil
}

func (p Plan) read(ctx context.Context, v Variant, kind Kind, rate float64) (reading, error) {
	before, err := times(v)
	if err != nil {
		return reading{}, err
	}
	r := reading{result: Load{rate, p.For}.Fire(ctx, v.Shots[kind.Name]), cpu: map[string]float64{}, rss: map[string]int64{}}
	after, err := times(v)
	if err != nil {
		return r, err
	}
	for _, s := range v.Services {
		r.cpu[s.Name] = 100 * float64(after[s.Name]-before[s.Name]) / float64(r.result.Took)
		if r.rss[s.Name], err = RSS(s.PID); err != nil {
			return r, err
		}
	}
	if len(r.result.Latencies) == 0 {
		return r, fmt.Errorf("%s at %g/s: nothing succeeded: %w", kind.Name, rate, r.result.First)
	}
	return r, ctx.Err()
}

func times(v Variant) (map[string]time.Duration, error) {
	all := map[string]time.Duration{}
	for _, s := range v.Services {
		used, err := CPU(s.PID)
		if err != nil {
			return nil, err
		}
		all[s.Name] = used
	}
	return all, nil
}

func summarise(kind Kind, rate float64, v Variant, readings []reading) Row {
	row := Row{Kind: kind.Name, Rate: rate * kind.Requests, Variant: v.Name, CPU: map[string]float64{}, RSS: map[string]int64{}}
	for _, r := range readings {
		row.Failed += r.result.Failed
	}
	row.P50 = medianOf(readings, func(r reading) time.Duration { return r.result.Quantile(0.50) })
	row.P99 = medianOf(readings, func(r reading) time.Duration { return r.result.Quantile(0.99) })
	row.Got = medianOf(readings, func(r reading) float64 { return float64(r.result.Requests) / r.result.Took.Seconds() })
	for _, s := range v.Services {
		row.CPU[s.Name] = medianOf(readings, func(r reading) float64 { return r.cpu[s.Name] })
		row.RSS[s.Name] = medianOf(readings, func(r reading) int64 { return r.rss[s.Name] })
	}
	return row
}

func medianOf[T cmp.Ordered](readings []reading, of func(reading) T) T {
	all := make([]T, len(readings))
	for i, r := range readings {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
