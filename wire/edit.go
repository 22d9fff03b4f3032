package wire

import (
	"fmt"
	"strings"
)

// Edit says what EditDocument changes.
type Edit struct {
	// Drop names members by their path from an entity, for instance "type"
	// or "http.request.traced". A key with a dot in it cannot be named.
	Drop []string
	// Everywhere drops from embedded subsegments too, and not from the top
	// entity alone.
	Everywhere bool
	// Set gives members of the top entity their value: in place where the
	// key stands, behind the others where it does not.
	Set []Member
}

// Member is a key and the JSON text of its value.
type Member struct {
	Key   string
	Value []byte
}

// EditDocument returns doc, a canonical document, with edit made. Every other
// byte stays as it is; doc is not changed.
func EditDocument(doc []byte, edit Edit) ([]byte, error) {
	e := editor{Edit: edit, out: make([]byte, 0, len(doc)+1)}
	if err := e.load(doc); err != nil {
		return nil, fmt.Errorf("edit document: %w", err)
	}
	e.object(edit.Drop, true, edit.Set)
	if !e.done() {
		return nil, fmt.Errorf("edit document: %w", e.err)
	}
	return e.out, nil
}

// load readies the scanner for a canonical document.
func (s *scanner) load(doc []byte) error {
	s.scan(padded(doc), deepest)
	if s.buf[s.r] != '{' {
		return &syntaxError{s.r, "no object begins here"}
	}
	return nil
}

// Lookup returns the text of the member that path names, one key for each
// object on the way; false when there is none. doc is a canonical document.
func Lookup(doc []byte, path ...string) ([]byte, bool) {
	var s scanner
	if s.load(doc) != nil {
		return nil, false
	}
	from := 0
	for _, key := range path {
		if s.buf[s.r] != '{' || !s.find(key) {
			return nil, false
		}
		from = s.w
	}
	s.skip()
	return s.buf[from:s.w:s.w], s.err == nil
}

// find enters the object at r and stops at the value of key.
func (s *scanner) find(key string) bool {
	for o := s.openObject(); s.member(&o); s.skip() {
		if string(o.key) == key {
			return true
		}
	}
	return false
}

// editor copies what it reads to out, but for what the edit says.
type editor struct {
	Edit
	scanner
	out []byte
}

// object copies the object at r without the members in drop. set is not nil
// at the top alone.
func (e *editor) object(drop []string, entity bool, set []Member) {
	e.out = append(e.out, '{')
	written := make([]bool, len(set))
	o := e.openObject()
	for from := e.w; e.member(&o); from = e.w {
		if e.buf[from] == ',' {
			from++
		}
		rest, dropped := below(drop, o.key)
		if dropped {
			e.skip()
			continue
		}
		e.comma()
		e.out = append(e.out, e.buf[from:e.w]...)
		if i := indexMember(set, o.key); i >= 0 {
			e.skip()
			e.out = append(e.out, set[i].Value...)
			written[i] = true
			continue
		}
		e.inside(rest, entity && string(o.key) == "subsegments")
	}
	for i, m := range set {
		if !written[i] && indexMember(set[:i], []byte(m.Key)) < 0 {
			e.comma()
			e.out = append(append(AppendString(e.out, m.Key), ':'), m.Value...)
		}
	}
	e.out = append(e.out, '}')
}

// inside copies the value at r, in which rest is to be dropped.
func (e *editor) inside(rest []string, subsegments bool) {
	switch c := e.buf[e.r]; {
	case c == '{' && len(rest) > 0:
		e.object(rest, false, nil)
	case c == '[' && subsegments && e.Everywhere:
		e.entities()
	default:
		e.copy()
	}
}

// entities copies the array of embedded subsegments at r.
func (e *editor) entities() {
	e.out = append(e.out, '[')
	a := e.openArray()
	for e.element(&a) {
		e.comma()
		if e.buf[e.r] == '{' {
			e.object(e.Drop, true, nil)
			continue
		}
		e.copy()
	}
	e.out = append(e.out, ']')
}

// copy copies the value at r.
func (e *editor) copy() {
	from := e.w
	e.skip()
	e.out = append(e.out, e.buf[from:e.w]...)
}

// comma separates what follows from what stands before it.
func (e *editor) comma() {
	if c := e.out[len(e.out)-1]; c != '{' && c != '[' {
		e.out = append(e.out, ',')
	}
}

// below returns what of drop lies within the member key, and whether the
// member itself is dropped.
func below(drop []string, key []byte) (rest []string, dropped bool) {
	for _, path := range drop {
		head, tail, more := strings.Cut(path, ".")
		if head != string(key) {
			continue
		}
		if !more {
			return nil, true
		}
		rest = append(rest, tail)
	}
	return rest, false
}

func indexMember(set []Member, key []byte) int {
	for i := range set {
		if set[i].Key == string(key) {
			return i
		}
	}
	return -1
}
