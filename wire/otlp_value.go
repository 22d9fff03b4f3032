package wire

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// anyKind is the type of an attribute's value.
type anyKind uint8

const (
	anyEmpty anyKind = iota // a value that says nothing
	anyString
	anyBool
	anyInt
	anyDouble
	anyArray
	anyMap
	anyBytes
	anyAbsent // no value at all
)

// anyValue is an AnyValue of OTLP. It shares memory with the message.
type anyValue struct {
	kind   anyKind
	odd    bool   // it has fields that this version does not know
	text   []byte // of strings and bytes; the message of arrays and maps
	number uint64 // of booleans, integers (two's complement) and doubles (bits)
}

// attribute is a KeyValue of OTLP.
type attribute struct {
	key   []byte
	value anyValue
	whole []byte // the KeyValue
	known knownKey
	asked bool // for the index
	code  byte // where the document has it
}

// readAttribute reads a KeyValue; false where it is broken.
func readAttribute(b []byte) (a attribute, ok bool) {
	ok = a.read(b)
	return a, ok
}

// read fills a, whatever it was, from a KeyValue; false where that is broken.
func (a *attribute) read(b []byte) (ok bool) {
	*a = attribute{whole: b, value: anyValue{kind: anyAbsent}}
	if a.quick(b) {
		return true
	}
	*a = attribute{whole: b, value: anyValue{kind: anyAbsent}}
	odd := false
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			a.key = f.val
		case 2<<3 | tagBytes:
			if a.value, ok = readAny(f.val); !ok {
				return false
			}
		default:
			odd = true
		}
	}
	a.value.odd = a.value.odd || odd
	return !f.broken
}

// quick reads a KeyValue of a short key and a short scalar, which nearly all are;
// false, with a in any state, where it is another.
func (a *attribute) quick(b []byte) bool {
	if len(b) < 6 || b[0] != 1<<3|byte(tagBytes) || b[1] >= 0x80 {
		return false
	}
	end := 2 + int(b[1]) // of the key
	if end+4 > len(b) || b[end] != 2<<3|byte(tagBytes) || int(b[end+1]) != len(b)-end-2 || b[end+1] >= 0x80 {
		return false
	}
	a.key = b[2:end:end]
	v := b[end+2:]
	switch {
	case v[0] == 1<<3|byte(tagBytes) && int(v[1]) == len(v)-2:
		a.value.kind, a.value.text = anyString, v[2:]
		return true
	case v[0] == 2<<3|byte(tagVarint) && len(v) == 2 && v[1] < 0x80:
		a.value.kind, a.value.number = anyBool, uint64(v[1])
		return true
	case v[0] == 3<<3|byte(tagVarint) && v[len(v)-1] < 0x80:
		n, width := protowire.ConsumeVarint(v[1:])
		a.value.kind, a.value.number = anyInt, n
		return width == len(v)-1
	case v[0] == 4<<3|byte(tagFixed64) && len(v) == 9:
		a.value.kind, a.value.number = anyDouble, binary.LittleEndian.Uint64(v[1:])
		return true
	}
	return false
}

// readAny reads an AnyValue; false where it is broken.
func readAny(b []byte) (v anyValue, ok bool) {
	f := protoFields{rest: b}
	for f.next() {
		odd := v.odd
		switch f.tag {
		case 1<<3 | tagBytes:
			v = anyValue{kind: anyString, text: f.val}
		case 2<<3 | tagVarint:
			v = anyValue{kind: anyBool, number: f.number}
		case 3<<3 | tagVarint:
			v = anyValue{kind: anyInt, number: f.number}
		case 4<<3 | tagFixed64:
			v = anyValue{kind: anyDouble, number: f.number}
		case 5<<3 | tagBytes:
			v = anyValue{kind: anyArray, text: f.val}
		case 6<<3 | tagBytes:
			v = anyValue{kind: anyMap, text: f.val}
		case 7<<3 | tagBytes:
			v = anyValue{kind: anyBytes, text: f.val}
		default:
			odd = true
		}
		v.odd = v.odd || odd
	}
	return v, !f.broken
}

// is reports whether v is the string s.
func (v *anyValue) is(s string) bool { return v.kind == anyString && string(v.text) == s }

// valueWriter writes values as JSON and remembers what it could not say.
type valueWriter struct {
	maxDepth int
	inexact  bool // JSON does not tell the value that was written
	broken   bool // bytes that are no message came by
}

