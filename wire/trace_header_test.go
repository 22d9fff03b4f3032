package wire

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// headerCase is a row of testdata/trace_header.json, which the tracing module
// reads too: a header, what it says, and how it is sent on. docs/protocol
// explains the members.
type headerCase struct {
	Name    string      `json:"name"`
	In      string      `json:"in"`
	Root    string      `json:"root"`
	Parent  string      `json:"parent"`
	Sampled string      `json:"sampled"`
	Self    string      `json:"self"`
	Lineage string      `json:"lineage"`
	Extra   [][2]string `json:"extra"`
	Out     string      `json:"out"`
	Fault   bool        `json:"fault"`
}

func readHeaderCases(t testing.TB) []headerCase {
	t.Helper()
	text, err := os.ReadFile("testdata/trace_header.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var cases []headerCase
	if err := d.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases", len(cases))
	}
	return cases
}

func TestTraceHeaders(t *testing.T) {
	for _, c := range readHeaderCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			h, err := ParseTraceHeader(c.In)
			got := headerCase{Name: c.Name, In: c.In, Sampled: h.Sampled.String(), Self: h.Self, Lineage: h.Lineage, Out: h.String(), Fault: err != nil}
			if !h.Root.IsZero() {
				got.Root = h.Root.String()
			}
			if !h.Parent.IsZero() {
				got.Parent = h.Parent.String()
			}
			for _, f := range h.Extra {
				got.Extra = append(got.Extra, [2]string{f.Key, f.Value})
			}
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(c)
			if string(a) != string(b) {
				t.Errorf("got  %s\nwant %s\nerror %v", a, b, err)
			}
		})
	}
}

func TestATraceHeaderThatIsTooLong(t *testing.T) {
	in := "Root=1-6a1b2c3d-0123456789abcdef01234567;k=" + strings.Repeat("x", MaxTraceHeaderBytes)
	h, err := ParseTraceHeader(in)
	if roentgen.KindOf(err) != roentgen.Invalid || h.String() != "" {
		t.Errorf("got %q, %v", h, err)
	}
	in = in[:MaxTraceHeaderBytes]
	if h, err := ParseTraceHeader(in); err != nil || h.String() != in {
		t.Errorf("got %q, %v", h, err)
	}
}
