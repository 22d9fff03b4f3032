package api

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// retyped writes values in the type that the annotation has: values of
// different types are never equal.
func retyped(t filter.Term, known *names) (filter.Term, string) {
	why := ""
	changed := changedComparisons(t, func(o filter.Operand, c *filter.Compare) filter.Term {
		kinds := known.kinds(o.Key)
		if c == nil || o.Keyword != filter.KeywordAnnotation || len(kinds) != 1 || kinds[c.Value.Kind] {
			return nil
		}
		for kind := range kinds {
			if v, ok := inKind(c.Value, kind); ok && c.Op.Compares(kind) {
				why = fmt.Sprintf("annotation %s is a %s here; values of different types are never equal", o.Key, kindName(kind))
				return &filter.Compare{Operand: o, Op: c.Op, Value: v}
			}
		}
		return nil
	})
	return changed, why
}

// inKind writes the value in another type, where that can be meant.
func inKind(v filter.Value, kind roentgen.ValueKind) (filter.Value, bool) {
	switch kind {
	case roentgen.StringValue:
		return filter.Text(v.Text()), true
	case roentgen.NumberValue:
		n, err := strconv.ParseFloat(v.String, 64)
		return filter.Float(n), err == nil && v.Kind == roentgen.StringValue
	}
	return v, false // a boolean is equal to its text as it is
}

func kindName(kind roentgen.ValueKind) string {
	if kind == roentgen.NumberValue {
		return "number"
	}
	return "text"
}

// recased writes keys of annotations as they are known, where only the case of
// letters differs.
func recased(t filter.Term, known *names) (filter.Term, string) {
	why := ""
	changed := changedComparisons(t, func(o filter.Operand, c *filter.Compare) filter.Term {
		if o.Keyword != filter.KeywordAnnotation || known.annotations[o.Key] != nil {
			return nil
		}
		for _, key := range known.keys() {
			if !strings.EqualFold(key.value.String, o.Key) {
				continue
			}
			why = fmt.Sprintf("the case of letters counts in keys: there is %s here, and no %s", key.value.String, o.Key)
			o.Key = key.value.String
			if c == nil {
				return &filter.Has{Operand: o}
			}
			return &filter.Compare{Operand: o, Op: c.Op, Value: c.Value}
		}
		return nil
	})
	return changed, why
}
