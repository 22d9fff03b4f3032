package roentgen_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func TestParseTraceIDReadsBothForms(t *testing.T) {
	want := roentgen.TraceID{0x57, 0x59, 0xe9, 0x88, 0xbd, 0x86, 0x2e, 0x3f, 0xe1, 0xbe, 0x46, 0xa9, 0x94, 0x27, 0x27, 0x93}
	for _, s := range []string{
		"1-5759e988-bd862e3fe1be46a994272793",
		"1-5759E988-BD862E3FE1BE46A994272793",
		"5759e988bd862e3fe1be46a994272793",
		"5759E988bd862e3fe1BE46A994272793",
	} {
		if got, err := roentgen.ParseTraceID(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	if got := want.String(); got != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("String: %s", got)
	}
	if got := want.W3C(); got != "5759e988bd862e3fe1be46a994272793" {
		t.Errorf("W3C: %s", got)
	}
	if got := want.Epoch(); !got.Equal(time.Unix(0x5759e988, 0)) {
		t.Errorf("Epoch: %s", got)
	}
}

func TestParseTraceIDRefuses(t *testing.T) {
	for s, why := range map[string]string{
		"":                                       "neither",
		"1-5759e988-bd862e3fe1be46a99427279":     "neither", // one digit short
		"1-5759e988-bd862e3fe1be46a9942727933":   "neither",
		"2-5759e988-bd862e3fe1be46a994272793":    "neither", // no such version
		"1_5759e988-bd862e3fe1be46a994272793":    "neither",
		"1-5759e988.bd862e3fe1be46a994272793":    "neither",
		"1-5759e98g-bd862e3fe1be46a994272793":    "neither", // g is no digit
		"5759e988bd862e3fe1be46a99427279":        "neither",
		"5759e988-bd862e3fe1be46a99427279":       "neither",
		" 1-5759e988-bd862e3fe1be46a994272793":   "neither",
		"1-5759e988-bd862e3fe1be46a99427279\xff": "neither",
		"1-00000000-000000000000000000000000":    "no-op",
		strings.Repeat("0", 32):                  "no-op",
	} {
		id, err := roentgen.ParseTraceID(s)
		if err == nil || roentgen.KindOf(err) != roentgen.Invalid || !strings.Contains(err.Error(), why) || !id.IsZero() {
			t.Errorf("%q: %v, %v; want an error of kind invalid with %q", s, id, err, why)
		}
	}
}

func TestALongTextIsNotQuotedWhole(t *testing.T) {
	_, err := roentgen.ParseTraceID(strings.Repeat("x", 100_000))
	if err == nil || len(err.Error()) > 300 || !strings.Contains(err.Error(), "100000 bytes") {
		t.Errorf("%.400v", err)
	}
}

func TestParseSegmentID(t *testing.T) {
	want := roentgen.SegmentID{0x53, 0x99, 0x5c, 0x3f, 0x42, 0xcd, 0x8a, 0xd8}
	for _, s := range []string{"53995c3f42cd8ad8", "53995C3F42CD8AD8"} {
		if got, err := roentgen.ParseSegmentID(s); err != nil || got != want || got.String() != "53995c3f42cd8ad8" {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "53995c3f42cd8ad", "53995c3f42cd8ad88", "53995c3f42cd8adx", "0x995c3f42cd8ad8"} {
		if id, err := roentgen.ParseSegmentID(s); roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%q: %v, %v", s, id, err)
		}
	}
	if !(roentgen.SegmentID{}).IsZero() || want.IsZero() {
		t.Error("IsZero")
	}
}

func TestIDsTravelThroughJSON(t *testing.T) {
	type ids struct {
		Trace   roentgen.TraceID
		Segment roentgen.SegmentID
	}
	text := `{"Trace":"1-5759e988-bd862e3fe1be46a994272793","Segment":"53995c3f42cd8ad8"}`
	var v ids
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(v); err != nil || string(b) != text {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []string{`{"Trace":"1-2"}`, `{"Segment":"zz"}`} {
		if err := json.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// FuzzParseTraceID holds the parser against a slow reading of the rule.
func FuzzParseTraceID(f *testing.F) {
	for _, s := range []string{"", "1-5759e988-bd862e3fe1be46a994272793", "5759e988bd862e3fe1be46a994272793", "1-00000000-000000000000000000000000", "1-5759E98G-bd862e3fe1be46a994272793"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := roentgen.ParseTraceID(s)
		digits, ok := slowTraceID(s)
		if ok != (err == nil) {
			t.Fatalf("%q: %v", s, err)
		}
		if ok && (id.W3C() != digits || id.String() != "1-"+digits[:8]+"-"+digits[8:]) {
			t.Fatalf("%q became %s", s, id)
		}
		decoded, ok := roentgen.DecodeTraceID([]byte(s))
		if err == nil && (!ok || decoded != id) {
			t.Fatalf("%q: DecodeTraceID disagrees", s)
		}
		if ok && err != nil && !decoded.IsZero() {
			t.Fatalf("%q: decoded to %s and refused: %v", s, decoded, err)
		}
	})
}

// slowTraceID returns the 32 digits in lower case.
func slowTraceID(s string) (digits string, ok bool) {
	if parts := strings.Split(s, "-"); len(parts) == 3 && parts[0] == "1" && len(parts[1]) == 8 {
		s = parts[1] + parts[2]
	}
	for _, c := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return "", false
		}
	}
	digits = strings.ToLower(s)
	return digits, len(digits) == 32 && strings.Trim(digits, "0") != ""
}
