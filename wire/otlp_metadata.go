package wire

import (
	"bytes"

	"github.com/roentgen/roentgen"
)

// indexedAttribute is an attribute that becomes an annotation.
type indexedAttribute struct {
	attribute int
	key       string
	value     roentgen.AnnotationValue
}

// annotations writes those that classify chose, and the resource's.
func (p *SpanParser) annotations(s *roentgen.Segment) {
	d := &p.build
	resource := p.resourceIndex(s.Kind)
	n := len(d.indexed) + len(resource)
	if n == 0 {
		return
	}
	s.Annotations = make([]roentgen.Annotation, n)
	d.put(`,"annotations":{`)
	for i, x := range d.indexed {
		if i > 0 {
			d.put(",")
		}
		a := &s.Annotations[i]
		a.Key = x.key
		d.b = append(append(append(d.b, '"'), x.key...), '"', ':')
		a.Value = x.value
		v := &p.span.attributes[x.attribute].value
		if v.kind == anyString {
			d.text(&a.Value.String, v.text)
		} else {
			d.b = d.values.value(d.b, v, 3)
		}
	}
	if len(resource) > 0 {
		if len(d.indexed) > 0 {
			d.put(",")
		}
		d.b = append(d.b, p.resource.index...)
		copy(s.Annotations[len(d.indexed):], resource)
	}
	d.put("}")
}

// resourceIndex returns the annotations of the resource, which segments have.
func (p *SpanParser) resourceIndex(kind roentgen.Kind) []roentgen.Annotation {
	if kind == roentgen.KindSubsegment {
		return nil
	}
	return p.resource.indexed
}

var metadataPrefix = []byte("aws.xray.metadata.")

// metadata writes the attributes that are no annotations, and the resource's.
func (p *SpanParser) metadata(s *roentgen.Segment, plan *documentPlan) {
	d := &p.build
	start := len(d.b)
	d.put(`,"metadata":{"default":{`)
	from := len(d.b)
	if !plan.beside {
		p.exactMetadata()
		for i := range d.later {
			d.put(",")
			d.b = d.values.member(d.b, &d.later[i], 3)
		}
	}
	if s.Kind == roentgen.KindSegment && len(p.resource.metadata) > 0 {
		d.put(",")
		d.b = append(d.b, p.resource.metadata...)
	}
	var others []byte
	if !plan.beside {
		others = d.namespaces()
	}
	d.dropComma(from)
	if len(d.b) == from {
		if len(others) == 0 {
			d.b = d.b[:start]
			return
		}
		d.b = append(append(d.b[:start], `,"metadata":{`...), others[1:]...)
		d.put("}")
		return
	}
	d.put("}")
	d.b = append(d.b, others...)
	d.put("}")
}

// exactMetadata writes the attributes that metadata gives back; what turns out
// not to be exact waits for the end.
func (p *SpanParser) exactMetadata() {
	d := &p.build
	for i := range p.span.attributes {
		a := &p.span.attributes[i]
		if a.code != codeMetadata {
			continue
		}
		from := len(d.b)
		d.put(",")
		d.values.inexact = false
		d.b = d.values.member(d.b, a, 3)
		if d.values.inexact {
			d.b = d.b[:from]
			a.code = codeRaw
			d.later = append(d.later, *a)
		}
	}
}

// namespaces writes what attributes say of namespaces of metadata: members
// of default at once, and returns the others, each with a comma before it.
func (d *documentWriter) namespaces() (others []byte) {
	if len(d.spaces) == 0 {
		return nil
	}
	var seen keySet
	seen.add([]byte("default"))
	for i := range d.spaces {
		a := &d.spaces[i]
		name := bytes.TrimPrefix(a.key, metadataPrefix)
		text, _ := canonicalObject(a.value.text, d.values.maxDepth)
		if string(name) == "default" {
			d.mergeDefault(text)
			continue
		}
		if seen.add(name) {
			others, _, _ = appendText(append(others, ','), name)
			others = append(append(others, ':'), text...)
		}
	}
	return others
}

// mergeDefault adds the members of an object whose keys are not there yet.
func (d *documentWriter) mergeDefault(object []byte) {
	var sc scanner
	if sc.load(object) != nil {
		return
	}
	o := sc.openObject()
	for sc.member(&o) {
		from := sc.w
		sc.skip()
		if d.seen[1].add(o.key) && !bytes.HasPrefix(o.key, []byte(resourcePrefix)) {
			d.put(",")
			d.b, _, _ = appendText(d.b, o.key)
			d.put(":")
			d.b = append(d.b, sc.buf[from:sc.w]...)
		}
	}
}

// canonicalObject returns the canonical text of a JSON object; false where
// text is none.
func canonicalObject(text []byte, maxDepth int) ([]byte, bool) {
	var sc scanner
	sc.scan(appendPrepared(nil, text), maxDepth)
	if sc.buf[sc.r] != '{' {
		return nil, false
	}
	sc.skip()
	if !sc.done() {
		return nil, false
	}
	if out := sc.buf[:sc.w]; !sc.duplicate {
		return out, true
	}
	return dropDuplicates(sc.buf[:sc.w], maxDepth), true
}