// value appends v. What JSON has no place for is written as text that a person
// can read, and makes the writer inexact.
func (w *valueWriter) value(dst []byte, v *anyValue, depth int) []byte {
	w.inexact = w.inexact || v.odd
	switch v.kind {
	case anyString:
		dst, _, invalid := appendText(dst, v.text)
		w.inexact = w.inexact || invalid
		return dst
	case anyBool:
		return strconv.AppendBool(dst, v.number != 0)
	case anyInt:
		return strconv.AppendInt(dst, int64(v.number), 10)
	case anyDouble:
		return w.double(dst, math.Float64frombits(v.number))
	case anyArray:
		return w.array(dst, v.text, depth)
	case anyMap:
		return w.members(dst, v.text, depth)
	case anyBytes:
		w.inexact = true
		return appendBase64(dst, v.text)
	}
	w.inexact = w.inexact || v.kind == anyAbsent
	return append(dst, "null"...)
}

// double appends f so that it cannot be taken for an integer.
func (w *valueWriter) double(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.inexact = true
		dst = append(dst, '"')
		dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
		return append(dst, '"')
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	for _, c := range dst[from:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, '.', '0')
}

func (w *valueWriter) array(dst, b []byte, depth int) []byte {
	if depth >= w.maxDepth {
		return w.tooDeep(dst)
	}
	dst = append(dst, '[')
	f := protoFields{rest: b}
	for n := 0; f.next(); {
		if f.tag != 1<<3|tagBytes {
			w.inexact = true
			continue
		}
		v, ok := readAny(f.val)
		w.broken = w.broken || !ok
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = w.value(dst, &v, depth+1)
	}
	w.broken = w.broken || f.broken
	return append(dst, ']')
}

// members appends a KeyValueList as an object. Of a key that stands twice the
// first counts, and makes the writer inexact.
func (w *valueWriter) members(dst, b []byte, depth int) []byte {
	if depth >= w.maxDepth {
		return w.tooDeep(dst)
	}
	dst = append(dst, '{')
	var seen keySet
	f := protoFields{rest: b}
	for n := 0; f.next(); {
		if f.tag != 1<<3|tagBytes {
			w.inexact = true
			continue
		}
		a, ok := readAttribute(f.val)
		w.broken = w.broken || !ok
		if !seen.add(a.key) {
			w.inexact = true
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = w.member(dst, &a, depth)
	}
	w.broken = w.broken || f.broken
	return append(dst, '}')
}

// member appends a key and its value.
func (w *valueWriter) member(dst []byte, a *attribute, depth int) []byte {
	dst, _, invalid := appendText(dst, a.key)
	w.inexact = w.inexact || invalid
	return w.value(append(dst, ':'), &a.value, depth+1)
}

func (w *valueWriter) tooDeep(dst []byte) []byte {
	w.inexact = true
	return append(dst, "null"...)
}

// keySet is a set of keys. The zero set is empty.
type keySet struct {
	seen uint64
	keys [][]byte
	many map[string]struct{} // from manyKeys on
}

const manyKeys = 64

// add reports whether key was not in the set before. Keys that are not UTF-8
// are written alike although they differ: they count as one.
func (s *keySet) add(key []byte) bool {
	if !utf8.Valid(key) {
		key = []byte(string([]rune(string(key))))
	}
	bit := hashBit(key)
	if s.seen&bit != 0 && s.has(key) {
		return false
	}
	s.seen |= bit
	s.keys = append(s.keys, key)
	if s.many != nil {
		s.many[string(key)] = struct{}{}
	}
	return true
}

func (s *keySet) has(key []byte) bool {
	if len(s.keys) < manyKeys {
		for _, k := range s.keys {
			if string(k) == string(key) {
				return true
			}
		}
		return false
	}
	if s.many == nil {
		s.many = make(map[string]struct{}, 2*manyKeys)
		for _, k := range s.keys {
			s.many[string(k)] = struct{}{}
		}
	}
	_, found := s.many[string(key)]
	return found
}

func (s *keySet) reset() {
	s.seen, s.keys = 0, s.keys[:0]
	if s.many != nil {
		s.many = nil
	}
}

// appendText appends s as AppendString does, and says whether it was written
// with escapes and whether it was not UTF-8.
func appendText(dst, s []byte) (out []byte, escaped, invalid bool) {
	n := usual(s)
	if n == len(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"'), false, false
	}
	if !utf8.Valid(s) {
		return AppendString(dst, share(s)), true, true
	}
	dst = append(dst, '"')
	for from := 0; ; {
		dst = append(dst, s[from:n]...)
		if n == len(s) {
			return append(dst, '"'), escaped, false
		}
		if c := s[n]; c < utf8.RuneSelf {
			escaped = true
			dst = appendASCII(dst, c)
		} else {
			dst = append(dst, c)
		}
		from = n + 1
		n = from + usual(s[from:])
	}
}

// usual returns how many bytes s begins with that stand in a JSON string as
// they are: ASCII without quote, backslash and control characters.
func usual(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if w := binary.LittleEndian.Uint64(s[i:]); special(w)|w&tops != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}
