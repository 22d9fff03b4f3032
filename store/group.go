package store

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// MaxGroupID is the longest id of a group, in bytes.
const MaxGroupID = 1024

// CheckGroups refuses what SetGroups may not be given: groups that cannot be told
// apart, not be written down, or not be tested against. The error is of kind
// Invalid. Every backend calls it, so that they refuse in the same words.
func CheckGroups(groups []Group) error {
	for i, g := range groups {
		switch {
		case g.ID == "" || len(g.ID) > MaxGroupID:
			return roentgen.Invalidf("group %d has an id of %d bytes; give it 1 to %d", i, len(g.ID), MaxGroupID)
		case g.Match == nil:
			return roentgen.Invalidf("group %q has no expression; give it one that matches every trace", g.ID)
		case slices.ContainsFunc(groups[:i], func(h Group) bool { return h.ID == g.ID }):
			return roentgen.Invalidf("group %q is named twice", g.ID)
		}
	}
	return nil
}
