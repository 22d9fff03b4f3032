package tracing

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What encoding/json makes of plain values is made here byte by byte as it does,
// at a third of the cost. Plain are structs, slices, maps from strings, pointers and
// scalars, as long as no type among them says itself how it is encoded and no
// field stands embedded or asks for more than a name and omitempty. All else is left to
// encoding/json, and so are values nested deeper than maxPlainDepth, which may
// be cycles.

// plainFunc appends v. ok is false for what is to be encoded by encoding/json,
// errors included; what was appended then means nothing.
type plainFunc func(b []byte, v reflect.Value, depth int) (_ []byte, ok bool)

const maxPlainDepth = 2 * maxValueDepth

// plainTypes holds a plainFunc by reflect.Type, nil for a type that is not
// plain. It is a cache, with nothing in it that a caller can see.
var plainTypes sync.Map

func plainOf(t reflect.Type) plainFunc {
	if f, known := plainTypes.Load(t); known {
		return f.(plainFunc)
	}
	f := compilePlain(t, nil)
	plainTypes.Store(t, f)
	return f
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonNumber    = reflect.TypeFor[json.Number]()
)

// speaksForItself reports whether a value of t, or one at an address, says how
// it is encoded.
func speaksForItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Implements(marshaler) || t.Implements(textMarshaler) || p.Implements(marshaler) || p.Implements(textMarshaler) || t == jsonNumber
}

// compilePlain returns nil for a type that is not plain, as one is not that
// contains itself; above are those that contain this one.
func compilePlain(t reflect.Type, above []reflect.Type) plainFunc {
	if speaksForItself(t) || slices.Contains(above, t) {
		return nil
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Interface:
		return plainInterface
	case reflect.Pointer:
		return plainPointer(compilePlain(t.Elem(), above))
	case reflect.Struct:
		return compileStruct(t, above)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 { // base64
			return nil
		}
		return plainSlice(compilePlain(t.Elem(), above))
	case reflect.Array:
		return plainArray(compilePlain(t.Elem(), above))
	case reflect.Map:
		return compileMap(t)
	}
	return plainScalar(t.Kind())
}

func plainScalar(k reflect.Kind) plainFunc {
	switch k {
	case reflect.Bool:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) { return strconv.AppendBool(b, v.Bool()), true }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) { return strconv.AppendInt(b, v.Int(), 10), true }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) {
			return strconv.AppendUint(b, v.Uint(), 10), true
		}
	case reflect.Float32:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) { return appendPlainFloat(b, v.Float(), 32) }
	case reflect.Float64:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) { return appendPlainFloat(b, v.Float(), 64) }
	case reflect.String:
		return func(b []byte, v reflect.Value, _ int) ([]byte, bool) { return appendPlainString(b, v.String()), true }
	}
	return nil // channels, functions and complex numbers are errors
}

// plainInterface looks at the type that the value has now.
func plainInterface(b []byte, v reflect.Value, depth int) ([]byte, bool) {
	if v.IsNil() {
		return append(b, "null"...), true
	}
	v = v.Elem()
	f := plainOf(v.Type())
	if f == nil || depth >= maxPlainDepth {
		return b, false
	}
	return f(b, v, depth+1)
}

func plainPointer(elem plainFunc) plainFunc {
	if elem == nil {
		return nil
	}
	return func(b []byte, v reflect.Value, depth int) ([]byte, bool) {
		if v.IsNil() {
			return append(b, "null"...), true
		}
		return elem(b, v.Elem(), depth)
	}
}

func plainSlice(elem plainFunc) plainFunc {
	array := plainArray(elem)
	if array == nil {
		return nil
	}
	return func(b []byte, v reflect.Value, depth int) ([]byte, bool) {
		if v.IsNil() {
			return append(b, "null"...), true
		}
		return array(b, v, depth)
	}
}

func plainArray(elem plainFunc) plainFunc {
	if elem == nil {
		return nil
	}
	return func(b []byte, v reflect.Value, depth int) (_ []byte, ok bool) {
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, ok = elem(b, v.Index(i), depth); !ok {
				return b, false
			}
		}
		return append(b, ']'), true
	}
}

// plainField is a member of a struct.
type plainField struct {
	index     int
	name      string // with quotes and colon
	omitEmpty bool
	append    plainFunc
}

func compileStruct(t reflect.Type, above []reflect.Type) plainFunc {
	var fields []plainField
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		switch {
		case f.Anonymous:
			return nil
		case !f.IsExported() || tag == "-":
			continue
		}
		p := plainField{index: i, append: compilePlain(f.Type, above)}
		name, rest, _ := strings.Cut(tag, ",")
		p.omitEmpty = rest == "omitempty"
		if name == "" {
			name = f.Name
		}
		if p.append == nil || rest != "" && !p.omitEmpty || !isPlainName(name) {
			return nil
		}
		p.name = `"` + name + `":`
		if slices.ContainsFunc(fields, func(q plainField) bool { return q.name == p.name }) {
			return nil // neither may be encoded
		}
		fields = append(fields, p)
	}
	return plainStruct(fields).append
}

