package tracetest

import (
	"encoding/json"
	"testing"
)

// Document is a segment or subsegment as X-Ray writes it. Numbers among annotations are float64.
type Document struct {
	Name        string                    `json:"name"`
	ID          string                    `json:"id"`
	TraceID     string                    `json:"trace_id"`
	ParentID    string                    `json:"parent_id"`
	Type        string                    `json:"type"`
	Namespace   string                    `json:"namespace"`
	Origin      string                    `json:"origin"`
	User        string                    `json:"user"`
	StartTime   float64                   `json:"start_time"`
	EndTime     float64                   `json:"end_time"`
	InProgress  bool                      `json:"in_progress"`
	Error       bool                      `json:"error"`
	Throttle    bool                      `json:"throttle"`
	Fault       bool                      `json:"fault"`
	HTTP        HTTP                      `json:"http"`
	SQL         SQL                       `json:"sql"`
	Cause       json.RawMessage           `json:"cause"`
	Annotations map[string]any            `json:"annotations"`
	Metadata    map[string]map[string]any `json:"metadata"`
	Subsegments []Document                `json:"subsegments"`
}

// HTTP is a document's http block.
type HTTP struct {
	Request struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		ClientIP string `json:"client_ip"`
		Traced   bool   `json:"traced"`
	} `json:"request"`
	Response struct {
		Status        int   `json:"status"`
		ContentLength int64 `json:"content_length"`
	} `json:"response"`
}

// SQL is a document's sql block.
type SQL struct {
	URL            string `json:"url"`
	SanitizedQuery string `json:"sanitized_query"`
	DatabaseType   string `json:"database_type"`
}

// Child returns the first subsegment of that name directly beneath d, or fails the test.
func (d Document) Child(t testing.TB, name string) Document {
	t.Helper()
	for _, s := range d.Subsegments {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("%q has no subsegment %q, it has %q", d.Name, name, d.ChildNames())
	return Document{}
}

// ChildNames returns the names of the subsegments directly beneath d, in their order.
func (d Document) ChildNames() []string {
	names := make([]string, len(d.Subsegments))
	for i, s := range d.Subsegments {
		names[i] = s.Name
	}
	return names
}

// WantAnnotations fails the test for every annotation of want that d has not; a nil value wants any.
func (d Document) WantAnnotations(t testing.TB, want map[string]any) {
	t.Helper()
	for key, value := range want {
		got, found := d.Annotations[key]
		if !found || value != nil && got != value {
			t.Errorf("%q: annotation %s is %v (%T), want %v (%T)", d.Name, key, got, got, value, value)
		}
	}
}
