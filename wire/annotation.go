package wire

import (
	"slices"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// Bounds of the annotations that are indexed, in characters.
const (
	MaxAnnotationKey   = 500
	MaxAnnotationValue = 1000
)

// annotationsOf reads the annotations that can be indexed. The others, with a
// bad key or a value that is no string, number or boolean, stay in the
// document alone; X-Ray does not reject a document for them.
func (p *Parser) annotationsOf() []roentgen.Annotation {
	if !p.isObject() {
		return nil
	}
	all := &p.scratch.annotations
	from := len(*all)
	o := p.openObject()
	for p.member(&o) {
		v, ok := p.annotationValue()
		if ok && AnnotationKey(o.key) && p.admit(o.key) {
			*all = append(*all, roentgen.Annotation{Key: share(o.key), Value: v})
		}
	}
	return since(*all, from)
}

// admit counts the distinct keys of the document.
func (p *Parser) admit(key []byte) bool {
	if p.lim.MaxAnnotations == unlimited || slices.Contains(p.keysSeen, share(key)) {
		return true
	}
	if len(p.keysSeen) >= p.lim.MaxAnnotations {
		return false
	}
	p.keysSeen = append(p.keysSeen, share(key))
	return true
}

func (p *Parser) annotationValue() (v roentgen.AnnotationValue, ok bool) {
	switch kindOf(p.buf[p.r]) {
	case kindString:
		v.Kind, v.String = roentgen.StringValue, p.string()
		return v, len(v.String) <= MaxAnnotationValue || utf8.RuneCountInString(v.String) <= MaxAnnotationValue
	case kindNumber:
		v.Kind = roentgen.NumberValue
		v.Number, ok = p.float()
		return v, ok
	case kindBool:
		v.Kind, v.Bool = roentgen.BoolValue, p.flag()
		return v, true
	}
	p.skip()
	return v, false
}

// float reads the number at r; false when it is beyond float64.
func (p *Parser) float() (float64, bool) {
	lit := p.number()
	if lit == nil {
		return 0, false
	}
	return float(lit)
}

// AnnotationKey reports whether an annotation with this key is indexed: 1 to
// 500 ASCII letters, digits, underscores and (OpenTelemetry's exporter writes
// them) dots.
func AnnotationKey[S string | []byte](key S) bool {
	if len(key) == 0 || len(key) > MaxAnnotationKey {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if c-'0' > 9 && c|0x20-'a' > 25 && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
