package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// entity is a segment or subsegment as its document has it.
type entity struct {
	ID         string  `json:"id"`
	ParentID   string  `json:"parent_id"`
	Name       string  `json:"name"`
	Origin     string  `json:"origin"`
	Namespace  string  `json:"namespace"`
	Start      float64 `json:"start_time"` // epoch seconds
	End        float64 `json:"end_time"`
	InProgress bool    `json:"in_progress"`
	Inferred   bool    `json:"inferred"`
	Fault      bool    `json:"fault"`
	Error      bool    `json:"error"`
	Throttle   bool    `json:"throttle"`
	HTTP       struct {
		Request struct {
			Method string `json:"method"`
			URL    string `json:"url"`
		} `json:"request"`
		Response struct {
			Status int `json:"status"`
		} `json:"response"`
	} `json:"http"`
	AWS struct {
		Operation string `json:"operation"`
	} `json:"aws"`
	SQL struct {
		Query string `json:"sanitized_query"`
	} `json:"sql"`
	Cause       cause     `json:"cause"`
	Subsegments []*entity `json:"subsegments"`

	children []*entity // subsegments, and segments that they called
	depth    int
	segment  bool // of its own
}

// cause is why an entity failed: exceptions, or the id of one elsewhere.
type cause struct {
	Exceptions []exception
	Elsewhere  string
}

type exception struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Message string `json:"message"`

	in *entity // that has it
}

// UnmarshalJSON reads either form.
func (c *cause) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &c.Elsewhere)
	}
	var object struct {
		Exceptions []exception `json:"exceptions"`
	}
	err := json.Unmarshal(b, &object)
	c.Exceptions = object.Exceptions
	return err
}

// flags are the outcomes, said outright or by the status.
func (e *entity) flags() (fault, err, throttle bool) {
	status := e.HTTP.Response.Status
	return e.Fault || status >= 500 && status < 600, e.Error || status >= 400 && status < 500, e.Throttle || status == 429
}

// ended is the end, or what the trace reached for an entity that has none.
func (e *entity) ended(last float64) float64 {
	if e.InProgress || e.End == 0 {
		return last
	}
	return e.End
}

// traceTree is the entities of a trace under those that called them.
type traceTree struct {
	roots       []*entity
	first, last float64 // epoch seconds
	count       int
	exceptions  map[string]exception // by id
}

// tree reads the documents. An inferred one repeats the call that it was made
// of, so it is left out.
func (t *wholeTrace) tree() (*traceTree, error) {
	tree := &traceTree{exceptions: map[string]exception{}}
	byID := map[string]*entity{}
	var segments []*entity
	for _, document := range t.Segments {
		e := new(entity)
		if err := json.Unmarshal(document, e); err != nil {
			return nil, fmt.Errorf("read a document of trace %s: %w", t.ID, err)
		}
		if e.Inferred {
			continue
		}
		e.segment = true
		segments = append(segments, e)
		tree.add(e, byID)
	}
	for _, e := range segments {
		parent := byID[e.ParentID]
		if parent == nil || parent == e || below(e, parent) {
			tree.roots = append(tree.roots, e)
		} else {
			parent.children = append(parent.children, e)
		}
	}
	tree.settle(tree.roots, 0)
	return tree, nil
}

// add counts an entity and those in it.
func (t *traceTree) add(e *entity, byID map[string]*entity) {
	byID[e.ID] = e
	if t.count++; t.count == 1 || e.Start < t.first {
		t.first = e.Start
	}
	t.last = max(t.last, e.Start, e.End)
	for _, x := range e.Cause.Exceptions {
		x.in = e
		t.exceptions[x.ID] = x
	}
	for _, sub := range e.Subsegments {
		t.add(sub, byID)
	}
	e.children = slices.Clone(e.Subsegments)
}

// below says whether e stands under top already: parents that form a ring.
func below(top, e *entity) bool {
	return top == e || slices.ContainsFunc(top.children, func(child *entity) bool { return below(child, e) })
}

// settle puts entities in order of their start.
func (t *traceTree) settle(list []*entity, depth int) {
	slices.SortStableFunc(list, func(a, b *entity) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)) })
	for _, e := range list {
		e.depth = depth
		t.settle(e.children, depth+1)
	}
}
