package cost

import "testing"

const (
	days = 30
	day  = 1000 // requests, as the claim has it
)

// TestAThousandRequestsADayCostNothing goes through the arithmetic of the estimate: at 10 % a thousand requests a day are
// 3,000 traces a month, which are free; so they are even with every request recorded.
func TestAThousandRequestsADayCostNothing(t *testing.T) {
	for name, c := range map[string]struct {
		rule   Rule
		traces int64
	}{
		"a tenth":                     {Rule{OneIn: 10}, 3_000},
		"a tenth, behind a reservoir": {Rule{Reservoir: 1, OneIn: 10}, 30_000}, // which takes them all
		"everything":                  {Rule{OneIn: 1}, 30_000},
		"half of them":                {Rule{OneIn: 2}, 15_000},
	} {
		traces := c.rule.Recorded(day) * days
		if traces != c.traces {
			t.Errorf("%s: %d traces a month, want %d", name, traces, c.traces)
		}
		if price := XRay().Month(Usage{Recorded: traces}); price != 0 {
			t.Errorf("%s: %d traces cost %v, and should be free", name, traces, price)
		}
	}
}

// TestTheReservoirGoesFirst also shows from which traffic on the rate counts at all.
func TestTheReservoirGoesFirst(t *testing.T) {
	rule := Rule{Reservoir: 1, OneIn: 10}
	for requests, want := range map[int64]int64{0: 0, 1: 1, 86_400: 86_400, 86_410: 86_401, 864_000: 86_400 + 77_760} {
		if got := rule.Recorded(requests); got != want {
			t.Errorf("of %d requests %d are recorded, want %d", requests, got, want)
		}
	}
}

// TestPricesOfAMonth has a price at each edge of what is free.
func TestPricesOfAMonth(t *testing.T) {
	for _, c := range []struct {
		name  string
		usage Usage
		want  string
	}{
		{"nothing", Usage{}, "$0.00"},
		{"the last free trace", Usage{Recorded: 100_000}, "$0.00"},
		{"the first that costs", Usage{Recorded: 100_001}, "$0.000005"},
		{"a million beyond", Usage{Recorded: 1_100_000}, "$5.00"},
		{"ten dollars, the upper end of the estimate: 700 times the traces", Usage{Recorded: 1_100_000 + 1_000_000}, "$10.00"},
		{"read for nothing", Usage{Retrieved: 400_000, Scanned: 600_000}, "$0.00"},
		{"one retrieved beyond", Usage{Retrieved: 1_000_001}, "$0.0000005"},
		{"one scanned beyond", Usage{Retrieved: 400_000, Scanned: 600_001}, "$0.0000005"},
		{"a million scanned beyond", Usage{Retrieved: 1_000_000, Scanned: 1_000_000}, "$0.50"},
		{"insights, of which nothing is free", Usage{Insights: 1_000_000}, "$1.00"},
	} {
		if got := XRay().Month(c.usage).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
