package query

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/state"
	"github.com/roentgen/roentgen/store"
)

// Group is a filter expression with a name.
type Group struct {
	Name string
	// ID is never used again for another group. It is empty for Default, which
	// has all traces.
	ID, ARN                 string
	Expression              string // as it was given; empty for Default
	Insights, Notifications bool   // kept for those who detect insights
	// Version rises with every change of what the expression means, by an edit
	// of it or of a group that it refers to; Since is when it last did.
	Version uint64
	Since   roentgen.Time
}

// DefaultGroup is the name of the group that always exists and has all traces.
const DefaultGroup = "Default"

// GroupStore tests traces against groups; store.Writer does.
type GroupStore interface {
	SetGroups(ctx context.Context, groups []store.Group) error
}

// GroupsConfig says what the groups are called. The zero value works.
type GroupsConfig struct {
	Region, Account string // for ARNs; default "local" and "000000000000"
	// MaxGroups is how many there may be, Default among them. Default 25, as
	// X-Ray has it.
	MaxGroups int
	// Now is the server's clock. Default: the machine's.
	Now func() roentgen.Time
	// NewID makes the ID of a new group, of letters and digits. Default: 128
	// random bits.
	NewID func() string
}

func (c GroupsConfig) withDefaults() GroupsConfig {
	if c.Region == "" {
		c.Region = "local"
	}
	if c.Account == "" {
		c.Account = "000000000000"
	}
	if c.MaxGroups == 0 {
		c.MaxGroups = 25
	}
	if c.Now == nil {
		c.Now = func() roentgen.Time { return roentgen.At(time.Now()) }
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	return c
}

// Groups keeps the groups in the state, where each change is durable before
// it is answered, and tells the store of them. It is safe for use by many
// goroutines; several servers on one state and one store notice each other's
// changes when they make one.
type Groups struct {
	state  state.Store
	traces GroupStore
	cfg    GroupsConfig
	change sync.Mutex // held by one change at a time, until the store knows of it
	untold bool       // the store does not know of the last change; guarded by change
}

// OpenGroups returns the groups that s keeps, and tells t of them.
func OpenGroups(ctx context.Context, s state.Store, t GroupStore, cfg GroupsConfig) (*Groups, error) {
	g := &Groups{state: s, traces: t, cfg: cfg.withDefaults()}
	g.change.Lock()
	defer g.change.Unlock()
	if err := g.applyLocked(ctx); err != nil {
		return nil, fmt.Errorf("open groups: %w", err)
	}
	return g, nil
}

// List returns all groups: Default, then the others by name.
func (g *Groups) List(ctx context.Context) ([]Group, error) {
	records, err := g.read(ctx)
	if err != nil {
		return nil, err
	}
	out := []Group{g.group(records.named(DefaultGroup))}
	for _, r := range records {
		if r.name != DefaultGroup {
			out = append(out, g.group(r))
		}
	}
	return out, nil
}

// GroupRef names a group in one of two ways; the other is empty.
type GroupRef struct{ Name, ARN string }

// Find returns a group. Both ways at once, neither, and a group that does not
// exist are errors of kind Invalid, as X-Ray has it.
func (g *Groups) Find(ctx context.Context, ref GroupRef) (Group, error) {
	if err := ref.check(); err != nil {
		return Group{}, err
	}
	records, err := g.read(ctx)
	if err != nil {
		return Group{}, err
	}
	r, err := g.find(records, ref)
	if err != nil {
		return Group{}, err
	}
	return g.group(r), nil
}

func (ref GroupRef) check() error {
	switch {
	case ref.Name == "" && ref.ARN == "":
		return roentgen.Invalidf("GroupName or GroupARN is needed; name the group in one of the two ways")
	case ref.Name != "" && ref.ARN != "":
		return roentgen.Invalidf("GroupName and GroupARN are both given; name the group in one of the two ways")
	}
	return nil
}

func (g *Groups) find(records groupRecords, ref GroupRef) (groupRecord, error) {
	if ref.Name == DefaultGroup || ref.ARN == g.arn(groupRecord{name: DefaultGroup}) {
		return records.named(DefaultGroup), nil
	}
	for _, r := range records {
		if r.name == ref.Name || g.arn(r) == ref.ARN {
			return r, nil
		}
	}
	return groupRecord{}, errNoGroup()
}

func errNoGroup() error { return roentgen.Invalidf("Group not found.") }

// arn is X-Ray's. The id tells a group from an earlier one of its name.
func (g *Groups) arn(r groupRecord) string {
	arn := fmt.Sprintf("arn:aws:xray:%s:%s:group/%s", g.cfg.Region, g.cfg.Account, r.name)
	if r.name == DefaultGroup {
		return arn
	}
	return arn + "/" + r.ID
}

func (g *Groups) group(r groupRecord) Group {
	return Group{
		Name: r.name, ID: r.ID, ARN: g.arn(r), Expression: r.Expression,
		Insights: r.Insights, Notifications: r.Notifications, Version: r.Version, Since: r.Since,
	}
}

// resolver finds the current expressions of the groups that x refers to; nil
// when it refers to none, or when there are no groups.
func (g *Groups) resolver(ctx context.Context, x *filter.Expr) (filter.Groups, error) {
	if g == nil || len(x.Needs().Groups) == 0 {
		return nil, nil
	}
	records, err := g.read(ctx)
	if err != nil {
		return nil, err
	}
	return g.expressions(records), nil
}

// expressions finds expressions in records.
func (g *Groups) expressions(records groupRecords) filter.Groups {
	return func(by filter.GroupField, value string) (*filter.Expr, bool) {
		ref := GroupRef{Name: value}
		if by == filter.GroupARN {
			ref = GroupRef{ARN: value}
		}
		r, err := g.find(records, ref)
		if err != nil {
			return nil, false
		}
		x, err := filter.Parse(r.Expression)
		return x, err == nil
	}
}
