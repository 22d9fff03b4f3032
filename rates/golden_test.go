package rates

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// Records of version 1 are written as they were, and read: each a line of its
// kind and its payload.
func TestRecordsOfVersion1(t *testing.T) {
	const path = "testdata/v1.records"
	b := New(at(noon))
	in := batch{"0123456789abcdef0123456789abcdef", 77, 5, counted("shop", noon-hour-3*minute, 7*second, 40)}
	b.mu.forgotten = noon - 30*hour
	must(t, b.Add(in.agent, in.epoch, in.seq, in.rollups...))
	must(t, b.Add(in.agent, in.epoch, 9))
	text := line(kindBatch, in.record().Payload)
	for _, r := range b.snapshot() {
		text += line(r.Kind, r.Payload)
	}
	if *rewrite {
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden records (make them with -rewrite): %v", err)
	}
	if !bytes.Equal([]byte(text), golden) {
		t.Errorf("written are\n%s", text)
	}
	b = New(at(noon))
	lines := strings.Split(strings.TrimSpace(string(golden)), "\n")
	for _, l := range lines {
		kind, payload := parseLine(t, l)
		must(t, b.apply(kind, payload))
	}
	want(t, b, noon-2*hour, noon, 40)
	must(t, b.Add(in.agent, in.epoch, in.seq, in.rollups...))
	want(t, b, noon-2*hour, noon, 40)
	if b.mu.forgotten != noon-30*hour || len(lines) < 6 {
		t.Errorf("%d records, forgotten until %v", len(lines), b.mu.forgotten.Time())
	}
}

func line(kind byte, payload []byte) string { return fmt.Sprintf("%d %x\n", kind, payload) }

func parseLine(t *testing.T, l string) (kind byte, payload []byte) {
	t.Helper()
	number, text, _ := strings.Cut(l, " ")
	payload, err := hex.DecodeString(text)
	if err != nil || len(number) != 1 {
		t.Fatalf("%q: %v", l, err)
	}
	return number[0] - '0', payload
}