// isPlainName takes names that need no escapes and that no rule of tags forbids.
func isPlainName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !legalKeyByte(c) && c != '-' && c != '.' {
			return false
		}
	}
	return name != ""
}

type plainStruct []plainField

func (s plainStruct) append(b []byte, v reflect.Value, depth int) (_ []byte, ok bool) {
	b = append(b, '{')
	first := true
	for i := range s {
		f := &s[i]
		member := v.Field(f.index)
		if f.omitEmpty && isEmpty(member) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		if b, ok = f.append(append(b, f.name...), member, depth); !ok {
			return b, false
		}
	}
	return append(b, '}'), true
}

// isEmpty is what omitempty goes by.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// compileMap knows the maps that metadata is made of; reflection over others
// costs no less here than there.
func compileMap(t reflect.Type) plainFunc {
	if t.Key() != reflect.TypeFor[string]() {
		return nil
	}
	switch t.Elem() {
	case reflect.TypeFor[string]():
		return plainMap(t, func(b []byte, s string, _ int) ([]byte, bool) { return appendPlainString(b, s), true })
	case reflect.TypeFor[int]():
		return plainMap(t, func(b []byte, n int, _ int) ([]byte, bool) { return strconv.AppendInt(b, int64(n), 10), true })
	case reflect.TypeFor[int64]():
		return plainMap(t, func(b []byte, n int64, _ int) ([]byte, bool) { return strconv.AppendInt(b, n, 10), true })
	case reflect.TypeFor[float64]():
		return plainMap(t, func(b []byte, f float64, _ int) ([]byte, bool) { return appendPlainFloat(b, f, 64) })
	case reflect.TypeFor[bool]():
		return plainMap(t, func(b []byte, v bool, _ int) ([]byte, bool) { return strconv.AppendBool(b, v), true })
	case reflect.TypeFor[any]():
		return plainMap(t, appendPlain)
	}
	return nil
}

// plainMap is for maps whose underlying type is map[string]V.
func plainMap[V any](t reflect.Type, value func(b []byte, v V, depth int) ([]byte, bool)) plainFunc {
	of := reflect.TypeFor[map[string]V]()
	return func(b []byte, v reflect.Value, depth int) ([]byte, bool) {
		if t != of {
			v = v.Convert(of)
		}
		return appendPlainMap(b, v.Interface().(map[string]V), value, depth)
	}
}

// appendPlainMap sorts by key.
func appendPlainMap[V any](b []byte, m map[string]V, value func(b []byte, v V, depth int) ([]byte, bool), depth int) (_ []byte, ok bool) {
	if m == nil {
		return append(b, "null"...), true
	}
	var room [16]string
	keys := room[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, ok = value(append(appendPlainString(b, k), ':'), m[k], depth); !ok {
			return b, false
		}
	}
	return append(b, '}'), true
}

// appendPlain appends any value; depth counts the values of no fixed type around it.
func appendPlain(b []byte, value any, depth int) (_ []byte, ok bool) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), true
	case string:
		return appendPlainString(b, v), true
	case bool:
		return strconv.AppendBool(b, v), true
	case int:
		return strconv.AppendInt(b, int64(v), 10), true
	case float64:
		return appendPlainFloat(b, v, 64)
	}
	v := reflect.ValueOf(value)
	f := plainOf(v.Type())
	if f == nil || depth >= maxPlainDepth {
		return b, false
	}
	return f(b, v, depth+1)
}

// appendPlainFloat leaves what JSON cannot say to encoding/json, whose error it is.
func appendPlainFloat(b []byte, f float64, bits int) ([]byte, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, false
	}
	a := math.Abs(f)
	small, large := a < 1e-6, a >= 1e21
	if bits == 32 {
		small, large = float32(a) < 1e-6, float32(a) >= 1e21
	}
	if a == 0 || !small && !large {
		return strconv.AppendFloat(b, f, 'f', -1, bits), true
	}
	b = strconv.AppendFloat(b, f, 'e', -1, bits)
	if n := len(b); b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') { // e-07 is written e-7
		b = append(b[:n-2], b[n-1])
	}
	return b, true
}

// appendPlainString escapes as encoding/json does when it leaves HTML alone.
func appendPlainString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := plainPrefix(s); i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				b = appendPlainEscape(append(b, s[from:i]...), c)
				from = i + 1
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		escape := ""
		switch {
		case r == utf8.RuneError && n == 1:
			escape = `\ufffd`
		case r == '\u2028':
			escape = `\u2028`
		case r == '\u2029':
			escape = `\u2029`
		}
		if escape != "" {
			b = append(append(b, s[from:i]...), escape...)
			from = i + n
		}
		i += n
	}
	return append(append(b, s[from:]...), '"')
}

func appendPlainEscape(b []byte, c byte) []byte {
	switch c {
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	}
	return appendEscape(b, c)
}
