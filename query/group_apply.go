package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/store"
)

// applyLocked gives a new version to each group whose expression means
// something else than it did, be it that the group was edited, or another one
// that it refers to, or that a newer program reads it differently; then it
// tells the store of all groups.
func (g *Groups) applyLocked(ctx context.Context) error {
	err := g.tellLocked(ctx)
	g.untold = err != nil
	return err
}

// Retell tells the store of a change that it would not hear of when it was
// made, because the disk was full for instance. Call it every minute or so.
func (g *Groups) Retell(ctx context.Context) error {
	g.change.Lock()
	defer g.change.Unlock()
	if !g.untold {
		return nil
	}
	return g.applyLocked(ctx)
}

func (g *Groups) tellLocked(ctx context.Context) error {
	records, err := g.read(ctx)
	if err != nil {
		return err
	}
	var out []store.Group
	for _, r := range records {
		if r.name == DefaultGroup {
			continue // all traces: nothing to test
		}
		m, err := g.matcher(r, records)
		if err != nil {
			return err
		}
		if means := meaning(m); means != r.Means {
			r.Means, r.Version, r.Since = means, r.Version+1, g.cfg.Now()
			if err := g.write(ctx, &r); err != nil {
				return err
			}
		}
		out = append(out, store.Group{ID: r.ID, Version: r.Version, Since: r.Since, Match: m})
	}
	if err := g.traces.SetGroups(ctx, out); err != nil {
		return fmt.Errorf("tell the store of %d groups: %w", len(out), err)
	}
	return nil
}

// matcher returns what tests traces against r. A group that cannot be
// evaluated any more gets no traces.
func (g *Groups) matcher(r groupRecord, all groupRecords) (*filter.Matcher, error) {
	if m, err := compile(r.Expression, g.expressions(all)); err == nil {
		return m, nil
	}
	return compile(`group.name = "-"`, func(filter.GroupField, string) (*filter.Expr, bool) { return nil, false })
}

func compile(expression string, groups filter.Groups) (*filter.Matcher, error) {
	x, err := filter.ParseGroup(expression)
	if err != nil {
		return nil, err
	}
	return x.Matcher(groups)
}

// meaning hashes the expression with groups in their places, so that white
// space and the like make no new version.
func meaning(m *filter.Matcher) string {
	sum := sha256.Sum256([]byte(m.String()))
	return hex.EncodeToString(sum[:16])
}

// evaluates refuses a change after which some group that can be evaluated now
// could not be any more: one that refers to itself, or grows too large.
func (g *Groups) evaluates(before, after groupRecords, changed string) error {
	for _, r := range after {
		if r.name == DefaultGroup {
			continue
		}
		_, err := compile(r.Expression, g.expressions(after))
		if err == nil {
			continue
		}
		if r.name == changed {
			return err
		}
		if _, already := compile(r.Expression, g.expressions(before)); already == nil {
			return fmt.Errorf("group %s refers to %s, and with this change it could not be evaluated: %w", r.name, changed, err)
		}
	}
	return nil
}
