package accept

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Sum is what became of the documents of one door since the program started:
// Received is the sum of Settled, and of what is on its way or waits.
type Sum struct {
	Door     string
	Received int64
	Settled  map[string]int64 // by outcome: a roentgen.Outcome, rejected, lost
	Rejected map[string]int64 // those of Settled, by code
	Lost     map[string]int64 // those of Settled, by cause
}

// Sums returns the sum of each door that something came through, by door, and
// how many documents wait for their verdict. They are the
// figures of the metrics.
func (a *Acceptor) Sums() (doors []Sum, waiting int64) {
	byDoor := map[string]*Sum{}
	sum := func(l labels) *Sum {
		s := byDoor[l["door"]]
		if s == nil {
			s = &Sum{Door: l["door"], Settled: map[string]int64{}, Rejected: map[string]int64{}, Lost: map[string]int64{}}
			byDoor[s.Door] = s
		}
		return s
	}
	// In this order: a document that comes in between is on its way, and never one
	// too many.
	read(a.metrics.settled, func(l labels, n int64) { sum(l).Settled[l["outcome"]] = n })
	read(a.metrics.rejected, func(l labels, n int64) { sum(l).Rejected[l["code"]] = n })
	read(a.metrics.lost, func(l labels, n int64) { sum(l).Lost[l["cause"]] = n })
	read(a.metrics.waiting, func(_ labels, n int64) { waiting = n })
	read(a.metrics.received, func(l labels, n int64) { sum(l).Received = n })
	for _, door := range slices.Sorted(maps.Keys(byDoor)) {
		doors = append(doors, *byDoor[door])
	}
	return doors, waiting
}

type labels map[string]string

// read calls fn for each series of c.
func read(c prometheus.Collector, fn func(labels, int64)) {
	series := make(chan prometheus.Metric)
	go func() { // ends with the last series, which is read below
		c.Collect(series)
		close(series)
	}()
	for m := range series {
		var out dto.Metric
		if m.Write(&out) != nil {
			continue // a counter always can
		}
		l := labels{}
		for _, p := range out.GetLabel() {
			l[p.GetName()] = p.GetValue()
		}
		fn(l, int64(out.GetCounter().GetValue()+out.GetGauge().GetValue()))
	}
}
