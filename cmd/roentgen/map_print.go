package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// print writes the table of nodes and the tree of calls.
func (m *serviceMap) print(s *screen, at window) error {
	nodes, err := m.nodes()
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		fmt.Fprintf(s.w, "No trace %s. A longer --since looks further back; roentgen traces lists what is there.\n", at.name)
		return nil
	}
	t := table{columns: []column{
		{title: "SERVICE", least: 16}, {title: "TYPE", least: 8}, {title: "REQUESTS", right: true}, {title: "PER MIN", right: true},
		{title: "P50", right: true}, {title: "P99", right: true}, {title: "FAULT", right: true}, {title: "ERROR", right: true}, {title: "THROTTLE", right: true},
	}}
	for _, n := range nodes {
		if f := n.SummaryStatistics; f != nil {
			t.add(n.cells(f)...)
		}
	}
	t.print(s)
	if line := ratesLine(nodes); line != "" {
		fmt.Fprintln(s.w, "\n"+s.paint(faint, line))
	}
	fmt.Fprintln(s.w)
	p := &mapPrinter{screen: s, nodes: map[int]*mapNode{}, shown: map[int]bool{}}
	p.tree(nodes)
	if m.ContainsOldGroupVersions {
		fmt.Fprintln(s.w, "\n"+s.paint(errs, "Some traces came into the group by an earlier expression of it."))
	}
	return nil
}

func (n *mapNode) cells(f *figures) []cell {
	return append([]cell{
		{n.Name, bold}, {n.Type, faint}, {text: n.guess() + fmt.Sprint(f.TotalCount)}, {text: n.guess() + n.rate(f)},
		{text: spokenQuantile(n.ResponseTimeHistogram, 0.5)}, {text: spokenQuantile(n.ResponseTimeHistogram, 0.99)},
	}, f.shares()...)
}

// guess stands before a number that is estimated.
func (n *mapNode) guess() string {
	if n.RoentgenRates.estimated() {
		return "~"
	}
	return ""
}

// ratesLine says where the figures come from, and nothing where every request
// was kept.
func ratesLine(nodes []*mapNode) string {
	counted, estimated := 0, 0
	for _, n := range nodes {
		switch {
		case n.RoentgenRates.estimated():
			estimated++
		case n.RoentgenRates != nil:
			counted++
		}
	}
	const byCount, byEstimate = "counted by agents, of all requests", "estimated from the traces that were kept (~)"
	switch {
	case counted > 0 && estimated > 0:
		return fmt.Sprintf("Figures of %d services are %s; of %d %s.", counted, byCount, estimated, byEstimate)
	case counted > 0:
		return "Figures are " + byCount + "."
	case estimated > 0:
		return "Figures are " + byEstimate + "."
	}
	return ""
}

// shares are the parts of requests that failed.
func (f *figures) shares() []cell {
	return []cell{
		{share(f.FaultStatistics.TotalCount, f.TotalCount), faults},
		{share(f.ErrorStatistics.OtherCount, f.TotalCount), errs},
		{share(f.ErrorStatistics.ThrottleCount, f.TotalCount), throttl},
	}
}

// rate is requests in a minute of the time in which the node was seen, as
// X-Ray has it; of less than a minute, as if it were one.
func (n *mapNode) rate(f *figures) string {
	seen := max(time.Minute.Seconds(), n.EndTime-n.StartTime)
	rate := float64(f.TotalCount) / seen * 60
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%.0f", rate)
}

func spokenQuantile(bars []bar, q float64) string {
	if sec, ok := quantile(bars, q); ok {
		return spokenSeconds(sec)
	}
	return ""
}

// mapPrinter writes who calls whom. A node is opened once; where it is called
// again, it says so.
type mapPrinter struct {
	*screen
	nodes map[int]*mapNode // by reference
	shown map[int]bool
	lines []mapLine
}

