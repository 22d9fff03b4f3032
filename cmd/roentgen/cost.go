package main

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/sampling"
)

// daysOfAMonth is how long a month is in an estimate.
const daysOfAMonth = 30

func newCostCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "cost",
		Short: "Say what traffic costs a month on AWS X-Ray",
		Long: `Say what traffic costs a month of 30 days on AWS X-Ray: of --requests-per-day, so
many as --rate and --reservoir let through; or, with --since, --from or --to, of
what a server has stored in that time.

Prices are those of us-east-1, without taxes: $0.000005 a trace recorded beyond
100,000 a month, $0.0000005 a trace retrieved or scanned beyond 1,000,000, and
$0.000001 a trace that insights looks at. Other regions have other prices.
Requests are taken as evenly spread: in bursts a reservoir lets fewer through.
A Roentgen server asks for no money.`,
		Example: `  roentgen cost --requests-per-day 1000 --rate 0.1 --reservoir 0
  roentgen cost --requests-per-day 5000000 --rate 0.05 --scanned-per-day 200000 --insights
  roentgen cost --since 24h
  roentgen cost --since 7d --rate 0.05`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCost(c, w) },
	}
	c.Flags().Int64("requests-per-day", 0, "requests a day that begin a trace")
	c.Flags().Float64("rate", 0.1, "share of requests that a rule records beyond its reservoir, from 0 to 1; with --since: of all requests in place of what was stored")
	c.Flags().Int64("reservoir", 0, "requests of each second that a rule records before its rate is asked")
	c.Flags().Float64("failing", 0, "share of requests that fail, from 0 to 1, which a trigger keeps at any rate")
	c.Flags().Int64("retrieved-per-day", 0, "traces a day that are read whole")
	c.Flags().Int64("scanned-per-day", 0, "traces a day that searches look at")
	c.Flags().Bool("insights", false, "insights are on: they look at every recorded trace")
	addWindowFlags(c)
	addClientFlags(c)
	return c
}

// estimate is a month on AWS X-Ray.
type estimate struct {
	RequestsPerDay  float64 `json:"requests_per_day"`
	TracesPerDay    float64 `json:"traces_per_day"`
	TracesPerMonth  int64   `json:"traces_per_month"`
	FreePerMonth    int64   `json:"free_traces_per_month"`
	RecordedDollars float64 `json:"recorded_dollars"`
	ReadDollars     float64 `json:"read_dollars"` // retrieved and scanned
	InsightsDollars float64 `json:"insights_dollars"`
	Dollars         float64 `json:"dollars"`
	Basis           string  `json:"basis"`
	Prices          string  `json:"prices"`
	bill            sampling.Bill
}

func runCost(c *cobra.Command, w around) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	if err := checkCost(c); err != nil {
		return err
	}
	e := &estimate{Prices: "us-east-1; other regions differ"}
	stored := c.Flags().Changed("since") || c.Flags().Changed("from") || c.Flags().Changed("to")
	switch requests, _ := c.Flags().GetInt64("requests-per-day"); {
	case stored && requests > 0:
		return fmt.Errorf("--requests-per-day and --since (--from, --to) both say how much traffic there is: leave one out")
	case stored:
		err = e.ofStored(c, w)
	case requests > 0:
		e.RequestsPerDay, e.Basis = float64(requests), "evenly spread requests"
		e.TracesPerDay = e.let(c)
	default:
		return fmt.Errorf("how much traffic? say --requests-per-day, or --since 24h to take what a server has stored")
	}
	if err != nil {
		return err
	}
	e.price(c)
	if s.json {
		return s.writeJSON(e)
	}
	e.print(s)
	return nil
}

func checkCost(c *cobra.Command) error {
	for _, flag := range []string{"rate", "failing"} {
		if v, _ := c.Flags().GetFloat64(flag); !(v >= 0 && v <= 1) {
			return fmt.Errorf("--%s %v: a share lies between 0 and 1", flag, v)
		}
	}
	for _, flag := range []string{"requests-per-day", "reservoir", "retrieved-per-day", "scanned-per-day"} {
		if v, _ := c.Flags().GetInt64(flag); v < 0 || v > 1e12 {
			return fmt.Errorf("--%s %d: a number from 0 to 1,000,000,000,000 is wanted", flag, v)
		}
	}
	return nil
}

