package query

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// groupPrefix is where groups stand in the state, each under its name.
const groupPrefix = "group/"

// groupRecord is a group as it stands in the state.
type groupRecord struct {
	name  string
	state uint64 // version of the item; 0: there is none

	ID            string `json:"id,omitempty"`
	Expression    string `json:"expression,omitempty"`
	Insights      bool   `json:"insights,omitempty"`
	Notifications bool   `json:"notifications,omitempty"`
	// Means is a hash of what the expression meant when Version was given.
	Means   string        `json:"means,omitempty"`
	Version uint64        `json:"version,omitempty"`
	Since   roentgen.Time `json:"since,omitempty"` // nanoseconds
}

// groupRecords are all that are stored, by name. Default is among them when
// somebody configured it.
type groupRecords []groupRecord

// named returns the record of that name, which need not be stored.
func (rs groupRecords) named(name string) groupRecord {
	if i := rs.index(name); i >= 0 {
		return rs[i]
	}
	return groupRecord{name: name}
}

func (rs groupRecords) index(name string) int {
	return slices.IndexFunc(rs, func(r groupRecord) bool { return r.name == name })
}

// with returns the records with r in its place.
func (rs groupRecords) with(r groupRecord) groupRecords {
	out := slices.Clone(rs)
	if i := out.index(r.name); i >= 0 {
		out[i] = r
		return out
	}
	return append(out, r)
}

func (g *Groups) read(ctx context.Context) (groupRecords, error) {
	items, err := g.state.List(ctx, groupPrefix)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	out := make(groupRecords, len(items))
	for i, item := range items {
		out[i] = groupRecord{name: strings.TrimPrefix(item.Key, groupPrefix), state: item.Version}
		if err := json.Unmarshal(item.Value, &out[i]); err != nil {
			return nil, fmt.Errorf("read group %s: %w", out[i].name, err)
		}
	}
	return out, nil
}

// write stores r and notes the version of its item in it.
func (g *Groups) write(ctx context.Context, r *groupRecord) error {
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write group %s: %w", r.name, err)
	}
	version, err := g.state.Put(ctx, groupPrefix+r.name, value, r.state)
	if err != nil {
		return fmt.Errorf("write group %s: %w", r.name, err)
	}
	r.state = version
	return nil
}