// mapLine is a line of the tree, before it is laid out.
type mapLine struct {
	lead, name, kind string
	edge             *mapEdge // nil: nobody calls
	again            bool
}

func (p *mapPrinter) tree(nodes []*mapNode) {
	called := map[int]bool{}
	for _, n := range nodes {
		p.nodes[n.ReferenceID] = n
		for _, e := range n.Edges {
			called[e.ReferenceID] = called[e.ReferenceID] || e.ReferenceID != n.ReferenceID
		}
	}
	for _, begins := range []func(*mapNode) bool{
		func(n *mapNode) bool { return n.SummaryStatistics == nil }, // clients
		func(n *mapNode) bool { return !called[n.ReferenceID] },
		func(*mapNode) bool { return true }, // rings, into which nobody calls
	} {
		for _, n := range nodes {
			if begins(n) && !p.shown[n.ReferenceID] {
				p.open(n, nil, "", "", "")
			}
		}
	}
	p.layOut()
}

// open adds a node and those that it calls. branch is drawn before it, below
// before what is under it.
func (p *mapPrinter) open(n *mapNode, edge *mapEdge, lead, branch, below string) {
	again := p.shown[n.ReferenceID]
	p.shown[n.ReferenceID] = true
	p.lines = append(p.lines, mapLine{lead + branch, n.Name, n.Type, edge, again && len(n.Edges) > 0})
	if again {
		return
	}
	edges := slices.SortedFunc(slices.Values(n.Edges), func(a, b mapEdge) int {
		return cmp.Or(cmp.Compare(p.nameOf(a), p.nameOf(b)), cmp.Compare(a.ReferenceID, b.ReferenceID))
	})
	edges = slices.DeleteFunc(edges, func(e mapEdge) bool { return p.nodes[e.ReferenceID] == nil })
	for i := range edges {
		branch, under := "├─ ", "│  "
		if i == len(edges)-1 {
			branch, under = "└─ ", "   "
		}
		p.open(p.nodes[edges[i].ReferenceID], &edges[i], lead+below, branch, under)
	}
}

func (p *mapPrinter) nameOf(e mapEdge) string {
	if n := p.nodes[e.ReferenceID]; n != nil {
		return n.Name
	}
	return ""
}

// layOut writes the lines, figures in columns behind the names.
func (p *mapPrinter) layOut() {
	widest := 0
	for _, l := range p.lines {
		widest = max(widest, columnsOf(harmless(l.lead+l.title())))
	}
	widest = min(widest, max(30, p.width-58))
	for _, l := range p.lines {
		title := cut(l.title(), widest-columnsOf(l.lead))
		used := columnsOf(l.lead + title)
		fmt.Fprintln(p.w, strings.TrimRight(p.paint(faint, l.lead)+title+blanks(widest-used+gap)+p.figures(l), " "))
	}
}

func (l mapLine) title() string { return strings.TrimSpace(l.name + "  " + l.kind) }

// figures are those of the call, as the caller saw it.
func (p *mapPrinter) figures(l mapLine) string {
	if l.edge == nil || l.edge.SummaryStatistics == nil {
		return ""
	}
	f := l.edge.SummaryStatistics
	text := padLeft(fmt.Sprint(f.TotalCount), 7) + "  "
	if l.edge.EdgeType == "link" {
		text += "events, p50 age " + spokenQuantile(l.edge.ReceivedEventAgeHistogram, 0.5)
	} else {
		text += fmt.Sprintf("p50 %s  p99 %s", padLeft(spokenQuantile(l.edge.ResponseTimeHistogram, 0.5), 7), padLeft(spokenQuantile(l.edge.ResponseTimeHistogram, 0.99), 7))
	}
	for i, c := range f.shares() {
		if c.text != "" {
			text += "  " + p.paint(c.ink, c.text+" "+[]string{"fault", "error", "throttle"}[i])
		}
	}
	if l.again {
		text += p.paint(faint, "  (calls as above)")
	}
	return text
}
