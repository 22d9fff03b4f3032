package filter

import "github.com/roentgen/roentgen"

// Op compares a field with a value.
type Op uint8

// The operators. Each has a file.
const (
	OpEqual Op = iota
	OpNotEqual
	OpLess
	OpLessOrEqual
	OpGreater
	OpGreaterOrEqual
	OpContains
	OpBeginsWith
	OpEndsWith

	opCount
)

// operator is a row of the table.
type operator struct {
	text  string
	kinds kinds                       // types that it compares
	match func(have, want Value) bool // of two values of one such type
}

var operators = [opCount]operator{
	OpEqual:          {"=", kindsOf(roentgen.StringValue, roentgen.NumberValue, roentgen.BoolValue), equal},
	OpNotEqual:       {"!=", kindsOf(roentgen.StringValue, roentgen.NumberValue, roentgen.BoolValue), notEqual},
	OpLess:           {"<", kindsOf(roentgen.NumberValue), less},
	OpLessOrEqual:    {"<=", kindsOf(roentgen.NumberValue), lessOrEqual},
	OpGreater:        {">", kindsOf(roentgen.NumberValue), greater},
	OpGreaterOrEqual: {">=", kindsOf(roentgen.NumberValue), greaterOrEqual},
	OpContains:       {"CONTAINS", kindsOf(roentgen.StringValue), contains},
	OpBeginsWith:     {"BEGINSWITH", kindsOf(roentgen.StringValue), beginsWith},
	OpEndsWith:       {"ENDSWITH", kindsOf(roentgen.StringValue), endsWith},
}

// kinds is a set of roentgen.ValueKind.
type kinds uint8

func kindsOf(list ...roentgen.ValueKind) kinds {
	var set kinds
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(k roentgen.ValueKind) bool { return set&(1<<k) != 0 }

// String returns the operator as it is written.
func (o Op) String() string { return operators[o].text }

// Compares says whether the operator compares values of the type.
func (o Op) Compares(k roentgen.ValueKind) bool { return operators[o].kinds.has(k) }

// Holds says whether have stands in the relation to want. Values of different types stand in none, not even in !=;
// but for a boolean the texts "true" and "false" count as booleans.
func (o Op) Holds(have, want Value) bool {
	if have.Kind == roentgen.BoolValue {
		want = asBool(want)
	}
	return have.Kind == want.Kind && o.Compares(have.Kind) && operators[o].match(have, want)
}

// opOf finds the operator that the token is.
func opOf(t token) (Op, bool) {
	for o := range opCount {
		if t.is(operators[o].text) || t.isWord(operators[o].text) {
			return o, true
		}
	}
	return 0, false
}
