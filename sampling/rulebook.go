package sampling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Shelf is where a Rulebook keeps its rules: durable, changed by
// compare-and-set. A state store is one.
type Shelf interface {
	List(ctx context.Context) ([]Record, error)
	// Put sets the value; version is the record's, or 0 to create one. An error
	// of kind Conflict means that somebody else was first.
	Put(ctx context.Context, name string, value []byte, version uint64) error
	Delete(ctx context.Context, name string, version uint64) error
}

// Record is a value under a name; its version rises with each change.
type Record struct {
	Name    string
	Value   []byte
	Version uint64
}

// changedRecord holds when a rule was last deleted. No rule can have this
// name, for it is too long.
const changedRecord = "when-a-sampling-rule-was-last-deleted"

// ErrTooManyRules says that no further rule may be made.
var ErrTooManyRules = errors.New("there are as many sampling rules as are allowed; delete one, or raise the limit of the server")

// Rulebook keeps sampling rules. It is safe for use by many goroutines, and
// by several servers over one shelf.
type Rulebook struct {
	shelf Shelf
	max   int
	now   func() roentgen.Time
	start roentgen.Time
}

// NewRulebook returns the rules on a shelf, of which there may be max, Default
// not among them; 0: 25, as X-Ray has it. What now says when it is called
// first, here, is the last modification while no rule was ever changed.
func NewRulebook(shelf Shelf, max int, now func() roentgen.Time) *Rulebook {
	if max == 0 {
		max = 25
	}
	return &Rulebook{shelf: shelf, max: max, now: now, start: now()}
}

// Rules returns all rules by priority and name, and X-Ray's Default when it
// was never edited; and when one was last changed or deleted.
func (b *Rulebook) Rules(ctx context.Context) ([]roentgen.Rule, roentgen.Time, error) {
	kept, modified, err := b.read(ctx)
	if err != nil {
		return nil, 0, err
	}
	rules := make([]roentgen.Rule, len(kept))
	for i, k := range kept {
		rules[i] = k.Rule
	}
	return rules, max(modified, b.start), nil
}

// Edited reports whether anybody has made a rule, or edited Default: while
// nobody has, the rate that a service is configured with stands.
func (b *Rulebook) Edited(ctx context.Context) (bool, error) {
	kept, _, err := b.read(ctx)
	return slices.ContainsFunc(kept, func(k keptRule) bool { return k.version != 0 }), err
}

// keptRule is a rule as the shelf has it; version 0: it does not.
type keptRule struct {
	roentgen.Rule
	version uint64
}

func (b *Rulebook) read(ctx context.Context) (kept []keptRule, modified roentgen.Time, err error) {
	records, err := b.shelf.List(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read sampling rules: %w", err)
	}
	hasDefault := false
	for _, r := range records {
		if r.Name == changedRecord {
			var at roentgen.Time
			if err := json.Unmarshal(r.Value, &at); err != nil {
				return nil, 0, fmt.Errorf("decode when a sampling rule was last deleted: %w", err)
			}
			modified = max(modified, at)
			continue
		}
		k := keptRule{version: r.Version}
		if err := json.Unmarshal(r.Value, &k.Rule); err != nil {
			return nil, 0, fmt.Errorf("decode the stored sampling rule %q: %w", r.Name, err)
		}
		hasDefault = hasDefault || k.Name == roentgen.DefaultRuleName
		modified = max(modified, k.ModifiedAt)
		kept = append(kept, k)
	}
	if !hasDefault {
		kept = append(kept, keptRule{Rule: roentgen.DefaultRule()})
	}
	slices.SortFunc(kept, func(a, b keptRule) int { return ByPriority(a.Rule, b.Rule) })
	return kept, modified, nil
}

// Create makes a rule and returns it as it stands. Errors are of kind Invalid,
// and ErrTooManyRules.
func (b *Rulebook) Create(ctx context.Context, r roentgen.Rule) (roentgen.Rule, error) {
	if r.Name == roentgen.DefaultRuleName {
		return r, roentgen.Invalidf("Default is there already, and holds for what no other rule matches; update its FixedRate and ReservoirSize")
	}
	if err := Check(r); err != nil {
		return r, err
	}
	kept, _, err := b.read(ctx)
	if err != nil {
		return r, err
	}
	if slices.ContainsFunc(kept, func(k keptRule) bool { return k.Name == r.Name }) {
		return r, roentgen.Invalidf("there is a sampling rule %q already; update it, or choose another name", r.Name)
	}
	if len(kept)-1 >= b.max {
		return r, fmt.Errorf("create sampling rule %s beside %d others: %w", r.Name, len(kept)-1, ErrTooManyRules)
	}
	r.CreatedAt = b.now()
	r.ModifiedAt = r.CreatedAt
	return r, b.put(ctx, r, 0)
}

