package up

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// document is a segment or subsegment, as far as it is printed.
type document struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	ParentID    string         `json:"parent_id"`
	Namespace   string         `json:"namespace"`
	Origin      string         `json:"origin"`
	StartTime   float64        `json:"start_time"` // seconds since 1970
	EndTime     float64        `json:"end_time"`
	InProgress  bool           `json:"in_progress"`
	Inferred    bool           `json:"inferred"` // made up by the server for a callee that sends no segments
	Error       bool           `json:"error"`
	Throttle    bool           `json:"throttle"`
	Fault       bool           `json:"fault"`
	HTTP        documentHTTP   `json:"http"`
	Annotations map[string]any `json:"annotations"`
	Subsegments []*document    `json:"subsegments"`
}

type documentHTTP struct {
	Response struct {
		Status int `json:"status"`
	} `json:"response"`
}

// parseDocuments reads the documents of one trace and drops the inferred ones.
func parseDocuments(texts []string) ([]*document, error) {
	var list []*document
	for i, text := range texts {
		d := new(document)
		if err := json.Unmarshal([]byte(text), d); err != nil {
			return nil, fmt.Errorf("reading segment %d of the trace: %w", i+1, err)
		}
		if !d.Inferred {
			list = append(list, d)
		}
	}
	return list, nil
}

// complete reports whether every service has a segment that has ended.
func complete(list []*document, services []string) bool {
	for _, name := range services {
		if !slices.ContainsFunc(list, func(d *document) bool { return d.Name == name && d.EndTime > 0 && !d.InProgress }) {
			return false
		}
	}
	return true
}

// tree hangs every document beneath the (sub)segment that its parent_id names and returns those that have none here.
func tree(list []*document) []*document {
	byID := map[string]*document{}
	for _, d := range list {
		enrol(byID, d)
	}
	var roots []*document
	for _, d := range list {
		if parent := byID[d.ParentID]; parent != nil && parent != d {
			parent.Subsegments = append(parent.Subsegments, d)
		} else {
			roots = append(roots, d)
		}
	}
	for _, d := range byID {
		sortByStart(d.Subsegments)
	}
	sortByStart(roots)
	return roots
}

func enrol(byID map[string]*document, d *document) {
	byID[d.ID] = d
	for _, s := range d.Subsegments {
		enrol(byID, s)
	}
}

func sortByStart(list []*document) {
	slices.SortStableFunc(list, func(a, b *document) int { return cmp.Compare(a.StartTime, b.StartTime) })
}

// draw prints the trees, one line per document.
func draw(roots []*document) string {
	var b strings.Builder
	for _, root := range roots {
		drawInto(&b, root, "", "", 0)
	}
	return b.String()
}

// maxDepth keeps a broken parent chain from going on for ever.
const maxDepth = 100

func drawInto(b *strings.Builder, d *document, first, rest string, depth int) {
	b.WriteString(first + d.line() + "\n")
	if notes := d.annotations(); notes != "" {
		bar := "  "
		if len(d.Subsegments) > 0 {
			bar = "│ "
		}
		b.WriteString(rest + bar + "    " + notes + "\n")
	}
	if depth == maxDepth {
		return
	}
	for i, s := range d.Subsegments {
		if i == len(d.Subsegments)-1 {
			drawInto(b, s, rest+"└─ ", rest+"   ", depth+1)
		} else {
			drawInto(b, s, rest+"├─ ", rest+"│  ", depth+1)
		}
	}
}

// line is name, kind, duration and outcome.
func (d *document) line() string {
	parts := []string{d.Name}
	for _, kind := range []string{d.Origin, d.Namespace} {
		if kind != "" {
			parts = append(parts, "["+kind+"]")
		}
	}
	if d.InProgress || d.EndTime == 0 {
		parts = append(parts, "in progress")
	} else {
		parts = append(parts, fmt.Sprintf("%.1f ms", (d.EndTime-d.StartTime)*1000))
	}
	if status := d.HTTP.Response.Status; status != 0 {
		parts = append(parts, fmt.Sprint(status))
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{d.Error, "error"}, {d.Throttle, "throttle"}, {d.Fault, "fault"}} {
		if flag.set {
			parts = append(parts, flag.name)
		}
	}
	return strings.Join(parts, "  ")
}

func (d *document) annotations() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(d.Annotations)) {
		parts = append(parts, fmt.Sprintf("%s=%v", key, d.Annotations[key]))
	}
	return strings.Join(parts, " ")
}
