package sampling

import (
	"cmp"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Request is what is known of a request when it arrives. A property that is
// empty is not known, and matches every pattern, as it does in X-Ray's SDKs.
type Request struct {
	Service     string // the segment's name
	ServiceType string // its origin
	Host        string // of the Host header, with the port if that has one
	Method      string
	Path        string // without the query
	ResourceARN string
	Attributes  map[string]string // of one that is absent nothing matches
}

// Match returns the first of rules that matches r, by priority and then by
// name, and false when none does: a list without Default is not complete.
func Match(rules []roentgen.Rule, r Request) (roentgen.Rule, bool) {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, ByPriority)
	for _, rule := range sorted {
		if rule.Name == roentgen.DefaultRuleName || Matches(rule, r) {
			return rule, true
		}
	}
	return roentgen.Rule{}, false
}

// ByPriority orders rules as they are tried: by priority, then by name.
func ByPriority(a, b roentgen.Rule) int {
	return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
}

// Matches reports whether one rule matches r.
func Matches(rule roentgen.Rule, r Request) bool {
	for _, pair := range [...][2]string{
		{rule.ServiceName, r.Service}, {rule.ServiceType, r.ServiceType}, {rule.Host, r.Host},
		{rule.HTTPMethod, r.Method}, {rule.URLPath, r.Path}, {rule.ResourceARN, r.ResourceARN},
	} {
		if pair[1] != "" && !Wildcard(pair[0], pair[1]) {
			return false
		}
	}
	for key, pattern := range rule.Attributes {
		if value, there := r.Attributes[key]; !there || !Wildcard(pattern, value) {
			return false
		}
	}
	return true
}

// Wildcard reports whether pattern matches all of text: * stands for any run of
// characters, an empty one too, ? for exactly one; case does not count.
func Wildcard(pattern, text string) bool {
	if pattern == "*" {
		return true
	}
	p, t := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(text))
	star, mark, i, j := -1, 0, 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0: // the last * takes one character more
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
