package wire

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Codes are stored: the page that draws them has each with its key, and none
// of two keys.
func TestCodesOfAttributesAreThoseOfTheirPage(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol/otlp.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[byte]string{codeMetadata: "m", codeAnnotation: "a", codeRenamed: "k", codeRaw: "r"}
	for k, known := range knownKeys {
		if keyOf([]byte(known.name)) != knownKey(k) {
			t.Errorf("%q is not found by its name", known.name)
		}
		if known.code == 0 {
			continue
		}
		if other, twice := seen[known.code]; twice {
			t.Errorf("%q and %q have the code %c", other, known.name, known.code)
		}
		seen[known.code] = known.name
		if row := fmt.Sprintf("| `%c` | `%s` |", known.code, known.name); !strings.Contains(string(page), row) {
			t.Errorf("docs/protocol/otlp.md has no row %s", row)
		}
	}
	if rows := strings.Count(string(page), "` | `"); rows < len(seen)-4 {
		t.Errorf("the page has %d rows", rows)
	}
}
