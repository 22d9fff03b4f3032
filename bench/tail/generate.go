package tail

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"time"
)

// Phase is a while in which the same happens.
type Phase struct {
	Name   string
	For    time.Duration
	Errors float64 // share of failing traces
}

// generator sends requests, each segment when it ends, whatever becomes of those before: an open loop. One goroutine runs it.
type generator struct {
	shapes  *shapes
	rate    float64 // traces a second
	senders []sender
	book    *book
	skip    func(r *request) bool // requests that the SDK does not even send; nil: none
	onPhase func(i int)           // called when a phase begins

	due    dueHeap
	late   time.Duration // the most that a segment was late
	lagged int64         // segments that were sent more than 100 ms late
	traces int64
}

// duePart is a segment that is to be sent.
type duePart struct {
	at      int64
	request *request
	part    int
	entry   *entry
}

type dueHeap []duePart

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(duePart)) }
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// run goes through the phases, then sends on, without failures, until every segment of a failing trace was sent and
// another while of after has passed.
func (g *generator) run(ctx context.Context, phases []Phase, after time.Duration) error {
	begin := time.Now()
	for i, p := range phases {
		if g.onPhase != nil {
			g.onPhase(i)
		}
		g.shapes.mix.Errors = p.Errors
		end := begin.Add(p.For)
		if err := g.until(ctx, begin, end, i); err != nil {
			return err
		}
		begin = end
	}
	if g.onPhase != nil {
		g.onPhase(len(phases))
	}
	g.shapes.mix.Errors = 0
	if err := g.until(ctx, begin, begin.Add(after), len(phases)); err != nil {
		return err
	}
	return g.drain(ctx)
}

// until begins requests from one moment to the next and sends what becomes due.
func (g *generator) until(ctx context.Context, from, to time.Time, phase int) error {
	next := from
	for {
		now := time.Now()
		for !next.After(now) && next.Before(to) {
			g.begin(next, phase)
			next = next.Add(g.gap())
		}
		g.sendDue(now)
		if !now.Before(to) {
			return nil
		}
		if err := pause(ctx, now); err != nil {
			return err
		}
	}
}

// drain sends what is still under way.
func (g *generator) drain(ctx context.Context) error {
	for g.due.Len() > 0 {
		now := time.Now()
		g.sendDue(now)
		if err := pause(ctx, now); err != nil {
			return err
		}
	}
	for _, s := range g.senders {
		s.flush()
	}
	return nil
}

// step is how often the generator looks what is due.
const step = 2 * time.Millisecond

func pause(ctx context.Context, since time.Time) error {
	if rest := step - time.Since(since); rest > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return ctx.Err()
}

// gap is the time to the next request: requests come by chance, as they do.
func (g *generator) gap() time.Duration {
	return time.Duration(g.shapes.ExpFloat64() / g.rate * float64(time.Second))
}

func (g *generator) begin(at time.Time, phase int) {
	r := g.shapes.make(at)
	g.traces++
	if g.skip != nil && g.skip(r) {
		if r.failing >= 0 {
			g.book.begin(r, phase).trigger = 0 // it was not even sent
		}
		return
	}
	var e *entry
	if r.failing >= 0 {
		e = g.book.begin(r, phase)
	}
	for i := range r.parts {
		heap.Push(&g.due, duePart{r.parts[i].end, r, i, e})
	}
}

func (g *generator) sendDue(now time.Time) {
	ns := now.UnixNano()
	began := ns
	for g.due.Len() > 0 && g.due[0].at <= ns {
		d := heap.Pop(&g.due).(duePart)
		p := &d.request.parts[d.part]
		fails := d.part == d.request.failing
		bytes, check := g.senders[p.host].send(d.request, p, fails)
		sent := time.Now().UnixNano()
		g.lag(time.Duration(sent - d.at))
		g.book.sent(p.host, bytes, sent)
		if d.entry != nil {
			if fails {
				d.entry.trigger = len(d.entry.documents)
			}
			_, spans := g.senders[p.host].(*exporter)
			d.entry.documents = append(d.entry.documents, sentDocument{p.id, p.host, spans, began, sent, check})
		}
		began = sent
	}
	for _, s := range g.senders {
		if e, ok := s.(*exporter); ok && e.due(now) {
			e.flush()
		}
	}
}

func (g *generator) lag(by time.Duration) {
	g.late = max(g.late, by)
	if by > 100*time.Millisecond {
		g.lagged++
	}
}

// chance is a source of its own for each use.
func chance(seed, use uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, use)) }