func (b *Rulebook) put(ctx context.Context, r roentgen.Rule, version uint64) error {
	value, err := MarshalRule(r)
	if err != nil {
		return fmt.Errorf("write sampling rule %s: %w", r.Name, err)
	}
	if err := b.shelf.Put(ctx, r.Name, value, version); err != nil {
		return fmt.Errorf("keep sampling rule %s: %w", r.Name, err)
	}
	return nil
}

// MarshalRule writes a rule as a shelf keeps it.
func MarshalRule(r roentgen.Rule) ([]byte, error) { return json.Marshal(r) }

// Ref names a rule in one of two ways; the other is empty.
type Ref struct{ Name, ARN string }

// name returns the name of the rule; an ARN ends in it.
func (r Ref) name() (string, error) {
	switch {
	case r.Name == "" && r.ARN == "":
		return "", roentgen.Invalidf("RuleName or RuleARN is needed; name the rule in one of the two ways")
	case r.Name != "" && r.ARN != "":
		return "", roentgen.Invalidf("RuleName and RuleARN are both given; name the rule in one of the two ways")
	case r.Name != "":
		return r.Name, nil
	}
	if _, name, found := strings.Cut(r.ARN, ":sampling-rule/"); found && name != "" {
		return name, nil
	}
	return "", roentgen.Invalidf("RuleARN %q is not that of a sampling rule, which ends in :sampling-rule/ and the name", r.ARN)
}

// Change is what an update changes; nil leaves a member as it is.
type Change struct {
	Priority, ReservoirSize *int
	FixedRate               *float64

	ServiceName, ServiceType, Host, HTTPMethod, URLPath, ResourceARN *string

	Attributes map[string]string
	Boost      *roentgen.RateBoost
}

func (c Change) apply(r *roentgen.Rule) {
	set(&r.Priority, c.Priority)
	set(&r.ReservoirSize, c.ReservoirSize)
	set(&r.FixedRate, c.FixedRate)
	set(&r.ServiceName, c.ServiceName)
	set(&r.ServiceType, c.ServiceType)
	set(&r.Host, c.Host)
	set(&r.HTTPMethod, c.HTTPMethod)
	set(&r.URLPath, c.URLPath)
	set(&r.ResourceARN, c.ResourceARN)
	if c.Attributes != nil {
		r.Attributes = c.Attributes
	}
	if c.Boost != nil {
		r.Boost = c.Boost
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Update changes a rule and returns it as it stands. Of Default only rate and
// reservoir can change. Errors are of kind Invalid, and Conflict where somebody
// else changed the rule at the same time.
func (b *Rulebook) Update(ctx context.Context, ref Ref, change Change) (roentgen.Rule, error) {
	k, err := b.find(ctx, ref)
	if err != nil {
		return k.Rule, err
	}
	change.apply(&k.Rule)
	if err := Check(k.Rule); err != nil {
		return k.Rule, err
	}
	k.ModifiedAt = b.now()
	if k.version == 0 {
		k.CreatedAt = k.ModifiedAt
	}
	return k.Rule, b.put(ctx, k.Rule, k.version)
}

// Delete removes a rule and returns it as it was. Default cannot be deleted.
func (b *Rulebook) Delete(ctx context.Context, ref Ref) (roentgen.Rule, error) {
	k, err := b.find(ctx, ref)
	if err != nil {
		return k.Rule, err
	}
	if k.Name == roentgen.DefaultRuleName {
		return k.Rule, roentgen.Invalidf("Default cannot be deleted: it holds for what no other rule matches; set its FixedRate and ReservoirSize instead")
	}
	if err := b.shelf.Delete(ctx, k.Name, k.version); err != nil {
		return k.Rule, fmt.Errorf("delete sampling rule %s: %w", k.Name, err)
	}
	return k.Rule, b.noteDeletion(ctx)
}

func (b *Rulebook) find(ctx context.Context, ref Ref) (keptRule, error) {
	name, err := ref.name()
	if err != nil {
		return keptRule{}, err
	}
	kept, _, err := b.read(ctx)
	if err != nil {
		return keptRule{}, err
	}
	i := slices.IndexFunc(kept, func(k keptRule) bool { return k.Name == name })
	if i < 0 {
		return keptRule{}, roentgen.Invalidf("there is no sampling rule %q", name)
	}
	return kept[i], nil
}

// noteDeletion makes SDKs fetch the rules again, also after a restart.
func (b *Rulebook) noteDeletion(ctx context.Context) error {
	value, err := json.Marshal(b.now())
	if err != nil {
		return fmt.Errorf("note the deletion of a sampling rule: %w", err)
	}
	for range 10 { // somebody else deleted another one at the same time
		var version uint64
		records, err := b.shelf.List(ctx)
		if err != nil {
			return fmt.Errorf("note the deletion of a sampling rule: %w", err)
		}
		for _, r := range records {
			if r.Name == changedRecord {
				version = r.Version
			}
		}
		if err = b.shelf.Put(ctx, changedRecord, value, version); roentgen.KindOf(err) != roentgen.Conflict {
			return err
		}
	}
	return roentgen.Conflictf("the rule is deleted; that SDKs fetch the rules at once could not be noted, because others change them all the time")
}
