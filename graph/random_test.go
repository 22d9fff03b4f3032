package graph

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roentgen/roentgen"
)

// noon is when the random traces of this room start, or some days later.
var noon = roentgen.At(time.Date(2026, 2, 25, 12, 0, 0, 0, time.UTC))

// randomRows draws the rows of one trace: a few of a few services, and between
// them anything that rows can say.
type randomRows struct {
	*rand.Rand
	services int
	start    func() roentgen.Time
	wild     bool // now and then a duration is to the nanosecond, or takes days
}

func (r *randomRows) service() roentgen.ServiceID {
	n := r.IntN(r.services)
	return roentgen.ServiceID{Name: fmt.Sprint("service-", n), Type: []string{"", "remote", "client"}[n%3]}
}

func (r *randomRows) draw() *roentgen.Rows {
	rows := &roentgen.Rows{Summary: &roentgen.Summary{Start: r.start()}}
	there := map[roentgen.ServiceID]bool{}
	for range 1 + r.IntN(6) {
		if id := r.service(); !there[id] {
			there[id] = true
			rows.Nodes = append(rows.Nodes, roentgen.NodeRow{ServiceID: id, Names: r.names(), Root: r.IntN(4) == 0, Inferred: r.IntN(3) > 0})
		}
	}
	linked := map[[2]int]bool{}
	for range r.IntN(8) {
		if ends := [2]int{r.IntN(len(rows.Nodes)), r.IntN(len(rows.Nodes))}; !linked[ends] {
			linked[ends] = true
			rows.Edges = append(rows.Edges, roentgen.EdgeRow{Source: &rows.Nodes[ends[0]], Destination: &rows.Nodes[ends[1]]})
		}
	}
	for range r.IntN(8) {
		rows.Segments = append(rows.Segments, r.segment(rows))
	}
	for range r.IntN(8) * min(1, len(rows.Edges)) {
		rows.Calls = append(rows.Calls, r.call(rows))
	}
	keep(rows)
	return rows
}

// keep says why the trace of rows was kept: half of them stand for others.
func keep(rows *roentgen.Rows) {
	n := scatter(uint64(rows.Summary.Start) ^ uint64(len(rows.Segments)))
	binary.BigEndian.PutUint64(rows.Summary.Trace[:], n)
	rows.Summary.Keep = roentgen.Keep{Reason: roentgen.KeepReason(n % 4), Probability: []float64{0, 0.05, 0.3, 1}[n>>8%4]}
	if n>>16%2 == 0 {
		rows.Summary.Keep.Reason = roentgen.KeepHead
	}
}

func (r *randomRows) names() (out []string) {
	for range r.IntN(8) / 6 {
		out = append(out, fmt.Sprint("name-", r.IntN(3)))
	}
	return out
}

func (r *randomRows) flags() roentgen.Flags {
	return roentgen.Flags{Error: r.IntN(3) == 0, Throttle: r.IntN(6) == 0, Fault: r.IntN(4) == 0}
}

// duration is unknown now and then.
func (r *randomRows) duration() roentgen.Number {
	if r.wild && r.IntN(10) == 0 {
		return roentgen.Seconds(time.Duration(r.Int64N(int64(2*longest))>>r.IntN(50)), true)
	}
	return roentgen.Seconds(time.Duration(r.IntN(1e6))*time.Microsecond, r.IntN(5) > 0)
}

func (r *randomRows) segment(rows *roentgen.Rows) roentgen.SegmentRow {
	s := roentgen.SegmentRow{Node: &rows.Nodes[r.IntN(len(rows.Nodes))], Flags: r.flags(), Start: rows.Summary.Start, Duration: r.duration()}
	if r.IntN(10) == 0 {
		s.Node = nil
	}
	if r.IntN(2) == 0 {
		s.Last = s.Start + roentgen.Time(r.IntN(1e9))
	}
	return s
}

func (r *randomRows) call(rows *roentgen.Rows) roentgen.CallRow {
	c := roentgen.CallRow{EdgeRow: rows.Edges[r.IntN(len(rows.Edges))], Flags: r.flags(), Duration: r.duration()}
	if r.IntN(3) == 0 {
		c.Alias = r.service()
	}
	if c.Link = r.IntN(6) == 0; c.Link {
		c.Age = r.duration()
	}
	if r.IntN(10) == 0 {
		c.Source = nil
	}
	return c
}
