package tail

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestRowsAreChosenByNameAndRate(t *testing.T) {
	c := CostConfig{Rates: []float64{20_000, 50_000}, For: time.Second, Outage: time.Minute}
	for only, want := range map[string]int{"": 8, "AWS": 3, "to Roentgen, all forwarded, 20000": 1, "outage": 2, "20000$": 3, "nobody": 0} {
		c.Only = regexp.MustCompile(only)
		if got := c.rows(); len(got) != want {
			t.Errorf("%q: %v, want %d", only, got, want)
		}
	}
	c.Only = nil
	if got := len(c.rows()); got != 8 {
		t.Errorf("%d rows, want all 8", got)
	}
	c.Only = regexp.MustCompile("nobody")
	if r, err := MeasureAgent(t.Context(), c); err == nil || !strings.Contains(err.Error(), "nobody") || r.Markdown() != "" {
		t.Errorf("a table without rows: %v", err)
	}
}

func TestTheMedianOfARowIsOneOfItsTimes(t *testing.T) {
	took := func(seconds float64, received int64) Costs {
		return Costs{Name: "row", Rate: 1, Offered: 1_000_000, Received: received, CPU: time.Duration(seconds * float64(time.Second))}
	}
	got := mediansOf([][]Costs{{took(30, 1_000_000), took(5, 500_000), took(12, 999_000)}, {}, {took(7, 1_000_000)}})
	if len(got) != 2 || got[0].Received != 999_000 || fmt.Sprintf("%.1f", got[0].Million) != "[10.0 12.0 30.0]" || len(got[1].Million) != 1 {
		t.Fatalf("%+v", got)
	}
	r := &CostReport{Rows: got, Before: Speed{90, 60}, After: Speed{90, 60}}
	for _, want := range []string{"| 12.0 (10.0 to 30.0 in 3) |", "| 7.0 |", "This machine reads 90 MB/s"} {
		if !strings.Contains(r.Markdown(), want) {
			t.Errorf("the report does not say %q:\n%s", want, r.Markdown())
		}
	}
}
