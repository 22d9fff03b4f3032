package chunk

import (
	"encoding/binary"
)

// next takes an event.
func (e *coder) next() *event {
	e.at++
	return &e.events[e.at-1]
}

// item writes the next item, which stands in a shape column, and returns its
// target.
func (e *coder) item(col int32) int32 {
	ev := e.next()
	e.target(col, ev)
	if ev.what < 0 {
		return ev.what
	}
	s := &e.shapes[ev.what]
	for i := 0; i < len(s.slots); i++ {
		c := s.col + int32(i)
		switch s.slots[i].kind {
		case slotValue:
			v := e.next()
			if v.what == targetRun {
				e.ord += v.from
				i += int(v.from) - 1
				continue
			}
			e.value(c, e.text[v.from:v.to:v.to], v.what)
		case slotObject:
			e.item(c)
		case slotList:
			for what := e.item(c); what != targetEnd; what = e.item(c) {
				c = e.after(what)
			}
		}
	}
	return ev.what
}

// target writes which shape an item has.
func (e *coder) target(col int32, ev *event) {
	c := &e.cols[col]
	ord := e.ord
	e.ord++
	if c.since++; c.since == c.check {
		e.queueColumn(col)
	}
	if ev.what == targetRaw {
		e.exception(ord, 0)
		e.exc = binary.AppendUvarint(e.exc, uint64(ev.to-ev.from))
		e.exc = append(e.exc, e.text[ev.from:ev.to]...)
		e.unknown = append(e.unknown, e.text[ev.from:ev.to])
		return
	}
	f := e.targetForm(c, ev.what)
	if f >= 0 {
		c.forms[f].count++
		if ev.what >= 0 {
			c.last = f
		}
		if code := c.forms[f].code; code >= 0 {
			e.tight.put(uint64(code), uint(c.width))
			return
		}
		e.queueColumn(col)
	} else {
		e.newTargets = append(e.newTargets, newTarget{col, ev.what})
	}
	c.miss++
	e.exception(ord, 1)
	e.exc = binary.AppendUvarint(e.exc, uint64(ev.what+1))
}

func (e *coder) targetForm(c *column, what int32) int32 {
	if c.last >= 0 && c.forms[c.last].target == what {
		return c.last
	}
	for i := range c.forms {
		if c.forms[i].target == what {
			return int32(i)
		}
	}
	return -1
}
