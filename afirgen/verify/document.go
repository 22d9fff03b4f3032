package verify

import (
	"encoding/json"
	"fmt"
)

// Document is a segment or subsegment as X-Ray writes it. Numbers among annotations and metadata are float64.
type Document struct {
	ID          string                    `json:"id"`
	TraceID     string                    `json:"trace_id"`
	ParentID    string                    `json:"parent_id"`
	Name        string                    `json:"name"`
	Type        string                    `json:"type"` // subsegment where one came apart from its segment
	Namespace   string                    `json:"namespace"`
	Origin      string                    `json:"origin"`
	User        string                    `json:"user"`
	StartTime   float64                   `json:"start_time"` // seconds since 1970
	EndTime     float64                   `json:"end_time"`
	InProgress  bool                      `json:"in_progress"`
	Inferred    bool                      `json:"inferred"` // made up by the store for a callee that sends no segments
	Error       bool                      `json:"error"`
	Throttle    bool                      `json:"throttle"`
	Fault       bool                      `json:"fault"`
	Service     Service                   `json:"service"`
	HTTP        *HTTP                     `json:"http"`
	SQL         *SQL                      `json:"sql"`
	AWS         map[string]any            `json:"aws"`
	Cause       Cause                     `json:"cause"`
	Annotations map[string]any            `json:"annotations"`
	Metadata    map[string]map[string]any `json:"metadata"`
	Subsegments []*Document               `json:"subsegments"`
}

// Service is a segment's service block.
type Service struct {
	Version string `json:"version"`
}

// HTTP is a document's http block.
type HTTP struct {
	Request struct {
		Method    string `json:"method"`
		URL       string `json:"url"`
		UserAgent string `json:"user_agent"`
		ClientIP  string `json:"client_ip"`
	} `json:"request"`
	Response struct {
		Status        int    `json:"status"`
		ContentLength *int64 `json:"content_length"`
	} `json:"response"`
}

// SQL is a document's sql block.
type SQL struct {
	SanitizedQuery string `json:"sanitized_query"`
	DatabaseType   string `json:"database_type"`
}

// Cause says why something failed: exceptions, or the id of one that stands elsewhere in the trace.
type Cause struct {
	Ref        string      `json:"-"`
	Exceptions []Exception `json:"exceptions"`
}

// UnmarshalJSON takes both forms.
func (c *Cause) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.Ref)
	}
	type plain Cause
	return json.Unmarshal(data, (*plain)(c))
}

// Exception is one error with the place where it came up.
type Exception struct {
	ID      string `json:"id"`
	Message string `json:"message"`
	Type    string `json:"type"`
	Stack   []struct {
		Path  string `json:"path"`
		Line  int    `json:"line"`
		Label string `json:"label"`
	} `json:"stack"`
}

// parse reads the documents of one trace. all has every one as it stands, for the search for what must not be there.
func parse(texts []string) (documents []*Document, all []any, err error) {
	for i, text := range texts {
		d := new(Document)
		var whole any
		if err := json.Unmarshal([]byte(text), d); err != nil {
			return nil, nil, fmt.Errorf("reading document %d of the trace: %w", i+1, err)
		}
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			return nil, nil, fmt.Errorf("reading document %d of the trace: %w", i+1, err)
		}
		documents, all = append(documents, d), append(all, whole)
	}
	return documents, all, nil
}
