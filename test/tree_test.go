package test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew; review the difference")

// compareTree holds a whole trace against testdata/<name>.tree: every entity
// in its place over all services, with flags, http, sql, aws, annotations and
// metadata. What differs from run to run is written as its kind: <uuid>,
// <port>, <number>, <languages>.
func compareTree(t *testing.T, name string, docs []document) {
	t.Helper()
	path := filepath.Join("testdata", name+".tree")
	got := drawTrace(docs)
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the trace is not that of %s (write it anew with -rewrite):\n%s", path, got)
	}
}

// drawTrace writes the segments as one tree by their parent ids.
func drawTrace(docs []document) string {
	below := map[string][]document{}
	ids := map[string]bool{}
	for _, d := range docs {
		d.walk(func(e *document) { ids[e.ID] = true })
	}
	var roots []document
	for _, d := range docs {
		if ids[d.ParentID] {
			below[d.ParentID] = append(below[d.ParentID], d)
		} else {
			roots = append(roots, d)
		}
	}
	var b strings.Builder
	for _, r := range roots {
		if r.ParentID != "" {
			b.WriteString("(its parent did not arrive) ")
		}
		draw(&b, r, below, "", "segment")
	}
	return b.String()
}

func (d *document) walk(fn func(*document)) {
	fn(d)
	for i := range d.Subsegments {
		d.Subsegments[i].walk(fn)
	}
}

func draw(b *strings.Builder, d document, below map[string][]document, indent, kind string) {
	fmt.Fprintf(b, "%s%s %s", indent, kind, d.Name)
	for _, word := range []struct {
		text string
		is   bool
	}{
		{" user=" + d.User, d.User != ""}, {" namespace=" + d.Namespace, d.Namespace != ""}, {" origin=" + d.Origin, d.Origin != ""},
		{" ERROR", d.Error}, {" THROTTLE", d.Throttle}, {" FAULT", d.Fault},
		{" IN PROGRESS", d.InProgress}, {" has a cause", d.Cause != nil}, {" ENDS BEFORE IT STARTS", d.EndTime < d.StartTime},
	} {
		if word.is {
			b.WriteString(word.text)
		}
	}
	b.WriteByte('\n')
	indent += "    "
	if h := d.HTTP; h.Request.Method != "" {
		fmt.Fprintf(b, "%shttp %s %s → %d", indent, h.Request.Method, settle(h.Request.URL), h.Response.Status)
		if h.Request.Traced {
			b.WriteString(" traced")
		}
		b.WriteByte('\n')
	}
	drawMap(b, indent, "sql", d.SQL)
	drawMap(b, indent, "aws", d.AWS)
	drawMap(b, indent, "annotation", d.Annotations)
	for _, ns := range slices.Sorted(maps.Keys(d.Metadata)) {
		drawMap(b, indent, "metadata "+ns, d.Metadata[ns])
	}
	children := slices.Clone(d.Subsegments)
	slices.SortStableFunc(children, func(x, y document) int {
		switch {
		case x.Name == "violation_check" && y.Name == x.Name: // they run at once
			return strings.Compare(fmt.Sprint(x.Annotations["section"]), fmt.Sprint(y.Annotations["section"]))
		case x.StartTime < y.StartTime:
			return -1
		case x.StartTime > y.StartTime:
			return 1
		}
		return 0
	})
	for _, c := range children {
		draw(b, c, below, indent, "subsegment")
	}
	for _, c := range below[d.ID] {
		draw(b, c, below, indent, "segment")
	}
}

func drawMap(b *strings.Builder, indent, what string, m map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text, _ := json.Marshal(m[key]) // it came from JSON
		fmt.Fprintf(b, "%s%s %s=%s\n", indent, what, key, settleMember(key, string(text)))
	}
}

// varying are the numbers that no two runs share.
var varying = map[string]bool{"duration_ms": true, "queue_wait_ms": true, "confidence": true}

func settleMember(key, value string) string {
	if key == "language" {
		return "<languages>" // those that tesseract has on this machine
	}
	if varying[key] {
		if strings.HasPrefix(value, `"`) {
			return value
		}
		return "<number>"
	}
	return settle(value)
}

var (
	uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	ports = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	files = regexp.MustCompile(`[^" ]*/afirgen\.db`)
)

func settle(s string) string {
	return files.ReplaceAllString(ports.ReplaceAllString(uuids.ReplaceAllString(s, "<uuid>"), "127.0.0.1:<port>"), "<folder>/afirgen.db")
}
