package filter

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

const reference = "../docs/filter.md"

// The reference's tables are the code's, and its examples are held to what it says of them.
func TestTheReferenceSaysWhatTheCodeDoes(t *testing.T) {
	content, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for name, table := range map[string]string{"operators": operatorTable(), "keywords": keywordTable()} {
		text = withTable(t, text, name, table)
	}
	if *rewrite {
		if err := os.WriteFile(reference, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != string(content) {
		t.Errorf("the tables of %s are not those of the code: go test ./filter -rewrite writes them", reference)
	}
}

// withTable puts the table between its two remarks.
func withTable(t *testing.T, text, name, table string) string {
	t.Helper()
	begin, rest, ok := strings.Cut(text, "<!-- "+name+": ")
	remark, rest, ok2 := strings.Cut(rest, "-->\n")
	_, end, ok3 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("%s has no place for the table of %s", reference, name)
	}
	return begin + "<!-- " + name + ": " + remark + "-->\n" + table + "<!-- end -->" + end
}

func operatorTable() string {
	var b strings.Builder
	b.WriteString("| Operator | Compares |\n|---|---|\n")
	for o := range opCount {
		var list []string
		for _, k := range []roentgen.ValueKind{roentgen.StringValue, roentgen.NumberValue, roentgen.BoolValue} {
			if o.Compares(k) {
				list = append(list, kindName(k)+"s")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", o, strings.Join(list, ", "))
	}
	return b.String()
}

func keywordTable() string {
	columns := []scopes{in(ScopeTrace), in(ScopeService), in(ScopeEdge), in(ScopeCauseService), in(ScopeCauseEntity, ScopeTimeEntity), in(ScopeCauseException)}
	var b strings.Builder
	b.WriteString("| Keyword | Type | outside | `service` | `edge` | cause: service | entity | exception | Meaning |\n|---|---|---|---|---|---|---|---|---|\n")
	for k := KeywordNone + 1; k < KeywordAnnotation; k++ {
		kind, _ := k.Kind()
		fmt.Fprintf(&b, "| `%s` | %s |", k, kindName(kind))
		for _, column := range columns {
			if keywords[k].scopes&column != 0 {
				b.WriteString(" x |")
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString(" " + keywords[k].help + " |\n")
	}
	return b.String()
}

func TestTheExamplesOfTheReferenceAreWhatItSays(t *testing.T) {
	content, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	for block, refused := range map[string]bool{"filter": false, "refused": true} {
		examples := examplesOf(string(content), block)
		if len(examples) < 5 {
			t.Errorf("%s has %d examples in blocks of %s", reference, len(examples), block)
		}
		for _, example := range examples {
			if _, err := Parse(example); (err != nil) != refused {
				t.Errorf("%s: %v", example, err)
			}
		}
	}
}

// examplesOf returns the lines of fenced blocks of the name.
func examplesOf(text, block string) (examples []string) {
	for _, part := range strings.Split(text, "\n```"+block+"\n")[1:] {
		inside, _, _ := strings.Cut(part, "\n```")
		examples = append(examples, strings.Split(inside, "\n")...)
	}
	return examples
}
