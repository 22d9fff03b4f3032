package test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var rewriteQueries = flag.Bool("rewrite-queries", false, "write the queries into the quick reference again")

// afirgenQuery is a filter expression of the documentation.
type afirgenQuery struct {
	expression string
	finds      []string // fields of traffic; all: every one
	meaning    string
}

const allTraffic = "all"

func readQueries(t *testing.T) (list []afirgenQuery) {
	t.Helper()
	file, err := os.ReadFile("testdata/afirgen_queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			t.Fatalf("%q is no query, the traces it finds, and its meaning", line)
		}
		list = append(list, afirgenQuery{parts[0], strings.Fields(parts[1]), parts[2]})
	}
	return list
}

// TestQueriesFindWhatAFIRGenDid asks AWS's client for traces that AFIRGen
// really left, by service, URL, status, annotation and response time: each
// expression with traces that it has to find, and those that it must not.
func TestQueriesFindWhatAFIRGenDid(t *testing.T) {
	queries := readQueries(t)
	a, made := makeTraffic(t)
	c := awsClient(a.server)
	ids := reflect.ValueOf(made)
	for _, q := range queries {
		got := found(t, c, q.expression)
		for i := range ids.NumField() {
			name, id := ids.Type().Field(i).Name, ids.Field(i).String()
			want := slices.Contains(q.finds, name) || q.finds[0] == allTraffic
			if slices.Contains(got, id) != want {
				t.Errorf("%s: trace %s, %s, is found: %v", q.expression, name, id, !want)
			}
		}
		for _, name := range q.finds {
			if name != allTraffic && !ids.FieldByName(name).IsValid() {
				t.Errorf("%s: there is no trace %s", q.expression, name)
			}
		}
	}
}

// TestTheQuickReferenceShowsTheQueries holds the page's table against the
// queries that the test above asks.
func TestTheQuickReferenceShowsTheQueries(t *testing.T) {
	const path, begin, end = "../docs/guides/quick-reference.md", "<!-- queries -->\n", "<!-- end of queries -->"
	var table strings.Builder
	table.WriteString("| Expression | What it finds |\n|---|---|\n")
	for _, q := range readQueries(t) {
		fmt.Fprintf(&table, "| `%s` | %s |\n", q.expression, q.meaning)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	shown, after, also := strings.Cut(rest, end)
	switch {
	case !ok || !also:
		t.Fatalf("%s has no place for the queries", path)
	case shown == table.String():
	case *rewriteQueries:
		if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not show the queries of testdata/afirgen_queries.txt: go test -run QuickReference . -rewrite-queries", path)
	}
}
