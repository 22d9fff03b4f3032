package store

import (
	"context"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// statements are the queries below a segment.
func statements(d tracetest.Document) (list []string) {
	for _, sub := range d.Subsegments {
		if sub.SQL.SanitizedQuery != "" {
			list = append(list, sub.SQL.SanitizedQuery)
		}
		list = append(list, statements(sub)...)
	}
	return list
}

func TestEachStatementIsTracedWithoutWhatItStores(t *testing.T) {
	both(t, func(h house) {
		collector := tracetest.Start(h.T)
		tr := collector.Setup(h.T, "afirgen-test")
		traced, err := Open(h.Context(), h.dsn, tr.OpenDB)
		h.must(err)
		defer func() { _ = traced.Close() }()
		s := h.ready("a")
		h.Store = traced
		h.must(tr.Segment(h.Context(), "draft", func(ctx context.Context) error {
			if err := traced.CreateSession(ctx, opened(h, "b")); err != nil {
				return err
			}
			if err := traced.CreateSession(ctx, opened(h, "b")); err == nil {
				h.Error("an id was taken twice")
			}
			_, _, err := traced.Draft(ctx, "HZG", fir.SeriesFIR, noon, true, drafted(s, noon))
			return err
		}))
		d := collector.Await(h.T, "draft")
		want := []string{
			"INSERT INTO sessions", "INSERT INTO sessions", // creating, twice
			"SELECT year", "INSERT INTO counters", "SELECT year", "UPDATE counters", // a number, with a counter to begin
			"SELECT version", "SELECT fir_number", "UPDATE sessions", "INSERT INTO reports",
		}
		got := statements(d)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
				h.Fatalf("the statements are %q, want those that begin %q", got, want)
			}
		}
		for _, secret := range []string{"रमेश", "मोटरसाइकिल", "9415000000", "हज़रतगंज"} {
			if strings.Contains(string(collector.Raw()), secret) {
				h.Errorf("%s is in a trace", secret)
			}
		}
	})
}
