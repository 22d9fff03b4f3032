package filter

import (
	"github.com/roentgen/roentgen"

	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/script"
)

// The commands of scripts:
//
//	load NAME           a trace, from the lines below (see loader)
//	group NAME FILTER   a group; its ARN is arn:NAME
//	filter FILTER       which of the loaded traces match; there has to be one that does and one that does not
//	normal FILTER       the normal form
//	plan FILTER         the tree of the Matcher in normal form
//	needs FILTER        what is read
//	selector FILTER     an entity selector
//
// Those that take a filter answer an error where there is one. <tab>, <newline> and <bad> in a filter stand for
// characters that scripts cannot show.
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/*.txt", *rewrite, func() script.Room {
		r := &room{groups: map[string]*Expr{}}
		return r.do
	})
}

type room struct {
	names  []string
	traces []*roentgen.Rows
	groups map[string]*Expr
}

func (r *room) do(c script.Command) ([]string, error) {
	filter := strings.NewReplacer("<tab>", "\t", "<newline>", "\n", "<bad>", "\xff").Replace(c.Argument)
	switch c.Name {
	case "load":
		rows, err := load(c.Body)
		r.names, r.traces = append(r.names, c.Argument), append(r.traces, rows)
		return nil, err
	case "group":
		return r.group(c.Argument)
	case "selector":
		term, err := ParseEntitySelector(filter)
		if err != nil {
			return told(err), nil
		}
		e, err := New(term)
		return []string{"normal " + e.String()}, err
	}
	return r.expression(c.Name, filter)
}

func (r *room) group(argument string) ([]string, error) {
	name, filter, _ := strings.Cut(argument, " ")
	e, err := ParseGroup(filter)
	if err != nil {
		return told(err), nil
	}
	r.groups[name] = e
	return nil, nil
}

func (r *room) find(by GroupField, value string) (*Expr, bool) {
	if by == GroupARN {
		value = strings.TrimPrefix(value, "arn:")
	}
	e, ok := r.groups[value]
	return e, ok
}

func (r *room) expression(command, filter string) ([]string, error) {
	e, err := Parse(filter)
	if err != nil {
		return told(err), nil
	}
	if command == "normal" {
		return []string{"normal " + e.String()}, nil
	}
	if command == "needs" {
		return needed(e.Needs()), nil
	}
	m, err := e.Matcher(r.find)
	switch {
	case err != nil:
		return told(err), nil
	case command == "plan":
		return []string{"plan " + m.String()}, nil
	case command == "filter":
		return r.matches(m)
	}
	return nil, errors.New("no such command")
}

// matches sorts the loaded traces. A filter that matches all of them, or none, shows nothing.
func (r *room) matches(m *Matcher) ([]string, error) {
	yes, no := "match", "no match"
	for i, rows := range r.traces {
		if m.Match(rows) {
			yes += " " + r.names[i]
		} else {
			no += " " + r.names[i]
		}
	}
	if yes == "match" || no == "no match" {
		return nil, fmt.Errorf("%s: %s, %s: load a trace for which it is otherwise", m, yes, no)
	}
	return []string{yes, no}, nil
}

// told is how scripts show errors: the range, cause and hint.
func told(err error) []string {
	var e *Error
	if !errors.As(err, &e) {
		return []string{"error " + err.Error()}
	}
	line := fmt.Sprintf("error %d-%d %s", e.From, e.To, strings.ToValidUTF8(e.Cause, "<bad>"))
	if e.Hint != "" {
		return []string{line, "hint " + e.Hint}
	}
	return []string{line}
}

func needed(n Needs) []string {
	var lines []string
	for _, f := range []struct {
		name string
		Fields
	}{{"trace", n.Trace}, {"segment", n.Segment}, {"call", n.Call}} {
		if f.Keywords == 0 {
			continue
		}
		line := f.name
		for k := range f.Keywords.All() {
			line += " " + k.String()
		}
		lines = append(lines, strings.TrimSpace(line+" "+strings.Join(f.Annotations, " ")))
	}
	rows := "rows"
	for _, r := range []struct {
		name string
		read bool
	}{
		{"nodes", n.Nodes}, {"edges", n.Edges}, {"segments", n.Segments}, {"calls", n.Calls},
		{"faults", n.Causes.Has(CauseOfFault)}, {"errors", n.Causes.Has(CauseOfError)}, {"responsetimes", n.Causes.Has(CauseOfResponseTime)},
	} {
		if r.read {
			rows += " " + r.name
		}
	}
	if n.SummaryOnly() {
		rows = "rows summary only"
	}
	lines = append(lines, rows)
	for _, g := range n.Groups {
		lines = append(lines, "group "+g.Value)
	}
	return lines
}
