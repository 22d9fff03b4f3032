package filter

import (
	"cmp"
	"fmt"
	"slices"
)

// candidate is a word or sign of the language that may be offered.
type candidate struct {
	insert, label string
	kind          ItemKind
	detail        string
	starts        bool     // it begins a condition
	closes        bool     // it ends what is open
	frame         []string // calls in which alone it stands; nil: anywhere
	endings       []string // with one of them behind it, the condition is whole
	sample        string   // what is asked about in its place; empty: the label
}

// Conditions of which one may stand in every scope, and values of which every operator takes one.
var (
	anyCondition = []string{"fault", "first"}
	anyValue     = []string{"1", `"x"`, "true", "#[]"}
	anyBody      = []string{"{ fault }", "{ first }"}
	anyArgument  = []string{`"x"`, `name: "x"`, `type: "x"`, `account.id: "x"`}
)

// stands says whether the candidate may stand at the site.
func (c candidate) stands(s *site) bool {
	if c.frame != nil && !slices.Contains(c.frame, s.top().call) || c.starts && s.typed == "" && s.conditionEnded() {
		return false
	}
	if c.closes {
		return s.top().close == c.label && s.whole()
	}
	word := cmp.Or(c.sample, c.label)
	return slices.ContainsFunc(c.endings, func(ending string) bool { return s.sound(word + " " + ending) })
}

// conditionEnded says whether the cursor stands behind a whole condition.
func (s *site) conditionEnded() bool {
	return slices.ContainsFunc(anyCondition, func(next string) bool { return s.sound("AND " + next) })
}

// candidates are all, in the order in which they are offered.
func candidates() []candidate {
	return slices.Concat(operatorCandidates(), joinerCandidates(), keywordCandidates(), functionCandidates(), fieldCandidates())
}

func keywordCandidates() []candidate {
	list := []candidate{{insert: "!", label: "!", kind: ItemOperator, detail: "not", starts: true, endings: anyCondition}}
	for k := KeywordNone + 1; k < KeywordAnnotation; k++ {
		row := keywords[k]
		list = append(list, candidate{insert: row.name, label: row.name, detail: kindName(row.kind) + ": " + row.help, starts: true, endings: []string{""}})
	}
	for _, side := range sideNames {
		name := side + keywords[KeywordAnnotation].name
		list = append(list, candidate{insert: name + ".", label: name + ".", kind: ItemAnnotation, detail: annotationDetail(side), starts: true,
			endings: []string{""}, sample: name + ".k = 1"}) // alone it could be a text without quotes
	}
	return list
}

func annotationDetail(side string) string {
	switch side {
	case sideNames[SideSource]:
		return "an annotation of the segment that calls"
	case sideNames[SideDestination]:
		return "an annotation of the segment that is called"
	}
	return "an annotation, by its key: annotation.key or annotation[a.key]"
}

func functionCandidates() []candidate {
	list := []candidate{
		{insert: "service(", label: "service", kind: ItemFunction, detail: "a node of the trace; with { } one segment of it", starts: true, endings: []string{""}},
		{insert: "edge(", label: "edge", kind: ItemFunction, detail: "a call from one node to another; with { } one such call", starts: true, endings: []string{"()"}},
		{insert: "id(", label: "id", kind: ItemFunction, detail: "a node by name, type and account", frame: []string{"service", "edge"}, endings: []string{`(name: "x")`}},
	}
	for f, name := range groupFields {
		list = append(list, candidate{insert: name + " = ", label: name, kind: ItemFunction, detail: groupDetails[f], starts: true, endings: []string{`= "x"`}})
	}
	for _, name := range rootCauseNames() {
		c := candidate{insert: name + " { ", label: name, kind: ItemFunction, detail: "on the path of a root cause", starts: true, endings: anyBody}
		if name == jsonName {
			c.insert, c.detail, c.endings = name+" = #", "the shape of root causes", []string{"= #[]"}
		}
		list = append(list, c)
	}
	return list
}

var groupDetails = [...]string{GroupName: "what the group of this name has for an expression", GroupARN: "what the group of this ARN has for an expression"}

func operatorCandidates() []candidate {
	var list []candidate
	for o := range opCount {
		list = append(list, candidate{insert: o.String() + " ", label: o.String(), kind: ItemOperator, detail: operatorDetails[o], endings: anyValue})
	}
	return append(list,
		candidate{insert: "true", label: "true", kind: ItemValue, endings: []string{""}},
		candidate{insert: "false", label: "false", kind: ItemValue, endings: []string{""}})
}

var operatorDetails = [opCount]string{
	OpEqual: "is", OpNotEqual: "has a value, and another than", OpLess: "is less than", OpLessOrEqual: "is at most",
	OpGreater: "is more than", OpGreaterOrEqual: "is at least", OpContains: "has the text in it", OpBeginsWith: "begins with the text",
	OpEndsWith: "ends with the text",
}

func joinerCandidates() []candidate {
	return []candidate{
		{insert: "{ ", label: "{", kind: ItemOperator, detail: "conditions that one segment, call or element has to satisfy", endings: []string{"fault }", "first }"}},
		{insert: "AND ", label: "AND", kind: ItemOperator, detail: "both", endings: anyCondition},
		{insert: "OR ", label: "OR", kind: ItemOperator, detail: "one of the two, or both", endings: anyCondition},
		{insert: ", ", label: ",", kind: ItemOperator, frame: []string{"edge", "id"}, endings: append([]string{""}, anyArgument...)},
		{insert: ")", label: ")", kind: ItemOperator, closes: true},
		{insert: " }", label: "}", kind: ItemOperator, closes: true},
	}
}

// fieldCandidates stand in id() alone.
func fieldCandidates() []candidate {
	var list []candidate
	for _, name := range idFields {
		list = append(list, candidate{insert: name + ": ", label: name, kind: ItemKeyword, detail: fmt.Sprintf("%s of the node, or null", name),
			frame: []string{"id"}, endings: []string{`: "x"`}})
	}
	return list
}
