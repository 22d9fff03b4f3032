package filter

import (
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
)

// Value is what a field is compared with: a text, a number or a boolean.
type Value = roentgen.AnnotationValue

// Text makes a Value of a text.
func Text(s string) Value { return Value{Kind: roentgen.StringValue, String: s} }

// Float makes a Value of a number.
func Float(n float64) Value { return Value{Kind: roentgen.NumberValue, Number: n} }

// Bool makes a Value of a boolean.
func Bool(b bool) Value { return Value{Kind: roentgen.BoolValue, Bool: b} }

func printValue(b *strings.Builder, v Value) {
	switch v.Kind {
	case roentgen.NumberValue:
		b.WriteString(formatNumber(v.Number))
	case roentgen.BoolValue:
		b.WriteString(strconv.FormatBool(v.Bool))
	default:
		printText(b, v.String)
	}
}

// asBool turns the texts "true" and "false", in any case, into the booleans that X-Ray lets them stand for.
func asBool(v Value) Value {
	if v.Kind == roentgen.StringValue {
		switch fold(v.String) {
		case "true":
			return Bool(true)
		case "false":
			return Bool(false)
		}
	}
	return v
}

// kindName is how messages call a type.
func kindName(k roentgen.ValueKind) string {
	switch k {
	case roentgen.NumberValue:
		return "number"
	case roentgen.BoolValue:
		return "boolean"
	}
	return "text"
}
