package graph_test

import (
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/script"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts expect anew; review the difference")

// The commands of scripts:
//
//	load            a trace, from the lines below (see loader), in place of the one before
//	account ID      who owns the traces
//	fold            all rows of the trace, an hour after it began
//	fold DURATION   the same so long after it began
//	nodes, edges, segments, calls, causes   rows of that kind alone
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/fold/*.txt", *rewrite, func() script.Room {
		r := &room{}
		return r.do
	})
}

type room struct {
	docs    []*roentgen.Segment
	account string
}

func (r *room) do(c script.Command) (_ []string, err error) {
	switch c.Name {
	case "load":
		r.docs, err = load(c.Body)
		return nil, err
	case "account":
		r.account = c.Argument
		return nil, nil
	case "fold":
		return r.fold(c.Argument)
	case "nodes", "edges", "segments", "calls", "causes":
		lines, err := r.fold("")
		kind := strings.TrimSuffix(c.Name, "s") + " "
		return slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, kind) }), err
	}
	return nil, errors.New("no such command")
}

func (r *room) fold(after string) ([]string, error) {
	now := morning + hour
	if after != "" {
		d, err := time.ParseDuration(after)
		if err != nil {
			return nil, err
		}
		now = morning + roentgen.Time(d)
	}
	t, s := traceOf(r.docs)
	return show(graph.Fold(t, s, now, graph.Options{Account: r.account})), nil
}
