package roentgen

import (
	"cmp"
	"strconv"
	"strings"
)

// Annotation is one indexed key of a segment or subsegment.
type Annotation struct {
	Key   string
	Value AnnotationValue
}

// Compare orders annotations by key, then by value.
func (a Annotation) Compare(b Annotation) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return a.Value.Compare(b.Value)
}

// ValueKind is the type of an annotation's value.
type ValueKind uint8

// The three types that annotations have.
const (
	StringValue ValueKind = iota
	NumberValue
	BoolValue
)

// AnnotationValue is a string, a number or a boolean; comparable with ==.
type AnnotationValue struct {
	String string
	Number float64
	Kind   ValueKind
	Bool   bool
}

// Compare orders values by kind, then by content.
func (v AnnotationValue) Compare(w AnnotationValue) int {
	return cmp.Or(
		cmp.Compare(v.Kind, w.Kind),
		cmp.Compare(v.String, w.String),
		cmp.Compare(v.Number, w.Number),
		cmp.Compare(b2i(v.Bool), b2i(w.Bool)),
	)
}

// Text returns the value as it would stand in a table, strings unquoted.
func (v AnnotationValue) Text() string {
	switch v.Kind {
	case NumberValue:
		return strconv.FormatFloat(v.Number, 'g', -1, 64)
	case BoolValue:
		return strconv.FormatBool(v.Bool)
	}
	return v.String
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
