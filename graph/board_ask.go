package graph

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// Question is a window of a Board at the moment when it was asked. What it asks
// for does not change any more, whatever becomes of the board and of the head.
type Question struct {
	board   *Board
	w       window
	version uint64
	parts   []part
	jobs    []*job
	head    tab // the traces of the head
}

// Ask notes what is on the board and in head now, which takes no load and
// little time: nobody must change head until it returns, and somebody may as
// soon as it has. The parameters are those of Graph.
func (b *Board) Ask(from, to roentgen.Time, group string, version uint64, head *Rollups) *Question {
	q := &Question{board: b, w: window{from, to, group}, version: version}
	if from >= to {
		return q
	}
	q.askHead(head)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		if e.meets(from, to) {
			q.parts = append(q.parts, part{e, len(e.kills)})
		}
	}
	if len(q.parts) == 0 {
		return q
	}
	b.split(widen(q.w, q.parts), boardWidths-1, q.parts, func(w window, width int, parts []part) {
		j := &job{key: spanKey{width, w.from, w.group}, w: w, parts: parts}
		if width >= 0 {
			j.st, j.of = b.findLocked(j.key)
		}
		q.jobs = append(q.jobs, j)
	})
	return q
}

// askHead adds the head up, exactly where the whole answer may be exact.
func (q *Question) askHead(head *Rollups) {
	if head == nil {
		return
	}
	traces, oldest := head.top.weigh(q.w)
	if traces == 0 {
		return
	}
	s := sum{exact: traces <= exactTraces}
	head.top.sum(&s, q.w)
	q.head.exact = s.exact
	q.head.join(&s, q.head.words.translator(head.vocabulary()))
	q.head.admit(oldest, traces) // of the versions, only the oldest matters
}

// join adds what another sum has.
func (s *sum) join(o *sum, tr *translator) {
	for kind := range kinds {
		for number, from := range o.of[kind] {
			if from == nil {
				continue
			}
			to, f := s.get(kind, tr.thing(kind, uint32(number))), from.figures
			to.extend(f.first, f.last)
			for which, into := range []*bins{took: &f.took, other: &f.other} {
				if s.exact {
					to.exact[which].Merge(&from.exact[which])
				} else {
					h := from.histogram(which, o.exact)
					h.coarsen()
					*into = h.bins
				}
			}
			to.add(&f, kind, tr)
		}
	}
}

// Graph answers the question. It fails with ErrChanged where a bundle that is
// needed has left the board since.
func (q *Question) Graph() (*Graph, error) {
	if err := q.work(); err != nil {
		return nil, err
	}
	answer := &tab{}
	for _, j := range q.jobs {
		answer.addSubtotal(j.st)
	}
	if answer.traces+q.head.traces <= exactTraces {
		answer.sum = sum{exact: true}
		if err := q.addExactly(answer); err != nil {
			return nil, err
		}
	}
	answer.join(&q.head.sum, answer.words.translator(q.head.words.vocabulary()))
	answer.admitAll(q.head.admissions)
	g := answer.graph(&answer.words)
	g.OldGroups = q.w.group != "" && answer.traces > 0 && answer.oldest() < q.version
	return g, nil
}

// addExactly adds trace by trace.
func (q *Question) addExactly(a *tab) error {
	if a.traces == 0 {
		return nil
	}
	r := rowReader{}
	for _, p := range q.parts {
		x, err := q.board.loadPart(p)
		if err != nil {
			return err
		}
		r.open(x, q.board.deadOf(p))
		rows, _ := r.pick(q.w)
		r.each(rows, a.words.translator(x.vocabulary), a.tally)
	}
	return nil
}

// work brings the subtotals up to date, and then adds up from nothing those of
// which it turned out that they cannot be.
func (q *Question) work() error {
	var tasks, again []task
	for _, j := range q.jobs {
		tasks = append(tasks, j.begin(j.tasks())...)
	}
	if err := q.run(tasks); err != nil {
		return err
	}
	for _, j := range q.jobs {
		if j.lost {
			j.st, j.lost = nil, false
			again = append(again, j.begin(j.anew())...)
		}
	}
	return q.run(again)
}

func (j *job) begin(tasks []task) []task {
	j.left = len(tasks)
	return tasks
}

// run does tasks bundle by bundle, each loaded once. Those of a job come one
// after the other, so that few are half done at any time.
func (q *Question) run(tasks []task) error {
	slices.SortStableFunc(tasks, func(a, b task) int { return a.entry.compare(b.entry) })
	r := rowReader{}
	for len(tasks) > 0 {
		p := tasks[0].part
		x, err := q.board.loadPart(p)
		if err != nil {
			return err
		}
		r.open(x, q.board.deadOf(p))
		for ; len(tasks) > 0 && tasks[0].entry == p.entry; tasks = tasks[1:] {
			if err := q.do(&tasks[0], &r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q *Question) do(t *task, r *rowReader) error {
	j := t.job
	if j.tab == nil {
		j.tab = &tab{}
		if j.st != nil {
			j.tab.addSubtotal(j.st)
		}
	}
	switch {
	case j.lost:
	case t.since < 0:
		if err := j.tab.add(r, j.w); err != nil {
			return err
		}
	default:
		dead := r.among(q.board.deadOf(t.part)[t.since:], j.w)
		j.lost = !r.subtract(&j.tab.sum, &j.tab.admissions, j.w, dead, j.tab.words.translator(r.x.vocabulary))
	}
	if j.left--; j.left == 0 {
		q.finish(j)
	}
	return nil
}

// finish makes the subtotal of a job, and keeps it where it is of a span.
func (q *Question) finish(j *job) {
	done := j.tab
	j.tab = nil
	if j.lost {
		return
	}
	j.st = done.subtotal(done.words.vocabulary(), done.admissions)
	if j.key.width >= 0 {
		q.board.keep(&kept{key: j.key, to: j.w.to, st: j.st, parts: j.parts})
	}
}
