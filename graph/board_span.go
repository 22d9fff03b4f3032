package graph

import "time"

// boardWidth is how long the spans of subtotals are, the shortest first. Each
// is a multiple of the one before, and of the longest there are four.
func boardWidth(n int) time.Duration {
	const day = 24 * time.Hour
	return [boardWidths]time.Duration{
		time.Second, time.Minute, 10 * time.Minute, time.Hour, day, 32 * day, 1024 * day, 32 * 1024 * day,
	}[n]
}

const boardWidths = 8

const (
	// denseTraces is how many traces begin within a part of a minute, as far as
	// can be guessed, for its seconds to be kept.
	denseTraces = 1024
	// unknownRows is how many traces a bundle has that nobody has looked at yet.
	unknownRows = 4096
)

// split cuts a window into spans, and the pieces before and behind that are
// shorter than any, and calls fn with each in which a trace may have begun;
// width is -1 for a piece.
func (b *Board) split(w window, width int, parts []part, fn func(w window, width int, parts []part)) {
	if parts = meeting(parts, w); len(parts) == 0 {
		return
	}
	if width < 0 || width == 0 && guess(parts, w) < b.dense {
		fn(w, -1, parts)
		return
	}
	length := boardWidth(width)
	from, to := floor(w.from, length), floor(w.to, length)
	if from < w.from {
		from = after(w.from, length)
	}
	if from >= to || to < w.from {
		b.split(w, width-1, parts, fn)
		return
	}
	b.split(window{w.from, from, w.group}, width-1, parts, fn)
	for from < to {
		next := after(from, length)
		span := window{from, next, w.group}
		if in := meeting(parts, span); len(in) > 0 {
			fn(span, width, in)
		}
		from = next
	}
	b.split(window{to, w.to, w.group}, width-1, parts, fn)
}

// meeting returns the parts of which a trace may begin in w.
func meeting(parts []part, w window) (out []part) {
	for _, p := range parts {
		if p.meets(w.from, w.to) {
			out = append(out, p)
		}
	}
	return out
}

// guess returns about how many traces of parts begin in w.
func guess(parts []part, w window) (traces float64) {
	for _, p := range parts {
		rows := float64(p.rows.Load())
		if rows == 0 {
			rows = unknownRows
		}
		from, to := max(p.from, w.from), min(p.to, w.to)
		traces += rows * (float64(to) - float64(from) + 1) / (float64(p.to) - float64(p.from) + 1)
	}
	return traces
}

// widen returns a window with the same traces of parts, of which there is one
// at least: before the first and behind the last of them it is as long as
// longer spans need it.
func widen(w window, parts []part) window {
	first, last := parts[0].from, parts[0].to
	for _, p := range parts {
		last = max(last, p.to)
	}
	if w.from <= first {
		w.from = floor(first, boardWidth(boardWidths-1))
	}
	if w.to > last {
		w.to = after(last, boardWidth(boardWidths-1))
	}
	return w
}

// job is a span or a piece of a window: what is kept of it, and what is to be
// done to have its subtotal.
type job struct {
	key   spanKey // of width -1: of a piece, which is not kept
	w     window
	parts []part
	st    *subtotal // what is kept, not the whole sum perhaps; then the sum
	of    []part    // of which st is the sum

	tab  *tab
	left int  // of the tasks
	lost bool // it has to be added up from nothing
}

// task is to add a bundle to a subtotal, or to take out traces of it that have
// died.
type task struct {
	part
	job   *job
	since int // how many dead traces of it are out already; -1: it is to be added
}

// tasks returns what is to be done for the subtotal to be the sum of its parts.
func (j *job) tasks() (out []task) {
	old := j.of
	for _, p := range j.parts {
		switch {
		case len(old) > 0 && old[0].entry == p.entry && old[0].kills <= p.kills:
			if old[0].kills < p.kills {
				out = append(out, task{p, j, old[0].kills})
			}
			old = old[1:]
		default:
			out = append(out, task{p, j, -1})
		}
	}
	if len(old) > 0 { // of what has left the board, or is older than the question
		j.of, j.st = nil, nil
		return j.anew()
	}
	return out
}

func (j *job) anew() (out []task) {
	for _, p := range j.parts {
		out = append(out, task{p, j, -1})
	}
	return out
}
