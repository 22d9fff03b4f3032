package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

func newLedgerCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger",
		Short: "Show what became of every document, by agent and server",
		Long: `Show what became of every document: what each agent received and what it did
with that, what the server counted of the agent's batches, and what came
through the server's own doors. docs/ledger.md says what the sums are.

The exit status is 1 when a sum does not hold; the error names it.`,
		Example: `  roentgen ledger
  roentgen ledger --json | jq '.agents[] | select(.balanced | not) | .explain'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedger(c, w) },
	}
	c.Flags().Bool("json", false, "the same as --output json")
	addClientFlags(c)
	return c
}

func runLedger(c *cobra.Command, w around) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		if form, _ := c.Flags().GetString("output"); form == "table" {
			return errors.New("--json and --output table do not go together: leave one out")
		}
		s.json = true
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := server.do(c.Context(), http.MethodGet, "/api/agents", struct{}{}, &text); err != nil {
		return err
	}
	var l ledger
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("read the ledger of %s: %w; is the server of this version?", server.server, err)
	}
	if s.json {
		err = s.writeJSON(text)
	} else {
		l.print(s)
	}
	return errors.Join(err, l.wrong())
}

// ledger is the answer of /api/agents.
type ledger struct {
	Balanced bool          `json:"balanced"`
	Agents   []ledgerAgent `json:"agents"`
	Server   ledgerServer  `json:"server"`
	Damage   []string      `json:"damage"`
}

type ledgerAgent struct {
	Agent         string           `json:"agent"`
	Host          string           `json:"host"`
	Token         string           `json:"token,omitempty"` // name of the one that speaks for it
	SilentSeconds float64          `json:"silent_seconds"`
	Statement     *ledgerStatement `json:"statement"`
	Server        ledgerCounts     `json:"server"`
	Balanced      bool             `json:"balanced"`
	Explain       string           `json:"explain"`
}

// ledgerStatement is what an agent says of itself.
type ledgerStatement struct {
	Received  map[string]int64 `json:"received"`
	Stored    int64            `json:"stored"`
	Replaced  int64            `json:"replaced"`
	Duplicate int64            `json:"duplicate"`
	Refused   int64            `json:"refused"`
	Rejected  map[string]int64 `json:"rejected"`
	Dropped   map[string]int64 `json:"dropped"`
	Lost      map[string]int64 `json:"lost"`
	Waiting   map[string]int64 `json:"waiting"`
}

// ledgerCounts is what the server counted of an agent's batches.
type ledgerCounts struct {
	Received, Stored, Replaced, Duplicate, Refused, Rejected int64
}

// ledgerServer is the sum of the server's own doors.
type ledgerServer struct {
	Received  int64            `json:"received"`
	Stored    int64            `json:"stored"`
	Replaced  int64            `json:"replaced"`
	Duplicate int64            `json:"duplicate"`
	Refused   int64            `json:"refused"`
	Rejected  map[string]int64 `json:"rejected"`
	Lost      map[string]int64 `json:"lost"`
	Waiting   int64            `json:"waiting"`
	UnderWay  int64            `json:"under_way"`
	Balanced  bool             `json:"balanced"`
	Explain   string           `json:"explain"`
}

// wrong is the error of sums that do not hold; nil when all do.
func (l *ledger) wrong() error {
	if l.Balanced {
		return nil
	}
	var out []string
	for _, a := range l.Agents {
		if !a.Balanced {
			out = append(out, a.name()+": "+a.Explain)
		}
	}
	if !l.Server.Balanced {
		out = append(out, l.Server.Explain)
	}
	return fmt.Errorf("the sums do not hold: %s", harmless(strings.Join(out, "; ")))
}

// name is short, and tells agents of one host apart.
func (a *ledgerAgent) name() string {
	if a.Host == "" {
		return a.Agent
	}
	return a.Host + " " + a.Agent[:min(len(a.Agent), 6)]
}
