package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// benchDocument is one service's document of the three-service pipeline: a
// segment with three subsegments, an HTTP call, a query and an exception.
func benchDocument(b *testing.B) []byte {
	b.Helper()
	doc, err := os.ReadFile("testdata/documents/go_sdk_segment.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	return doc
}

func BenchmarkParseDocument(b *testing.B) {
	doc := benchDocument(b)
	p := NewParser(Limits{})
	for b.Loop() {
		if _, err := p.Parse(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDocumentOnce(b *testing.B) {
	doc := benchDocument(b)
	for b.Loop() {
		if _, err := ParseDocument(doc, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// jsonEntity holds what a Segment holds, for the comparison.
type jsonEntity struct {
	TraceID     string  `json:"trace_id"`
	ID          string  `json:"id"`
	ParentID    string  `json:"parent_id"`
	Name        string  `json:"name"`
	Start       float64 `json:"start_time"`
	End         float64 `json:"end_time"`
	InProgress  bool    `json:"in_progress"`
	Error       bool    `json:"error"`
	Throttle    bool    `json:"throttle"`
	Fault       bool    `json:"fault"`
	Namespace   string  `json:"namespace"`
	Origin      string  `json:"origin"`
	User        string  `json:"user"`
	ResourceARN string  `json:"resource_arn"`
	HTTP        *struct {
		Request struct {
			Method        string `json:"method"`
			URL           string `json:"url"`
			UserAgent     string `json:"user_agent"`
			ClientIP      string `json:"client_ip"`
			XForwardedFor bool   `json:"x_forwarded_for"`
		} `json:"request"`
		Response struct {
			Status        int   `json:"status"`
			ContentLength int64 `json:"content_length"`
		} `json:"response"`
	} `json:"http"`
	AWS map[string]json.RawMessage `json:"aws"`
	SQL *struct {
		URL            string `json:"url"`
		DatabaseType   string `json:"database_type"`
		SanitizedQuery string `json:"sanitized_query"`
		User           string `json:"user"`
	} `json:"sql"`
	Cause       json.RawMessage            `json:"cause"`
	Annotations map[string]any             `json:"annotations"`
	Metadata    map[string]json.RawMessage `json:"metadata"`
	Subsegments []jsonEntity               `json:"subsegments"`
}

func BenchmarkEncodingJSON(b *testing.B) {
	doc := benchDocument(b)
	for b.Loop() {
		var e jsonEntity
		if err := json.Unmarshal(doc, &e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseIndentedDocument(b *testing.B) {
	doc := benchDocument(b)
	var indented bytes.Buffer
	if err := json.Indent(&indented, doc, "", "  "); err != nil {
		b.Fatal(err)
	}
	doc = indented.Bytes()
	b.SetBytes(int64(len(doc)))
	p := NewParser(Limits{})
	for b.Loop() {
		if _, err := p.Parse(doc); err != nil {
			b.Fatal(err)
		}
	}
}
