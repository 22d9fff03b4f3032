package storetest

import (
	"maps"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// Rows folds a trace that exists, once for each change and when its time to be
// folded again has come.
func (m *Model) Rows(id roentgen.TraceID) *roentgen.Rows {
	t, now := m.traces[id], roentgen.At(m.now())
	if t.rows == nil || t.rows.Due != 0 && t.rows.Due <= now {
		m.Partial(id)
		t.rows = graph.Fold(m.Trace(id), t.summary, now, graph.Options{})
	}
	return t.rows
}

// SetGroups replaces the groups and tests every trace.
func (m *Model) SetGroups(groups []store.Group) {
	m.groups = groups
	for _, t := range m.traces {
		maps.DeleteFunc(t.members, func(id string, _ uint64) bool {
			return !slices.ContainsFunc(groups, func(g store.Group) bool { return g.ID == id })
		})
	}
	m.Test()
}

// Test admits whatever matches now.
func (m *Model) Test() {
	for _, id := range m.IDs() {
		t, rows := m.traces[id], m.Rows(id)
		for _, g := range m.groups {
			if _, in := t.members[g.ID]; !in && rows.Summary.Updated >= g.Since && g.Match.Match(rows) {
				t.members[g.ID] = g.Version
			}
		}
	}
}

// Graph returns the graph of a window, of a group that is there.
func (m *Model) Graph(w store.GraphWindow) *graph.Graph {
	m.Test()
	var all []*roentgen.Rows
	old := false
	for _, id := range m.IDs() {
		version, in := m.traces[id].members[w.Group]
		rows := m.Rows(id)
		if start := rows.Summary.Start; start < w.From || start >= w.To || w.Group != "" && !in {
			continue
		}
		all = append(all, rows)
		old = old || w.Group != "" && version < m.version(w.Group)
	}
	g := graph.Of(all...)
	g.OldGroups = old
	return g
}

func (m *Model) version(group string) uint64 {
	i := slices.IndexFunc(m.groups, func(g store.Group) bool { return g.ID == group })
	return m.groups[i].Version
}
