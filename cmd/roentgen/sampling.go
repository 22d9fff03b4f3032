package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/tail"
)

func newSamplingCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "sampling",
		Short: "Show sampling rules, and what others would have kept",
		Example: `  roentgen sampling rules
  roentgen sampling simulate rules.json --since 24h`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newSamplingRulesCommand(w), newSamplingSimulateCommand(w))
	return c
}

func newSamplingRulesCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "Show the sampling rules that hold, in the order in which they are tried",
		Long: `Show the sampling rules that hold, in the order in which they are tried. Rules are
made and changed with the console or with AWS's clients (aws xray
create-sampling-rule). As JSON it is what roentgen sampling simulate reads.`,
		Example: `  roentgen sampling rules
  roentgen sampling rules --output json > rules.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runSamplingRules(c, w) },
	}
	addClientFlags(c)
	return c
}

func runSamplingRules(c *cobra.Command, w around) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := server.ask(c.Context(), "/GetSamplingRules", struct{}{}, &text); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(text)
	}
	rules, err := sampling.ReadRules(text)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", server.server, err)
	}
	t := table{columns: []column{{title: "PRIORITY", right: true}, {title: "RULE"}, {title: "RESERVOIR", right: true}, {title: "RATE", right: true},
		{title: "SERVICE", least: 8}, {title: "HOST", least: 6}, {title: "METHOD"}, {title: "PATH", least: 8}, {title: "ONLY", least: 6}}}
	if !slices.ContainsFunc(rules, func(r roentgen.Rule) bool { return only(r) != "" }) {
		t.columns = t.columns[:len(t.columns)-1]
	}
	for _, r := range rules {
		row := []cell{{strconv.Itoa(r.Priority), plain}, {r.Name, bold}, {fmt.Sprintf("%d/s", r.ReservoirSize), plain}, {percent(r.FixedRate, 1), plain},
			{r.ServiceName, plain}, {r.Host, plain}, {r.HTTPMethod, plain}, {r.URLPath, plain}, {only(r), plain}}
		t.add(row[:len(t.columns)]...)
	}
	t.print(s)
	return nil
}

// only is what else a rule asks for, which most do not, and its boost.
func only(r roentgen.Rule) string {
	var out []string
	for what, pattern := range map[string]string{"type ": r.ServiceType, "resource ": r.ResourceARN} {
		if pattern != "*" {
			out = append(out, what+pattern)
		}
	}
	for key, value := range r.Attributes {
		out = append(out, key+"="+value)
	}
	slices.Sort(out)
	if r.Boost != nil {
		out = append(out, "boost to "+percent(r.Boost.MaxRate, 1))
	}
	return strings.Join(out, ", ")
}

func newSamplingSimulateCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "simulate [RULES]",
		Short: "Say what a set of rules and triggers would have kept of what was stored",
		Long: `Say how many traces, how many failing ones, and for how much money on AWS X-Ray, a
set of sampling rules and triggers would have kept of the requests of a time.

RULES is a file of JSON: what aws xray get-sampling-rules answers, a list of
rules, or the file of local rules of X-Ray's SDKs; - is standard input. Without
it the rules of the server are taken. --triggers is a triggers file of the
agent (docs/triggers.md), or none; without it failures are triggers.

