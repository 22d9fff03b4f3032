package tracing

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

// TestHeadersMeanWhatTheServerReads holds the parser against the table that
// the server's parser passes too: testdata/trace_header.json is the same file
// there.
func TestHeadersMeanWhatTheServerReads(t *testing.T) {
	text, err := os.ReadFile("testdata/trace_header.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, In, Root, Parent, Sampled, Self, Lineage string
		Extra                                          [][2]string
		Fault                                          bool
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			h, sound := parseHeader(c.In)
			got := []string{"", "", strings.Trim(string(rune(h.sampled)), "\x00"), h.self}
			if h.hasRoot {
				got[0] = string(appendTraceID(nil, h.root))
			}
			if h.parent != (trace.SpanID{}) {
				got[1] = h.parent.String()
			}
			for i, want := range []string{c.Root, c.Parent, c.Sampled, c.Self} {
				if got[i] != want {
					t.Errorf("%s of %q is %q, want %q", [...]string{"root", "parent", "sampled", "self"}[i], c.In, got[i], want)
				}
			}
			if got, want := fields(handedOn(h)), fields(rest(c.Lineage, c.Extra)); !slices.Equal(got, want) {
				t.Errorf("of %q is handed on %q, want %q", c.In, got, want)
			}
			if c.Fault && sound { // the SDK also calls a part without = a fault
				t.Errorf("%q passes as sound", c.In)
			}
		})
	}
}

// handedOn has the extra fields, and Roentgen's own marks, which are plain extra fields to the server.
func handedOn(h header) []string {
	parts := strings.Split(h.extra, ";")
	if h.undecided {
		parts = append(parts, "Undecided=1")
	}
	if h.kept {
		parts = append(parts, "Kept=1")
	}
	return parts
}

func rest(lineage string, extra [][2]string) (parts []string) {
	if lineage != "" {
		parts = append(parts, "Lineage="+lineage)
	}
	for _, kv := range extra {
		parts = append(parts, kv[0]+"="+kv[1])
	}
	return parts
}

// fields sorts parts and takes off white space: the SDK hands them on as they
// came, the server in an order of its own. Lineage may be in any case.
func fields(parts []string) (out []string) {
	for _, part := range parts {
		key, value, _ := strings.Cut(part, "=")
		key = strings.TrimSpace(key)
		if strings.EqualFold(key, "lineage") {
			key = "Lineage"
		}
		if key != "" {
			out = append(out, key+"="+strings.TrimSpace(value))
		}
	}
	slices.Sort(out)
	return out
}
