package sampling

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
)

// StoredRules reads rules from a state store's items.
type StoredRules struct {
	list  func(ctx context.Context) ([][]byte, error)
	start roentgen.Time
}

// NewStoredRules returns Rules over values as MarshalRule writes them. start
// is reported as the last modification while no rule was ever stored.
func NewStoredRules(start roentgen.Time, list func(ctx context.Context) ([][]byte, error)) *StoredRules {
	return &StoredRules{list: list, start: start}
}

// MarshalRule writes a rule for the state store.
func MarshalRule(r roentgen.Rule) ([]byte, error) { return json.Marshal(r) }

// Rules returns the stored rules, and X-Ray's Default when it was not stored.
func (s *StoredRules) Rules(ctx context.Context) ([]roentgen.Rule, roentgen.Time, error) {
	values, err := s.list(ctx)
	if err != nil {
		return nil, 0, err
	}
	modified := s.start
	var rules []roentgen.Rule
	for _, v := range values {
		var r roentgen.Rule
		if err := json.Unmarshal(v, &r); err != nil {
			return nil, 0, fmt.Errorf("decode a stored sampling rule: %w", err)
		}
		rules = append(rules, r)
		modified = max(modified, r.ModifiedAt)
	}
	if !slices.ContainsFunc(rules, func(r roentgen.Rule) bool { return r.Name == roentgen.DefaultRuleName }) {
		rules = append(rules, roentgen.DefaultRule())
	}
	slices.SortFunc(rules, func(a, b roentgen.Rule) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
	})
	return rules, modified, nil
}
