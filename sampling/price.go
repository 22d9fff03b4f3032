package sampling

import "fmt"

// Usage is what one account does at AWS X-Ray in a calendar month. A trace
// counts once, however many services and segments it has.
type Usage struct {
	Recorded  int64 // traces that were stored
	Retrieved int64 // traces that were read whole
	Scanned   int64 // traces that a search looked at
	Insights  int64 // traces that insights looked at; 0 where they are off
}

// Nanodollars are 10⁻⁹ US dollars, so that nothing is rounded.
type Nanodollars int64

// String writes dollars and as many digits of cents as there are.
func (n Nanodollars) String() string {
	const dollar = 1_000_000_000
	rest := fmt.Sprintf("%09d", n%dollar)
	for len(rest) > 2 && rest[len(rest)-1] == '0' {
		rest = rest[:len(rest)-1]
	}
	return fmt.Sprintf("$%d.%s", n/dollar, rest)
}

// Dollars is the same as a number.
func (n Nanodollars) Dollars() float64 { return float64(n) / 1e9 }

// Prices are per trace, beyond what is free in each month.
type Prices struct {
	FreeRecorded, FreeRead                 int64 // traces
	Recorded, Retrieved, Scanned, Insights Nanodollars
}

// XRayPrices are AWS X-Ray's of us-east-1 (aws.amazon.com/xray/pricing); other
// regions differ.
func XRayPrices() Prices {
	return Prices{
		FreeRecorded: 100_000, FreeRead: 1_000_000, // retrieved or scanned
		Recorded: 5_000, Retrieved: 500, Scanned: 500, Insights: 1_000,
	}
}

// Bill is the price of a month, by what it is for.
type Bill struct{ Recorded, Retrieved, Scanned, Insights Nanodollars }

// Sum is the price of all.
func (b Bill) Sum() Nanodollars { return b.Recorded + b.Retrieved + b.Scanned + b.Insights }

// Month returns the price of a month. Of what is read, retrieving uses the
// free traces up first; both cost the same.
func (p Prices) Month(u Usage) Bill {
	return Bill{
		Recorded:  Nanodollars(max(0, u.Recorded-p.FreeRecorded)) * p.Recorded,
		Retrieved: Nanodollars(max(0, u.Retrieved-p.FreeRead)) * p.Retrieved,
		Scanned:   Nanodollars(max(0, u.Scanned-max(0, p.FreeRead-u.Retrieved))) * p.Scanned,
		Insights:  Nanodollars(u.Insights) * p.Insights,
	}
}

const secondsOfADay = 24 * 60 * 60

// RecordedADay returns how many of a day's requests a rule with a reservoir (a
// second) and a rate records when they come evenly spread, rounded down. When
// they come in bursts, the reservoir is used less.
func RecordedADay(requests, reservoir int64, rate float64) int64 {
	first := min(requests, reservoir*secondsOfADay)
	return first + int64(float64(requests-first)*rate+1e-6) // 1,000 × 0.1 is 100, whatever 0.1 is in binary
}
