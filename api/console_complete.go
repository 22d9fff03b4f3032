package api

import (
	"context"
	"slices"

	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

type completeRequest struct {
	Expression string `json:"expression"`
	Cursor     int    `json:"cursor"` // UTF-16 units
	Start      *epoch `json:"start"`
	End        *epoch `json:"end"`
}

type completeResponse struct {
	From  int              `json:"from"` // what an item takes the place of, in UTF-16 units
	To    int              `json:"to"`
	Items []completionItem `json:"items"` // best first
}

type completionItem struct {
	Insert string `json:"insert"`
	Label  string `json:"label"`
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
}

// maxNames bounds how many names of one sort are offered.
const maxNames = 100

// complete answers what may stand at the cursor: names that traces of the
// window have, then words of the language, then keys of annotations.
func (s *consoleServer) complete(ctx context.Context, in *completeRequest) (*completeResponse, error) {
	c := filter.Complete(in.Expression, byteOffset(in.Expression, in.Cursor))
	out := &completeResponse{From: utf16Offset(in.Expression, c.From), To: utf16Offset(in.Expression, c.To), Items: []completionItem{}}
	var names, keys []completionItem
	for _, w := range c.Wanted {
		items, err := s.namesFor(ctx, in, w)
		if err != nil {
			return nil, err
		}
		if w.Names == filter.NamesOfAnnotations {
			keys = append(keys, items...)
		} else {
			names = append(names, items...)
		}
	}
	out.Items = append(out.Items, slices.Concat(names, each(c.Items, completionItemOf), keys)...)
	return out, nil
}

func completionItemOf(i filter.Item) completionItem {
	return completionItem{i.Insert, i.Label, i.Kind.String(), i.Detail}
}

// namesFor are the names of one sort that go on what is typed.
func (s *consoleServer) namesFor(ctx context.Context, in *completeRequest, w filter.Wanted) ([]completionItem, error) {
	known, err := s.candidates(ctx, in, w)
	if err != nil {
		return nil, err
	}
	var items []completionItem
	for _, name := range known {
		item, ok := w.Item(name.value)
		if !ok || len(items) == maxNames {
			continue
		}
		item.Detail = name.detail
		items = append(items, completionItemOf(item))
	}
	return items, nil
}

// candidates are all names of one sort, the most frequent first.
func (s *consoleServer) candidates(ctx context.Context, in *completeRequest, w filter.Wanted) ([]knownName, error) {
	switch w.Names {
	case filter.NamesOfGroups, filter.NamesOfGroupARNs:
		return s.groupNames(ctx, w.Names)
	}
	if in.Start == nil || in.End == nil {
		return nil, nil
	}
	known, err := s.names(ctx, in.Start, in.End)
	if err != nil {
		return nil, err
	}
	return known.sorted(w), nil
}

// groupNames are the groups, by name or by ARN.
func (s *consoleServer) groupNames(ctx context.Context, by filter.Names) ([]knownName, error) {
	groups, err := s.cfg.Groups.List(ctx)
	if err != nil {
		return nil, err
	}
	return each(groups, func(g query.Group) knownName {
		if by == filter.NamesOfGroupARNs {
			return knownName{filter.Text(g.ARN), g.Name}
		}
		return knownName{filter.Text(g.Name), orDefault(g.Expression, "all traces")}
	}), nil
}
