package main

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

// What stands in ARNs, and whose the traces are. Nodes of this account are
// named without it.
const (
	region  = "local"
	account = "000000000000"
)

// folding is how traces become rows, for the store that counts them and for
// the engine that shows them.
func folding() graph.Options { return graph.Options{Account: account} }

// answers is what reads what the server remembers.
type answers struct {
	engine *query.Engine
	groups *query.Groups
}

// openAnswers also tells the store of the groups. counted is what agents counted;
// settled is when documents have stopped arriving: accept.Acceptor.Settled.
func openAnswers(ctx context.Context, m *memories, counted query.Rates, settled func() roentgen.Time) (answers, error) {
	groups, err := query.OpenGroups(ctx, m.state, m.traces, query.GroupsConfig{Region: region, Account: account})
	if err != nil {
		return answers{}, err
	}
	return answers{query.New(m.traces, groups, query.Config{Fold: folding(), Rates: counted, Settled: settled}), groups}, nil
}
