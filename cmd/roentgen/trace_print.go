package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// print writes the head and the tree.
func (t *wholeTrace) print(s *screen, zone *time.Location) error {
	tree, err := t.tree()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.w, "%s  %s  %s\n", s.paint(bold, t.ID), fromEpoch(tree.first, zone).Format("2006-01-02 15:04:05.000 MST"), spokenSeconds(t.Duration))
	if t.LimitExceeded {
		fmt.Fprintln(s.w, s.paint(errs, "The trace is larger than the server keeps: parts of it were refused."))
	}
	fmt.Fprintln(s.w)
	p := &treePrinter{screen: s, tree: tree}
	p.measure()
	for i, root := range tree.roots {
		p.print(root, "", i == len(tree.roots)-1)
	}
	return nil
}

// treePrinter writes a tree: names, bars on a common scale, times, outcomes.
type treePrinter struct {
	*screen
	tree *traceTree
	name int // columns of names, with their lines
	bar  int // columns of bars
}

// Columns beside name and bar: duration and outcome.
const (
	tookColumns    = 10
	outcomeColumns = 13
	leastBar       = 12
)

// measure gives names what they need, and to bars what is left.
func (p *treePrinter) measure() {
	left := p.width - tookColumns - outcomeColumns - 3*gap
	for _, root := range p.tree.roots {
		p.name = max(p.name, p.longest(root))
	}
	p.name = min(p.name, left-leastBar)
	p.bar = min(left-p.name, 60)
}

func (p *treePrinter) longest(e *entity) int {
	n := 2*e.depth + columnsOf(harmless(e.title()))
	for _, child := range e.children {
		n = max(n, p.longest(child))
	}
	return n
}

// title is the name, and what kind of thing it is.
func (e *entity) title() string {
	kind := e.Origin
	switch {
	case e.SQL.Query != "":
		kind = "SQL"
	case e.Namespace == "aws":
		kind = strings.TrimSpace("AWS " + e.AWS.Operation)
	case e.Namespace == "remote":
		kind = "call"
	case e.segment && kind == "":
		kind = "service"
	}
	return strings.TrimSpace(e.Name + "  " + kind)
}

// print writes an entity and what is under it. lead is the lines of those
// above it.
func (p *treePrinter) print(e *entity, lead string, last bool) {
	branch, below := "├ ", "│ "
	if last {
		branch, below = "└ ", "  "
	}
	if e.depth == 0 {
		branch, below = "", ""
	}
	p.row(e, lead+branch)
	stem := "  "
	if len(e.children) > 0 {
		stem = "│ "
	}
	p.notes(e, lead+below+stem)
	for i, child := range e.children {
		p.print(child, lead+below, i == len(e.children)-1)
	}
}

func (p *treePrinter) row(e *entity, lead string) {
	word, color := outcome(e.flags())
	status := strings.TrimSpace(statusText(e.HTTP.Response.Status) + " " + word)
	if e.InProgress {
		status = strings.TrimSpace(status + " open")
	}
	took := spokenSeconds(e.ended(p.tree.last) - e.Start)
	if e.InProgress {
		took = "> " + took
	}
	room := p.name - columnsOf(lead)
	name := p.nameOf(e, room)
	line := p.paint(faint, lead) + name + strings.Repeat(" ", gap) + padLeft(took, tookColumns) + strings.Repeat(" ", gap) +
		p.barOf(e, color) + strings.Repeat(" ", gap) + p.paint(color, status)
	fmt.Fprintln(p.w, strings.TrimRight(line, " "))
}

// nameOf is the title in so many columns, its kind fainter.
func (p *treePrinter) nameOf(e *entity, columns int) string {
	text := pad(cut(e.title(), columns), columns)
	name := harmless(e.Name)
	if kind, ok := strings.CutPrefix(text, name+"  "); ok {
		if e.segment {
			name = p.paint(bold, name)
		}
		return name + "  " + p.paint(faint, kind)
	}
	return text
}

// barOf is where in the trace the entity was: at least one block.
func (p *treePrinter) barOf(e *entity, color ink) string {
	whole := p.tree.last - p.tree.first
	from, to := 0, p.bar
	if whole > 0 {
		from = int((e.Start - p.tree.first) / whole * float64(p.bar))
		to = int((e.ended(p.tree.last)-p.tree.first)/whole*float64(p.bar) + 0.5)
	}
	from = max(0, min(from, p.bar-1))
	to = max(from+1, min(to, p.bar))
	block := "█"
	if !e.segment {
		block = "▒"
	}
	return strings.Repeat(" ", from) + p.paint(cmp.Or(color, links), strings.Repeat(block, to-from)) + strings.Repeat(" ", p.bar-to)
}

// notes are the lines below an entity: request, statement, exceptions.
func (p *treePrinter) notes(e *entity, lead string) {
	request := strings.TrimSpace(e.HTTP.Request.Method + " " + e.HTTP.Request.URL)
	p.note(lead, request, faint, 1)
	p.note(lead, e.SQL.Query, faint, 2)
	_, color := outcome(e.flags())
	color = cmp.Or(color, faults)
	for _, x := range e.Cause.Exceptions {
		p.note(lead, "! "+x.text(), color, 6)
	}
	if id := e.Cause.Elsewhere; id != "" {
		p.note(lead, "! because of "+p.tree.origin(id), color, 1)
	}
}

// origin names an exception that another entity has.
func (t *traceTree) origin(id string) string {
	if x, ok := t.exceptions[id]; ok {
		return cmp.Or(x.Type, "the exception") + " in " + x.in.Name
	}
	return "exception " + id + ", which is not in the trace"
}

func (x exception) text() string {
	if x.Message == "" {
		return cmp.Or(x.Type, "exception")
	}
	return cmp.Or(x.Type, "exception") + ": " + x.Message
}

// note writes a text in at most so many lines; none for an empty one.
func (p *treePrinter) note(lead, text string, color ink, most int) {
	for _, line := range wrapped(text, p.width-columnsOf(lead), most) {
		fmt.Fprintln(p.w, p.paint(faint, lead)+p.paint(color, line))
	}
}
