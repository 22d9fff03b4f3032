package sampling

import "testing"

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
		{"read for nothing", Usage{Retrieved: 400_000, Scanned: 600_000}, "$0.00"},
		{"one retrieved beyond", Usage{Retrieved: 1_000_001}, "$0.0000005"},
		{"one scanned beyond", Usage{Retrieved: 400_000, Scanned: 600_001}, "$0.0000005"},
		{"a million scanned beyond", Usage{Retrieved: 1_000_000, Scanned: 1_000_000}, "$0.50"},
		{"insights, of which nothing is free", Usage{Insights: 1_000_000}, "$1.00"},
		{"all of it", Usage{Recorded: 1_100_000, Retrieved: 1_000_000, Scanned: 1_000_000, Insights: 1_000_000}, "$6.50"},
	} {
		if got := XRayPrices().Month(c.usage).Sum().String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheReservoirGoesFirst(t *testing.T) {
	for _, c := range []struct {
		requests, reservoir int64
		rate                float64
		want                int64
	}{
		{1000, 0, 0.1, 100}, {1000, 1, 0.1, 1000}, {1000, 0, 1, 1000}, {1000, 0, 0, 0}, {0, 1, 1, 0},
		{86_400, 1, 0.1, 86_400}, {86_410, 1, 0.1, 86_401}, {864_000, 1, 0.1, 86_400 + 77_760}, {3, 0, 0.3333, 0},
	} {
		if got := RecordedADay(c.requests, c.reservoir, c.rate); got != c.want {
			t.Errorf("of %d requests with a reservoir of %d and a rate of %v, %d are recorded, want %d", c.requests, c.reservoir, c.rate, got, c.want)
		}
	}
}
