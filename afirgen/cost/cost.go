// Package cost says what recorded traces cost at AWS X-Ray, and what a sampling rule lets through.
//
// Prices are those of AWS's price list for us-east-1 (aws.amazon.com/xray/pricing); other regions differ. Amounts are in
// nanodollars, so that nothing is rounded: one trace costs 5,000. Roentgen itself asks for no money.
package cost

import "fmt"

// Usage is what one account does in a calendar month. A trace counts once, however many services and segments it has.
type Usage struct {
	Recorded  int64 // traces that were stored
	Retrieved int64 // traces that were read whole
	Scanned   int64 // traces that a search looked at
	Insights  int64 // traces that insights looked at; 0 where they are off
}

// Nanodollars are 10⁻⁹ US dollars.
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

// Prices are per trace, beyond what is free in each month.
type Prices struct {
	FreeRecorded, FreeRead                 int64 // traces
	Recorded, Retrieved, Scanned, Insights Nanodollars
}

// XRay returns X-Ray's prices.
func XRay() Prices {
	return Prices{
		FreeRecorded: 100_000, FreeRead: 1_000_000, // retrieved or scanned
		Recorded: 5_000, Retrieved: 500, Scanned: 500, Insights: 1_000,
	}
}

// Month returns the price of a month. Of what is read, retrieving uses the free traces up first; both cost the same.
func (p Prices) Month(u Usage) Nanodollars {
	retrieved := max(0, u.Retrieved-p.FreeRead)
	scanned := max(0, u.Scanned-max(0, p.FreeRead-u.Retrieved))
	return Nanodollars(max(0, u.Recorded-p.FreeRecorded))*p.Recorded + Nanodollars(retrieved)*p.Retrieved +
		Nanodollars(scanned)*p.Scanned + Nanodollars(u.Insights)*p.Insights
}

// Rule is the part of a sampling rule that decides how much: Reservoir requests of each second are recorded before the
// rate is asked, and of the others one in OneIn.
type Rule struct {
	Reservoir int64 // per second
	OneIn     int64 // 10 is a rate of 10 %; at least 1
}

const secondsOfADay = 24 * 60 * 60

// Recorded returns how many of a day's requests are recorded when they come evenly spread, rounded down. When they come
// in bursts, the reservoir is used less.
func (r Rule) Recorded(requests int64) int64 {
	first := min(requests, r.Reservoir*secondsOfADay)
	return first + (requests-first)/r.OneIn
}