Stored traces stand for all requests: one that was kept with a probability of
10 % counts as ten. What nobody stored and nobody could stand for is not seen.`,
		Example: `  roentgen sampling simulate rules.json --since 24h
  roentgen sampling simulate --triggers none
  aws xray get-sampling-rules | roentgen sampling simulate - --since 6h`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runSimulate(c, w, args) },
	}
	addWindowFlags(c)
	c.Flags().String("triggers", "", "triggers `file`, or none (default: error, fault and throttle)")
	c.Flags().Int("max-traces", 0, "stored traces to look at, the newest first (default: the server's bound)")
	addClientFlags(c)
	return c
}

func runSimulate(c *cobra.Command, w around, args []string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	at, err := readWindow(c, w.now())
	if err != nil {
		return err
	}
	question, err := simulation(c, args)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	question["StartTime"], question["EndTime"] = epochSeconds(at.from), epochSeconds(at.to)
	var text json.RawMessage
	if err := server.ask(c.Context(), "/api/sampling/simulate", question, &text); err != nil {
		return err
	}
	var sim simulated
	if err := json.Unmarshal(text, &sim); err != nil {
		return fmt.Errorf("read the answer of %s: %w", server.server, err)
	}
	if s.json {
		return s.writeJSON(text)
	}
	sim.print(s, at)
	return nil
}

// simulation reads what is to be simulated, so that a mistake is found here.
func simulation(c *cobra.Command, args []string) (map[string]any, error) {
	question := map[string]any{}
	if len(args) == 1 {
		text, err := readFileOrInput(args[0], c.InOrStdin())
		if err != nil {
			return nil, fmt.Errorf("read sampling rules: %w", err)
		}
		if _, err := sampling.ReadRules(text); err != nil {
			return nil, fmt.Errorf("%s: %w", args[0], err)
		}
		question["Rules"] = json.RawMessage(text)
	}
	switch path, _ := c.Flags().GetString("triggers"); path {
	case "":
	case "none":
		question["Triggers"] = "none"
	default:
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read triggers: %w", err)
		}
		if _, err := tail.ParseTriggers(text); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		question["Triggers"] = string(text)
	}
	if n, _ := c.Flags().GetInt("max-traces"); n != 0 {
		question["MaxTraces"] = n
	}
	return question, nil
}

func readFileOrInput(path string, in io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(path)
}

// simulated is the answer of /api/sampling/simulate.
type simulated struct {
	StartTime, EndTime                                   float64 // epoch seconds
	Complete                                             bool
	TracesLookedAt, Unweighted                           int
	Traces, FailingTraces, KeptTraces, KeptFailingTraces float64
	KeptByRules, KeptByTriggers                          float64
	KeptTracesPerMonth, DollarsPerMonthOnXRay            float64
	Rules                                                []struct {
		RuleName                                         string
		Requests, Failing, KeptFromReservoir, KeptByRate float64
	}
	Triggers []struct {
		Name, When                              string
		Matched, Kept, OverQuota, KeptByItAlone float64
	}
}

func (sim *simulated) print(s *screen, at window) {
	fmt.Fprintf(s.w, "%s requests %s, of which %s failed (%d stored traces stand for them)\n",
		amount(sim.Traces), at.name, amount(sim.FailingTraces), sim.TracesLookedAt)
	fmt.Fprintf(s.w, "kept     %s traces, %s: %s by rules, %s more by triggers\n", s.paint(bold, amount(sim.KeptTraces)),
		percent(sim.KeptTraces, sim.Traces), amount(sim.KeptByRules), amount(sim.KeptByTriggers))
	fmt.Fprintf(s.w, "failing  %s of %s, %s\n", s.paint(bold, amount(sim.KeptFailingTraces)), amount(sim.FailingTraces), percent(sim.KeptFailingTraces, sim.FailingTraces))
	fmt.Fprintf(s.w, "cost     $%.2f a month on AWS X-Ray at this pace, for %s recorded traces; nothing on a Roentgen server\n\n", sim.DollarsPerMonthOnXRay, amount(sim.KeptTracesPerMonth))
	rules := table{columns: []column{{title: "RULE"}, {title: "REQUESTS", right: true}, {title: "FAILING", right: true}, {title: "BY RESERVOIR", right: true}, {title: "BY RATE", right: true}}}
	for _, r := range sim.Rules {
		rules.add(cell{r.RuleName, bold}, cell{amount(r.Requests), plain}, cell{amount(r.Failing), plain}, cell{amount(r.KeptFromReservoir), plain}, cell{amount(r.KeptByRate), plain})
	}
	rules.print(s)
	if len(sim.Triggers) > 0 {
		fmt.Fprintln(s.w)
		triggers := table{columns: []column{{title: "TRIGGER"}, {title: "WHEN", least: 10}, {title: "MATCHED", right: true}, {title: "KEPT", right: true}, {title: "BY IT ALONE", right: true}, {title: "OVER QUOTA", right: true}}}
		for _, t := range sim.Triggers {
			triggers.add(cell{t.Name, bold}, cell{t.When, plain}, cell{amount(t.Matched), plain}, cell{amount(t.Kept), plain}, cell{amount(t.KeptByItAlone), plain}, cell{amount(t.OverQuota), plain})
		}
		triggers.print(s)
	}
	sim.warn(s)
}

// warn says what the figures do not.
func (sim *simulated) warn(s *screen) {
	if !sim.Complete {
		from := time.Unix(0, int64(sim.StartTime*1e9))
		fmt.Fprintf(s.w, "\nThe bound of traces or time was reached: this is since %s.\n", from.Format("2006-01-02 15:04:05"))
	}
	if sim.Unweighted > 0 {
		fmt.Fprintf(s.w, "\nOf %d traces nobody said how probably they were kept; each stands for itself, so there may have been more requests.\n", sim.Unweighted)
	}
}

// amount writes a number of traces, which need not be whole.
func amount(n float64) string {
	if n > 0 && n < 0.05 {
		return "< 0.1"
	}
	if n < 10 && n != math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(n), 'f', 0, 64)
}

// percent writes a part of the whole; a dash of nothing.
func percent(part, whole float64) string {
	if whole == 0 {
		return "–"
	}
	return strconv.FormatFloat(math.Round(1e4*part/whole)/100, 'f', -1, 64) + " %"
}
