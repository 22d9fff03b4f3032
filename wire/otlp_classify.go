package wire

import (
	"bytes"
	"math"
	"unicode/utf8"
)

func doubleOf(v *anyValue) float64 { return math.Float64frombits(v.number) }

// indexable reports whether a text may be the value of an annotation.
func indexable(s []byte) bool {
	if usual(s) == len(s) {
		return len(s) <= MaxAnnotationValue
	}
	return utf8.Valid(s) && (len(s) <= MaxAnnotationValue || utf8.RuneCount(s) <= MaxAnnotationValue)
}

// classify says of every attribute where the document has it.
func (p *SpanParser) classify(plan *documentPlan) {
	s, d := &p.span, &p.build
	own := s.stringsOfSpan(keyXRayAnnotations)
	room := p.lim.MaxAnnotations - len(p.resourceIndex(plan.kind))
	named := 0
	for i := range s.attributes {
		a := &s.attributes[i]
		a.code, a.asked = 0, p.asked(a.key, own)
		switch {
		case plan.beside && removed(a.known):
			a.code = codeRaw
		case a.asked:
			named++
		case plan.call && p.values.said(a):
			a.code = knownKeys[a.known].code
		}
	}
	room -= named
	for i := range s.attributes {
		a := &s.attributes[i]
		if a.code != 0 {
			continue
		}
		fits := a.asked && len(d.indexed) < p.lim.MaxAnnotations-len(p.resourceIndex(plan.kind))
		if fits || !a.asked && p.index.All && room > 0 && !bytes.HasPrefix(a.key, metadataPrefix) {
			if p.annotate(i, a) {
				if !a.asked {
					room--
				}
				continue
			}
		}
		p.toMetadata(a)
	}
}

// asked reports whether an attribute was named for the index.
func (p *SpanParser) asked(key []byte, own [][]byte) bool {
	for _, k := range own {
		if bytes.Equal(k, key) {
			return true
		}
	}
	for _, k := range p.named {
		if k == string(key) {
			return true
		}
	}
	return false
}

// removed are attributes that speak of the callee of a local root.
func removed(k knownKey) bool {
	return k == keyAWSRemoteService || k == keyAWSRemoteOperation || k == keyRemoteTarget || k == keyRemoteNamespace
}

// annotate makes an annotation of the i-th attribute; false where it cannot
// be one that gives the attribute back.
func (p *SpanParser) annotate(i int, a *attribute) bool {
	d := &p.build
	value, ok := annotationOf(&a.value)
	if !ok || bytes.HasPrefix(a.key, []byte(resourcePrefix)) {
		return false
	}
	text, key := a.key, p.keys.intern(a.key)
	a.code = codeAnnotation
	if key == "" {
		if text = cleanKey(a.key); text == nil || !utf8.Valid(a.key) {
			a.code = 0
			return false
		}
		key, a.code = p.keys.intern(text), codeRenamed
	}
	if !d.seen[0].add(text) {
		a.code = 0
		return false
	}
	if a.code == codeRenamed {
		d.keys = append(d.keys, a.key)
	}
	d.indexed = append(d.indexed, indexedAttribute{i, key, value})
	return true
}

// toMetadata puts an attribute into metadata, or, where its key is taken, only
// into the part that gives it back.
func (p *SpanParser) toMetadata(a *attribute) {
	d := &p.build
	a.code = codeRaw
	if bytes.HasPrefix(a.key, metadataPrefix) && a.value.kind == anyString {
		if _, ok := canonicalObject(a.value.text, d.values.maxDepth); ok {
			d.spaces = append(d.spaces, *a)
			return
		}
	}
	if !bytes.HasPrefix(a.key, []byte(resourcePrefix)) && d.seen[1].add(a.key) {
		a.code = codeMetadata
	}
}

// stringsOfSpan returns a list of strings.
func (s *spanWork) stringsOfSpan(k knownKey) (out [][]byte) {
	a := s.get(k)
	if a == nil || a.value.kind != anyArray {
		return nil
	}
	f := protoFields{rest: a.value.text}
	for f.next() {
		if v, ok := readAny(f.val); ok && v.kind == anyString && len(out) < DefaultMaxAnnotations {
			out = append(out, v.text)
		}
	}
	return out
}
