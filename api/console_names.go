package api

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// names are what traces have in places where expressions compare, with the
// number of traces that have each.
type names struct {
	traces      int
	services    tally
	types       tally
	accounts    tally
	annotations map[string]tally       // by key
	fields      map[filter.Scope]field // of exceptions and entities by their own scope, of all else by ScopeTrace
}

// field is the values of keywords.
type field map[filter.Keyword]tally

// tally counts traces by value.
type tally map[filter.Value]*count

type count struct{ traces, last int } // last is the trace that was counted last, from 1

// knownName is a name with what is known of it.
type knownName struct {
	value  filter.Value
	detail string
}

// maxDistinct bounds the values of one sort that are remembered: a field like
// http.url may have another one in every trace.
const maxDistinct = 2000

func newNames() *names {
	return &names{
		services: tally{}, types: tally{}, accounts: tally{}, annotations: map[string]tally{}, fields: map[filter.Scope]field{},
	}
}

// add counts a trace.
func (n *names) add(r *roentgen.Rows) {
	n.traces++
	for i := range r.Nodes {
		n.addNode(&r.Nodes[i], r.Account)
	}
	for _, a := range r.Summary.Annotations {
		if n.annotations[a.Key] == nil && len(n.annotations) < maxDistinct {
			n.annotations[a.Key] = tally{}
		}
		n.count(n.annotations[a.Key], a.Value)
	}
	for _, u := range r.Summary.Users {
		n.text(filter.ScopeTrace, filter.KeywordUser, u.Name)
	}
	n.texts(filter.KeywordAvailabilityZone, r.Summary.Zones)
	n.texts(filter.KeywordInstanceID, r.Summary.InstanceIDs)
	n.texts(filter.KeywordResourceARN, r.Summary.ResourceARNs)
	for i := range r.Segments {
		n.addHTTP(r.Segments[i].HTTP)
	}
	for i := range r.Calls {
		n.addHTTP(r.Calls[i].HTTP)
	}
	for _, c := range slices.Concat(r.FaultCauses, r.ErrorCauses, r.ResponseTimeCauses) {
		n.addCause(c)
	}
}

func (n *names) addNode(node *roentgen.NodeRow, owner string) {
	for _, name := range append([]string{node.Name}, node.Names...) {
		n.count(n.services, filter.Text(name))
		n.text(filter.ScopeService, filter.KeywordName, name)
	}
	n.texts(filter.KeywordType, []string{node.Type})
	if account := cmp.Or(node.AccountID, owner); account != "" {
		n.count(n.accounts, filter.Text(account))
	}
	if node.Type != "" {
		n.count(n.types, filter.Text(node.Type))
	}
}

func (n *names) addHTTP(h *roentgen.HTTP) {
	if h == nil {
		return
	}
	n.texts(filter.KeywordHTTPMethod, []string{h.Method})
	n.texts(filter.KeywordHTTPURL, []string{h.URL})
	n.texts(filter.KeywordHTTPUserAgent, []string{h.UserAgent})
	n.texts(filter.KeywordHTTPClientIP, []string{h.ClientIP})
	if h.Status != 0 {
		n.count(n.field(filter.ScopeTrace, filter.KeywordHTTPStatus), filter.Float(float64(h.Status)))
	}
}

func (n *names) addCause(c roentgen.CauseRow) {
	for _, s := range c.Services {
		for _, e := range s.Entities {
			n.text(filter.ScopeCauseEntity, filter.KeywordName, e.Name)
			for _, x := range e.Exceptions {
				n.text(filter.ScopeCauseException, filter.KeywordName, x.Name)
				n.text(filter.ScopeCauseException, filter.KeywordMessage, x.Message)
			}
		}
	}
}

func (n *names) texts(k filter.Keyword, values []string) {
	for _, v := range values {
		n.text(filter.ScopeTrace, k, v)
	}
}

func (n *names) text(s filter.Scope, k filter.Keyword, v string) {
	if v != "" {
		n.count(n.field(s, k), filter.Text(v))
	}
}

// field is where values of the keyword are counted: names differ by scope,
// other fields don't.
func (n *names) field(s filter.Scope, k filter.Keyword) tally {
	switch {
	case k != filter.KeywordName && k != filter.KeywordMessage:
		s = filter.ScopeTrace
	case s == filter.ScopeCauseService:
		s = filter.ScopeService
	case s == filter.ScopeTimeEntity:
		s = filter.ScopeCauseEntity
	}
	if n.fields[s] == nil {
		n.fields[s] = field{}
	}
	if n.fields[s][k] == nil {
		n.fields[s][k] = tally{}
	}
	return n.fields[s][k]
}

// count counts the value once for each trace.
func (n *names) count(in tally, v filter.Value) {
	if in == nil || in[v] == nil && len(in) >= maxDistinct {
		return
	}
	c := in[v]
	if c == nil {
		c = new(count)
		in[v] = c
	}
	if c.last != n.traces {
		c.last = n.traces
		c.traces++
	}
}

// sorted are the names that are wanted, the most frequent first.
func (n *names) sorted(w filter.Wanted) []knownName {
	switch w.Names {
	case filter.NamesOfServices:
		return n.ordered(n.services)
	case filter.NamesOfTypes:
		return n.ordered(n.types)
	case filter.NamesOfAccounts:
		return n.ordered(n.accounts)
	case filter.NamesOfAnnotations:
		return n.keys()
	}
	if w.Operand.Keyword == filter.KeywordAnnotation {
		return n.ordered(n.annotations[w.Operand.Key])
	}
	if w.Operand.Keyword == filter.KeywordAccountID {
		return n.ordered(n.accounts)
	}
	return n.ordered(n.field(w.Scope, w.Operand.Keyword))
}

func (n *names) ordered(t tally) []knownName {
	values := slices.SortedFunc(maps.Keys(t), func(a, b filter.Value) int {
		return cmp.Or(cmp.Compare(t[b].traces, t[a].traces), a.Compare(b))
	})
	return each(values, func(v filter.Value) knownName { return knownName{v, n.share(t[v].traces)} })
}

// keys are the keys of annotations, each as a text.
func (n *names) keys() []knownName {
	keys := slices.SortedFunc(maps.Keys(n.annotations), func(a, b string) int {
		return cmp.Or(cmp.Compare(n.having(b), n.having(a)), cmp.Compare(a, b))
	})
	return each(keys, func(key string) knownName { return knownName{filter.Text(key), n.keyDetail(key)} })
}

// having is at least how many traces have the annotation, its most frequent
// value counted.
func (n *names) having(key string) int {
	most := 0
	for _, c := range n.annotations[key] {
		most = max(most, c.traces)
	}
	return most
}

func (n *names) keyDetail(key string) string {
	values := n.ordered(n.annotations[key])
	if len(values) == 1 {
		return "always " + values[0].value.Text()
	}
	return fmt.Sprintf("%d values, such as %s", len(values), values[0].value.Text())
}

func (n *names) share(traces int) string {
	return fmt.Sprintf("in %d of %d traces", traces, n.traces)
}

// kinds are the types that the annotation has; nil where it is not known.
func (n *names) kinds(key string) map[roentgen.ValueKind]bool {
	var kinds map[roentgen.ValueKind]bool
	for v := range n.annotations[key] {
		if kinds == nil {
			kinds = map[roentgen.ValueKind]bool{}
		}
		kinds[v.Kind] = true
	}
	return kinds
}
