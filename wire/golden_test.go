package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// The documents of real producers, written down by hand after what their
// SDKs send. The .want file shows every typed member and the canonical text.
func TestDocumentsOfProducersAreReadWhole(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d documents: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := ParseDocument(doc, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".json")+".want", show(t, s))
		})
	}
}

// show writes s for people: its members as JSON without those that are empty,
// then hash and text.
func show(t *testing.T, s *roentgen.Segment) []byte {
	t.Helper()
	typed, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(typed))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(prune(tree), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(out, "\n%016x\n%s\n", s.Hash, s.Document)
}

// prune drops zero members, so that a golden file shows what was read.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "Document")
		delete(v, "Hash")
		for k, m := range v {
			if m = prune(m); isZero(m) {
				delete(v, k)
				continue
			}
			v[k] = prune(m)
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}

func isZero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case json.Number:
		return v == "0"
	case string:
		return strings.Trim(v, "0-") == "" || v == "1-00000000-000000000000000000000000"
	}
	return false
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test -rewrite writes it anew. Got:\n%s", file, got)
	}
}
