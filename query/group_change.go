package query

import (
	"context"
	"strings"

	"github.com/roentgen/roentgen"
)

// GroupChange is what is set of a group; nil members stay as they are.
type GroupChange struct {
	Expression              *string
	Insights, Notifications *bool
}

// maxGroupName is the length of a name in characters, as X-Ray has it.
const maxGroupName = 32

func groupNameOK(name string) bool {
	odd := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	return name != "" && len(name) <= maxGroupName && !strings.ContainsFunc(name, odd)
}

// Create makes a group. Mistakes are errors of kind Invalid.
func (g *Groups) Create(ctx context.Context, name string, change GroupChange) (Group, error) {
	if !groupNameOK(name) {
		return Group{}, roentgen.Invalidf("group name %q is not 1 to %d letters (a to z), digits and hyphens", name, maxGroupName)
	}
	if change.Expression == nil {
		change.Expression = new(string) // refused as an empty one is
	}
	return g.changing(ctx, func(records groupRecords) (groupRecord, error) {
		if name == DefaultGroup || records.index(name) >= 0 {
			return groupRecord{}, roentgen.Invalidf("a group named %s exists already; update it or choose another name", name)
		}
		if n := len(records.with(groupRecord{name: DefaultGroup})); n >= g.cfg.MaxGroups {
			return groupRecord{}, roentgen.Invalidf("there are %d groups, %s among them, and there may be %d; delete one first", n, DefaultGroup, g.cfg.MaxGroups)
		}
		return groupRecord{name: name, ID: g.cfg.NewID()}, nil
	}, change)
}

// Update changes a group. Of Default everything but the expression can be
// changed. Mistakes are errors of kind Invalid.
func (g *Groups) Update(ctx context.Context, ref GroupRef, change GroupChange) (Group, error) {
	if err := ref.check(); err != nil {
		return Group{}, err
	}
	return g.changing(ctx, func(records groupRecords) (groupRecord, error) { return g.find(records, ref) }, change)
}

// changing makes a change to the record that pick returns.
func (g *Groups) changing(ctx context.Context, pick func(groupRecords) (groupRecord, error), change GroupChange) (Group, error) {
	g.change.Lock()
	defer g.change.Unlock()
	records, err := g.read(ctx)
	if err != nil {
		return Group{}, err
	}
	r, err := pick(records)
	if err != nil {
		return Group{}, err
	}
	if err := change.set(&r); err != nil {
		return Group{}, err
	}
	after := records.with(r)
	if change.Expression != nil {
		if err := g.evaluates(records, after, r.name); err != nil {
			return Group{}, err
		}
		if err := g.renew(&r, after); err != nil {
			return Group{}, err
		}
	}
	ctx = untilTold(ctx)
	if err := g.write(ctx, &r); err != nil {
		return Group{}, err
	}
	return g.group(r), g.applyLocked(ctx)
}

// renew gives r a new version if it means something else than it did.
func (g *Groups) renew(r *groupRecord, all groupRecords) error {
	m, err := g.matcher(*r, all)
	if err != nil {
		return err
	}
	if means := meaning(m); means != r.Means {
		r.Means, r.Version, r.Since = means, r.Version+1, g.cfg.Now()
	}
	return nil
}

// set puts the change into r, or says why it can't be.
func (c GroupChange) set(r *groupRecord) error {
	if c.Expression != nil {
		if r.name == DefaultGroup {
			return roentgen.Invalidf("the group %s has all traces; its filter expression cannot be changed", DefaultGroup)
		}
		r.Expression = *c.Expression
	}
	if c.Insights != nil {
		r.Insights = *c.Insights
		r.Notifications = r.Notifications && r.Insights
	}
	if c.Notifications != nil {
		r.Notifications = *c.Notifications
	}
	if r.Notifications && !r.Insights {
		return roentgen.Invalidf("NotificationsEnabled needs InsightsEnabled; enable both, or neither")
	}
	return nil
}

// untilTold is ctx for a change that has begun: a caller who hangs up now does
// not leave the store without what is in the state already.
func untilTold(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// Delete removes a group, and with it its graph. Groups that refer to it have
// no traces by it from then on.
func (g *Groups) Delete(ctx context.Context, ref GroupRef) error {
	if err := ref.check(); err != nil {
		return err
	}
	g.change.Lock()
	defer g.change.Unlock()
	records, err := g.read(ctx)
	if err != nil {
		return err
	}
	r, err := g.find(records, ref)
	if err != nil {
		return err
	}
	if r.name == DefaultGroup {
		return roentgen.Invalidf("the group %s cannot be deleted", DefaultGroup)
	}
	ctx = untilTold(ctx)
	if err := g.state.Delete(ctx, groupPrefix+r.name, r.state); err != nil {
		return err
	}
	return g.applyLocked(ctx)
}
