package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// tree is a JSON value, read whole. It is for what is not a hot path.
type tree struct {
	kind     valueKind
	text     string // what a string means; the literal of a number; true or false
	keys     []string
	children []tree // of an object, one for each key; of an array
}

// readTree reads a canonical document.
func readTree(doc []byte) (tree, error) {
	var s scanner
	if err := s.load(doc); err != nil {
		return tree{}, fmt.Errorf("read document: %w", err)
	}
	t := s.tree()
	if !s.done() {
		return tree{}, fmt.Errorf("read document: %w", s.err)
	}
	return t, nil
}

func (s *scanner) tree() (t tree) {
	t.kind = kindOf(s.buf[s.r])
	switch t.kind {
	case kindObject:
		o := s.openObject()
		for s.member(&o) {
			t.keys = append(t.keys, string(o.key))
			t.children = append(t.children, s.tree())
		}
	case kindArray:
		a := s.openArray()
		for s.element(&a) {
			t.children = append(t.children, s.tree())
		}
	case kindString:
		content, escaped := s.str()
		if escaped {
			content = unescape(nil, content)
		}
		t.text = string(content)
	default:
		from := s.w
		s.skip()
		t.text = string(s.buf[from:s.w])
	}
	return t
}

// none stands for what is not there.
func none() *tree { return &tree{kind: kindNull} }

// at returns the member that path names; null where there is none.
func (t *tree) at(path ...string) *tree {
	for _, key := range path {
		if t.kind != kindObject {
			return none()
		}
		found := none()
		for i, k := range t.keys {
			if k == key {
				found = &t.children[i]
			}
		}
		t = found
	}
	return t
}

// string returns the text of a string, else "".
func (t *tree) string() string {
	if t.kind == kindString {
		return t.text
	}
	return ""
}

// list returns the elements of an array.
func (t *tree) list() []tree {
	if t.kind == kindArray {
		return t.children
	}
	return nil
}

func (t *tree) isTrue() bool { return t.kind == kindBool && t.text == "true" }

// int returns a whole number of 64 bits, with a sign or without one.
func (t *tree) int() (uint64, bool) {
	if t.kind != kindNumber {
		return 0, false
	}
	if u, err := strconv.ParseUint(t.text, 10, 64); err == nil {
		return u, true
	}
	if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
		return uint64(n), true
	}
	n, ok := integral([]byte(t.text))
	return uint64(n), ok
}

func (t *tree) uint32() uint32 {
	n, _ := t.int()
	return uint32(n)
}

// seconds returns epoch seconds as nanoseconds; 0 where there are none.
func (t *tree) seconds() uint64 {
	if t.kind != kindNumber {
		return 0
	}
	ns, _ := parseSeconds([]byte(t.text))
	return uint64(ns)
}

// Appenders of protobuf fields. Those with a condition leave out what is zero,
// as a protobuf library does.

func appendField(dst []byte, num protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, num, protowire.BytesType), value)
}

func appendString(dst []byte, num protowire.Number, s string) []byte {
	if s == "" {
		return dst
	}
	return protowire.AppendString(protowire.AppendTag(dst, num, protowire.BytesType), s)
}

func appendVarint(dst []byte, num protowire.Number, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.VarintType), n)
}

func appendFixed64(dst []byte, num protowire.Number, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return protowire.AppendFixed64(protowire.AppendTag(dst, num, protowire.Fixed64Type), n)
}

func appendFixed32(dst []byte, num protowire.Number, n uint32) []byte {
	if n == 0 {
		return dst
	}
	return protowire.AppendFixed32(protowire.AppendTag(dst, num, protowire.Fixed32Type), n)
}

// appendAny appends the fields of an AnyValue.
func (t *tree) appendAny(dst []byte) []byte {
	switch t.kind {
	case kindString:
		return protowire.AppendString(protowire.AppendTag(dst, 1, protowire.BytesType), t.text)
	case kindBool:
		return appendAnyInt(dst, 2, protowire.EncodeBool(t.text == "true"))
	case kindNumber:
		return t.appendNumber(dst)
	case kindArray:
		var list []byte
		for i := range t.children {
			list = appendField(list, 1, t.children[i].appendAny(nil))
		}
		return appendField(dst, 5, list)
	case kindObject:
		return appendField(dst, 6, t.appendPairs(nil, 1))
	}
	return dst
}

// appendNumber takes a literal with a point or an exponent for a double.
func (t *tree) appendNumber(dst []byte) []byte {
	if !strings.ContainsAny(t.text, ".eE") {
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
			return appendAnyInt(dst, 3, uint64(n))
		}
	}
	f, _ := strconv.ParseFloat(t.text, 64)
	return protowire.AppendFixed64(protowire.AppendTag(dst, 4, protowire.Fixed64Type), math.Float64bits(f))
}

func appendAnyInt(dst []byte, num protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.VarintType), n)
}

// appendPairs appends the members of an object as KeyValues, each as a field.
func (t *tree) appendPairs(dst []byte, num protowire.Number) []byte {
	for i, key := range t.keys {
		dst = appendPair(dst, num, key, t.children[i].appendAny(nil))
	}
	return dst
}

// appendPair appends a KeyValue; value is an AnyValue.
func appendPair(dst []byte, num protowire.Number, key string, value []byte) []byte {
	return appendField(dst, num, appendField(appendString(nil, 1, key), 2, value))
}

// appendAny appends the fields of the AnyValue that v is.
func (v *anyValue) appendAny(dst []byte) []byte {
	switch v.kind {
	case anyString:
		return protowire.AppendBytes(protowire.AppendTag(dst, 1, protowire.BytesType), v.text)
	case anyInt:
		return appendAnyInt(dst, 3, v.number)
	case anyArray:
		return appendField(dst, 5, v.text)
	}
	return dst
}
