package wire

import "github.com/roentgen/roentgen"

// resourcePrefix stands before the keys of a resource's attributes, in
// documents and in a SpanIndex.
const resourcePrefix = "otel.resource."

// SpanIndex says which attributes become annotations, which can be searched;
// the others become metadata. At most Limits.MaxAnnotations of a document are
// indexed, the named ones first. The zero SpanIndex indexes only what a span
// itself asks for, in its attribute aws.xray.annotations.
type SpanIndex struct {
	// All indexes every attribute of a span that is a string of at most
	// MaxAnnotationValue characters, a number or a boolean.
	All bool
	// Keys are indexed in any case; those of a resource are written
	// otel.resource.<key> and indexed on segments.
	Keys []string
}

// names reports whether the key was named.
func (x *SpanIndex) names(key []byte) bool {
	for _, k := range x.Keys {
		if k == string(key) {
			return true
		}
	}
	return false
}

// cleanKey returns the annotation key of an attribute: what is no ASCII
// letter, digit, underscore or dot becomes an underscore. Nil where the key is
// empty or too long.
func cleanKey(key []byte) []byte {
	if AnnotationKey(key) {
		return key
	}
	if len(key) == 0 {
		return nil
	}
	out := make([]byte, 0, len(key))
	for _, r := range string(key) {
		if r < 0x80 && AnnotationKey(string(r)) {
			out = append(out, byte(r))
		} else {
			out = append(out, '_')
		}
	}
	if len(out) > MaxAnnotationKey {
		return nil
	}
	return out
}

// annotationOf returns the value as an annotation; false where it is none
// that can be indexed. The string of it stays empty.
func annotationOf(v *anyValue) (a roentgen.AnnotationValue, ok bool) {
	switch {
	case v.odd:
	case v.kind == anyString:
		return a, indexable(v.text)
	case v.kind == anyBool:
		a.Kind, a.Bool = roentgen.BoolValue, v.number != 0
		return a, true
	case v.kind == anyInt:
		a.Kind, a.Number = roentgen.NumberValue, float64(int64(v.number))
		return a, true
	case v.kind == anyDouble:
		a.Kind, a.Number = roentgen.NumberValue, doubleOf(v)
		return a, a.Number-a.Number == 0 // neither infinite nor no number
	}
	return a, false
}
