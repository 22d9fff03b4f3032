package graph

import (
	"cmp"
	"time"

	"github.com/roentgen/roentgen"
)

// findCauses finds why the trace failed and what took its time. AWS documents
// the shape of root causes and not the way to them; these follow what others
// have observed of X-Ray.
func (f *folder) findCauses() {
	f.rows.ResponseTimeCauses = f.slowness()
	if !f.failed.Fault && !f.failed.Error {
		return
	}
	order := f.descend()
	thrown := f.exceptions()
	isFault, isError := roentgen.Flags{Fault: true}, roentgen.Flags{Error: true}
	f.rows.FaultCauses = f.failures(isFault, order, thrown)
	f.rows.ErrorCauses = f.failures(isError, order, thrown)
}

// path is a way down through the trace, on the way to becoming a CauseRow.
type path struct {
	f        *folder
	rows     []roentgen.CauseServiceRow
	entities []roentgen.CauseEntityRow // of all rows, one behind the other
	first    int                       // entity of the last row
}

// add goes to entity i. Whoever enters another segment enters another service.
func (p *path) add(i int32, row roentgen.CauseEntityRow) {
	e := &p.f.entities[i]
	if e.owner == none {
		return // which service did it is not known
	}
	if e.service || len(p.rows) == 0 {
		p.enter(p.f.entities[e.owner].at.node)
	}
	row.Name, row.Remote = e.s.Name, e.isCall()
	p.put(row)
}

// put puts an entity into the last row. Should that move them all, those of the
// rows before stand where they were as well.
func (p *path) put(row roentgen.CauseEntityRow) {
	p.entities = append(p.entities, row)
	p.rows[len(p.rows)-1].Entities = p.entities[p.first:len(p.entities):len(p.entities)]
}

// end goes on from call i to the inferred node that it called.
func (p *path) end(i int32, row roentgen.CauseEntityRow) {
	node := p.f.entities[i].at.node
	p.enter(node)
	row.Name = p.f.nodes.rows[node].Name
	p.put(row)
}

func (p *path) enter(node int32) {
	n := &p.f.nodes.rows[node]
	p.first = len(p.entities)
	p.rows = append(p.rows, roentgen.CauseServiceRow{ServiceID: n.ServiceID, Names: n.Names, Inferred: n.Inferred})
}

// slowness finds what took the root's time: from the root the longest child,
// as long as that took more than half of the root's time. A root that is its
// own parent by some way, which a summary of this trace does not name, ends it
// when all entities have been passed.
func (f *folder) slowness() []roentgen.CauseRow {
	root := f.root()
	if root == none || f.took(root) == 0 {
		return nil
	}
	whole, p := f.took(root), path{f: f, rows: f.slow.services[:0], entities: f.slow.entities[:0]}
	for i, n := f.longest(root), len(f.entities); i != none && 2*f.took(i) > whole && n > 0; i, n = f.longest(i), n-1 {
		if len(p.rows) == 0 {
			p.add(root, roentgen.CauseEntityRow{Coverage: roentgen.Known(1)})
		}
		share := roentgen.CauseEntityRow{Coverage: roentgen.Known(min(1, float64(f.took(i))/float64(whole)))}
		p.add(i, share)
		if f.entities[i].inferred() {
			p.end(i, share)
			break
		}
	}
	f.slow.services, f.slow.entities = p.rows, p.entities
	if len(p.rows) == 0 {
		return nil
	}
	f.slow.cause = append(f.slow.cause[:0], roentgen.CauseRow{ClientImpacting: true, Services: p.rows})
	return f.slow.cause
}

// took returns the duration; 0 while it is in progress.
func (f *folder) took(i int32) time.Duration {
	s := f.entities[i].s
	return max(0, s.End.Sub(s.Start))
}

// longest returns the child of i that took longest; none while none is over.
func (f *folder) longest(i int32) int32 {
	best := none
	for j := f.entities[i].child; j != none; j = f.entities[j].next {
		if f.entities[j].s.InProgress {
			continue
		}
		if best == none || cmp.Or(cmp.Compare(f.took(best), f.took(j)), f.compare(j, best)) < 0 {
			best = j
		}
	}
	return best
}