// let is how many of the requests of a day are recorded: by the rule, and of
// the others those that fail.
func (e *estimate) let(c *cobra.Command) float64 {
	rate, _ := c.Flags().GetFloat64("rate")
	reservoir, _ := c.Flags().GetInt64("reservoir")
	failing, _ := c.Flags().GetFloat64("failing")
	requests := int64(e.RequestsPerDay)
	byRule := sampling.RecordedADay(requests, reservoir, rate)
	return float64(byRule) + math.Round(float64(requests-byRule)*failing)
}

// ofStored takes what a server has stored in a time.
func (e *estimate) ofStored(c *cobra.Command, w around) error {
	at, err := readWindow(c, w.now())
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	var text json.RawMessage
	question := map[string]any{"StartTime": epochSeconds(at.from), "EndTime": epochSeconds(at.to)}
	if err := server.ask(c.Context(), "/api/sampling/simulate", question, &text); err != nil {
		return err
	}
	var sim simulated
	if err := json.Unmarshal(text, &sim); err != nil {
		return fmt.Errorf("read the answer of %s: %w", server.server, err)
	}
	days := (sim.EndTime - sim.StartTime) / (24 * time.Hour).Seconds()
	if days <= 0 || sim.TracesLookedAt == 0 {
		return fmt.Errorf("%s has stored no traces %s: choose another time with --since, or say --requests-per-day", server.server, at.name)
	}
	e.RequestsPerDay = sim.Traces / days
	e.TracesPerDay = float64(sim.TracesLookedAt) / days
	e.Basis = fmt.Sprintf("%d traces that %s stored %s, at that pace", sim.TracesLookedAt, server.server, at.name)
	if c.Flags().Changed("rate") || c.Flags().Changed("reservoir") {
		e.TracesPerDay = e.let(c)
		e.Basis = fmt.Sprintf("%s requests that %d traces of %s stand for %s, at that pace", amount(sim.Traces), sim.TracesLookedAt, server.server, at.name)
	}
	if !sim.Complete {
		e.Basis += "; there were more than the server looks at, so the pace is that of the newest"
	}
	return nil
}

// price reckons with a month.
func (e *estimate) price(c *cobra.Command) {
	retrieved, _ := c.Flags().GetInt64("retrieved-per-day")
	scanned, _ := c.Flags().GetInt64("scanned-per-day")
	prices := sampling.XRayPrices()
	e.TracesPerMonth, e.FreePerMonth = int64(math.Round(e.TracesPerDay*daysOfAMonth)), prices.FreeRecorded
	u := sampling.Usage{Recorded: e.TracesPerMonth, Retrieved: retrieved * daysOfAMonth, Scanned: scanned * daysOfAMonth}
	if on, _ := c.Flags().GetBool("insights"); on {
		u.Insights = u.Recorded
	}
	e.bill = prices.Month(u)
	e.RecordedDollars, e.ReadDollars = e.bill.Recorded.Dollars(), (e.bill.Retrieved + e.bill.Scanned).Dollars()
	e.InsightsDollars, e.Dollars = e.bill.Insights.Dollars(), e.bill.Sum().Dollars()
}

func (e *estimate) print(s *screen) {
	fmt.Fprintf(s.w, "requests   %s a day\n", grouped(int64(math.Round(e.RequestsPerDay))))
	fmt.Fprintf(s.w, "recorded   %s traces a day, %s a month", grouped(int64(math.Round(e.TracesPerDay))), grouped(e.TracesPerMonth))
	if e.TracesPerMonth <= e.FreePerMonth {
		fmt.Fprintf(s.w, ": within the %s that are free\n", grouped(e.FreePerMonth))
	} else {
		fmt.Fprintf(s.w, ": %s beyond the %s that are free\n", grouped(e.TracesPerMonth-e.FreePerMonth), grouped(e.FreePerMonth))
	}
	fmt.Fprintf(s.w, "price      %s a month on AWS X-Ray; nothing on a Roentgen server\n", s.paint(bold, e.bill.Sum().String()))
	fmt.Fprintf(s.w, "           recorded %s, retrieved %s, scanned %s, insights %s\n", e.bill.Recorded, e.bill.Retrieved, e.bill.Scanned, e.bill.Insights)
	fmt.Fprintf(s.w, "           %s\n", s.paint(faint, "of "+e.Basis+"; prices of "+e.Prices))
}
