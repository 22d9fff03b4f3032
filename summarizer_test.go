package roentgen_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/roentgen/roentgen"
)

func TestASummarizerMakesTheSummariesOfPartials(t *testing.T) {
	z := new(roentgen.Summarizer)
	rapid.Check(t, func(t *rapid.T) {
		docs := history().Draw(t, "documents")
		slices.SortStableFunc(docs, func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
		z.Begin(traceID)
		for rest := docs; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].Segment.ID == rest[0].Segment.ID {
				n++
			}
			z.Add(rest[:n]...)
			rest = rest[n:]
		}
		nothing := strings.NewReplacer(":[]", ":null")
		got, want := nothing.Replace(asText(t, z.Summary())), nothing.Replace(asText(t, fold(docs...).Summary()))
		if got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
