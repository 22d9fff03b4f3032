package index

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/script"
	"github.com/roentgen/roentgen/wire"
)

// The commands of scripts:
//
//	traces [COUNT]      that many, each of the documents in the lines below: members of JSON without braces. A * stands
//	                    for the number of the trace. Every document hangs below the one above it. It lasts a second,
//	                    unless the line begins with its end_time or with in_progress
//	ask EXPRESSION      the candidates, the rows that match, and whether the summary lets the block pass
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/ask/*.txt", *rewrite, func() script.Room {
		r := &room{t: t}
		return r.do
	})
}

type room struct {
	t      *testing.T
	rows   []Row
	traces []*roentgen.Rows
	block  *block
}

func (r *room) do(c script.Command) ([]string, error) {
	switch c.Name {
	case "traces":
		r.block = nil
		count := 1
		if c.Argument != "" {
			var err error
			if count, err = strconv.Atoi(c.Argument); err != nil {
				return nil, err
			}
		}
		for range count {
			if err := r.trace(c.Body); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "ask":
		return r.ask(c.Argument)
	}
	return nil, errors.New("no such command")
}

// trace adds one, that starts a minute before the one above.
func (r *room) trace(lines []string) error {
	number := len(r.rows)
	start := float64(base/1e9) - 60*float64(number)
	var docs []roentgen.Stored
	for i, line := range lines {
		members := strings.ReplaceAll(line, "*", strconv.Itoa(number))
		head := fmt.Sprintf(`{"trace_id":"1-00000001-%024x","id":"%016x","start_time":%.0f,`, number+1, i+1, start)
		if i > 0 {
			head += fmt.Sprintf(`"parent_id":"%016x",`, i)
		}
		if !strings.HasPrefix(members, `"end_time":`) && !strings.HasPrefix(members, `"in_progress":`) {
			head += fmt.Sprintf(`"end_time":%.0f,`, start+1)
		}
		s, err := wire.ParseDocument([]byte(head+members+"}"), wire.Limits{})
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		docs = append(docs, roentgen.Stored{Segment: s, Received: base})
	}
	row, rows := fold(docs, base+roentgen.Time(time.Hour), graph.Options{})
	r.rows, r.traces = append(r.rows, row), append(r.traces, rows)
	return nil
}

func (r *room) ask(expression string) ([]string, error) {
	if r.block == nil {
		b := build(r.t, NewBuilder(), r.rows, r.traces)
		r.block = &b
	}
	x, err := filter.Parse(expression)
	if err != nil {
		return nil, err
	}
	m, err := x.Matcher(nil)
	if err != nil {
		return nil, err
	}
	var candidates, matching []int
	rows, all := r.block.index.Candidates(m)
	for i, trace := range r.block.traces {
		if all || rows.ContainsInt(i) {
			candidates = append(candidates, i)
		}
		if m.Match(trace) {
			matching = append(matching, i)
		}
	}
	out := "candidates " + show(candidates, len(r.block.traces))
	if got, want := fmt.Sprint(candidates), fmt.Sprint(matching); got != want {
		out += ", matching " + show(matching, len(r.block.traces))
	}
	if !r.block.summary.MayMatch(m) {
		out += ", the block is left out"
	}
	return []string{out}, nil
}

func show(rows []int, of int) string {
	switch {
	case len(rows) == 0:
		return "none"
	case len(rows) == of:
		return "all"
	}
	return strings.Trim(fmt.Sprint(rows), "[]")
}
