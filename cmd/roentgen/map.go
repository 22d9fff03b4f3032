package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"
)

func newMapCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "map",
		Short: "Show the services, how they do, and who calls whom",
		Long: `Show the services of a time, with requests, response times and shares of failures
as each service saw them, and the calls between them as their callers saw them.

Figures are of all requests, where sampling keeps a part of them: as agents have
counted them, or where none has, estimated from the traces that were kept; a
line below the table says which, and ~ stands before estimates.`,
		Example: `  roentgen map
  roentgen map --since 24h --group slow
  roentgen map --output json | jq '.Services[] | {Name, Type}'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMap(c, w) },
	}
	addWindowFlags(c)
	c.Flags().String("group", "", "`name` of a group: its traces alone")
	addClientFlags(c)
	return c
}

func runMap(c *cobra.Command, w around) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	at, err := readWindow(c, w.now())
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	group, _ := c.Flags().GetString("group")
	m, err := server.serviceMap(c.Context(), at, group)
	if err != nil && group != "" {
		return fmt.Errorf("show the map of group %s: %w", group, err)
	}
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(m)
	}
	return m.print(s, at)
}

// serviceMap is what X-Ray's GetServiceGraph answers, in one page.
type serviceMap struct {
	StartTime, EndTime       float64           // epoch seconds
	Services                 []json.RawMessage // as the server gave them
	ContainsOldGroupVersions bool
}

// mapNode is a service, as far as it is shown.
type mapNode struct {
	ReferenceID           int `json:"ReferenceId"`
	Name, Type            string
	StartTime, EndTime    float64  // epoch seconds
	SummaryStatistics     *figures // nil: a client
	ResponseTimeHistogram []bar
	Edges                 []mapEdge
	RoentgenRates         *ratesSource // nil: every request was kept
}

// ratesSource says where figures come from.
type ratesSource struct {
	Source     string // counted or estimated
	KeptTraces int64
}

// estimated reports whether the figures were not counted.
func (r *ratesSource) estimated() bool { return r != nil && r.Source == "estimated" }

type mapEdge struct {
	ReferenceID               int    `json:"ReferenceId"` // of the node that is called
	EdgeType                  string // link: events from a queue
	SummaryStatistics         *figures
	ResponseTimeHistogram     []bar
	ReceivedEventAgeHistogram []bar
}

// figures count requests by outcome.
type figures struct {
	OkCount, TotalCount int64
	ErrorStatistics     struct{ ThrottleCount, OtherCount, TotalCount int64 }
	FaultStatistics     struct{ OtherCount, TotalCount int64 }
	TotalResponseTime   float64 // seconds
}

// bar is how many requests took about so long.
type bar struct {
	Value float64 // seconds
	Count int64
}

// serviceMap asks page by page, though servers answer in one.
func (c *client) serviceMap(ctx context.Context, at window, group string) (*serviceMap, error) {
	question := map[string]any{"StartTime": epochSeconds(at.from), "EndTime": epochSeconds(at.to)}
	if group != "" {
		question["GroupName"] = group
	}
	m := &serviceMap{Services: []json.RawMessage{}}
	for last := ""; ; {
		var page struct {
			serviceMap
			NextToken string
		}
		if err := c.ask(ctx, "/ServiceGraph", question, &page); err != nil {
			return nil, err
		}
		m.StartTime, m.EndTime = page.StartTime, page.EndTime
		m.ContainsOldGroupVersions = m.ContainsOldGroupVersions || page.ContainsOldGroupVersions
		m.Services = append(m.Services, page.Services...)
		if page.NextToken == "" || page.NextToken == last {
			return m, nil
		}
		last = page.NextToken
		question["NextToken"] = last
	}
}

// nodes reads the services and puts those with the most requests first.
func (m *serviceMap) nodes() ([]*mapNode, error) {
	var list []*mapNode
	for _, raw := range m.Services {
		n := new(mapNode)
		if err := json.Unmarshal(raw, n); err != nil {
			return nil, fmt.Errorf("read a service of the map: %w", err)
		}
		list = append(list, n)
	}
	slices.SortStableFunc(list, func(a, b *mapNode) int {
		return cmp.Or(cmp.Compare(b.requests(), a.requests()), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return list, nil
}

func (n *mapNode) requests() int64 {
	if n.SummaryStatistics == nil {
		return 0
	}
	return n.SummaryStatistics.TotalCount
}

// quantile is the least value that at least the share q of requests did not
// exceed, in seconds; false where there are none.
func quantile(bars []bar, q float64) (float64, bool) {
	sorted := slices.SortedFunc(slices.Values(bars), func(a, b bar) int { return cmp.Compare(a.Value, b.Value) })
	var all, seen int64
	for _, b := range sorted {
		all += b.Count
	}
	rank := max(1, int64(math.Ceil(q*float64(all)-1e-9)))
	for _, b := range sorted {
		if seen += b.Count; seen >= rank {
			return b.Value, true
		}
	}
	return 0, false
}

// share is a part of the whole in percent, with one place where it is below 10.
func share(part, whole int64) string {
	switch p := 100 * float64(part) / float64(max(1, whole)); {
	case part == 0:
		return ""
	case p < 0.1:
		return "< 0.1 %"
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}
