package tracing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

// standard is what encoding/json makes of a value.
func standard(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// checkPlain holds what is made of a value against encoding/json, and says whether
// it was made here.
func checkPlain(t testing.TB, v any) (here bool) {
	t.Helper()
	want, err := standard(v)
	got, ok := appendPlain(nil, v, 0)
	if ok && (err != nil || string(got) != want) {
		t.Fatalf("%T: made here %s\nencoding/json   %s (%v)", v, got, want, err)
	}
	return ok
}

type (
	withMethod    struct{ A int }
	withPointer   struct{ A int }
	withText      string
	textKey       string
	named         string
	namedInt      int8
	labels        map[string]string
	anything      map[string]any
	chain         struct{ Next *chain }
	tree          []tree
	loop          struct{ Next any }
	interfaceOnly interface{ MarshalJSON() ([]byte, error) }
	inner         struct {
		B string `json:"b,omitempty"`
	}
	embeds struct{ inner }
	plain  struct {
		Prompt  string `json:"prompt"`
		Tokens  int
		Ratio   float32        `json:"ratio,omitempty"`
		Extra   map[string]int `json:"extra"`
		Labels  labels         `json:",omitempty"`
		Any     any            `json:"any"`
		Inner   *inner         `json:"inner"`
		Many    []inner        `json:"many"`
		Three   [3]bool        `json:"three,omitempty"`
		None    [0]int         `json:"none,omitempty"`
		Left    chan int       `json:"-"`
		private chan int
		Name    named
		Small   namedInt
		Where   *namedInt          `json:"where,omitempty"`
		Floats  map[string]float64 `json:"f"`
		Flags   map[string]bool    `json:"g,omitempty"`
		Struct  inner              `json:"struct,omitempty"`
	}
)

func (withMethod) MarshalJSON() ([]byte, error)   { return []byte(`"own"`), nil }
func (*withPointer) MarshalJSON() ([]byte, error) { return []byte(`"own"`), nil }
func (withText) MarshalText() ([]byte, error)     { return []byte("own"), nil }
func (textKey) MarshalText() ([]byte, error)      { return []byte("own"), nil }

// TestPlainValuesAreAsEncodingJSONMakesThem has values that are made here, and wants them the same.
func TestPlainValuesAreAsEncodingJSONMakesThem(t *testing.T) {
	three := namedInt(-3)
	full := plain{
		Prompt: "a \"b\" \\ \b\f\n\r\t\x00\x1f\x7f <&> \u2028\u2029 हिन्दी 🚀 \xff\xc3", Tokens: -1, Ratio: 1e-7, Extra: map[string]int{"z": 1, "a": 2, "": 3, "\xff": 4, "\xfe": 5},
		Labels: labels{"<": ">"}, Any: []any{nil, 1.5, "x", map[string]any{"k": []int{1}}, &inner{"y"}, inner{}, int8(1), named("n"), [2]string{"a", "b"}},
		Inner: &inner{B: "b"}, Many: []inner{{}, {"c"}}, Three: [3]bool{1: true}, private: make(chan int), Name: "n", Small: -128, Where: &three,
		Floats: map[string]float64{"a": math.MaxFloat64, "b": 0, "c": math.Copysign(0, -1), "d": 5e-324, "e": 1e21, "f": 999999999999999900000, "g": 1e-6, "h": 9.99e-7},
	}
	for _, v := range []any{
		oneField(`json:"-,"`), oneField(`json:""`), oneField(`xml:"a"`), oneField(`json:",omitempty"`),
		full, &full, plain{}, &plain{}, (*plain)(nil), []plain{full}, map[string]any{"a": full, "b": nil}, anything{"a": &full},
		[]string(nil), []string{}, map[string]string(nil), map[string]string{}, labels{"b": "1", "a": "2"}, map[string]int64{"a": math.MinInt64},
		[]float32{0, 1, 0.1, 1e-6, 1e-7, 1e20, 1e21, math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1))}, [][]int{{1}, nil, {}},
		uint64(math.MaxUint64), int64(math.MinInt64), uintptr(7), named("x"), namedInt(1), struct{}{}, [1]any{nil}, []any{[]any{[]any{}}},
		struct {
			A float64 `json:"a,omitempty"`
			B *int    `json:"b,omitempty"`
			C any     `json:"c,omitempty"`
			D []int   `json:"d,omitempty"`
			E bool    `json:"e,omitempty"`
			F uint    `json:"f,omitempty"`
		}{A: math.Copysign(0, -1), D: []int{}},
		loop{loop{1}}, &loop{&loop{}}, 1.5, "text", true, nil, 7,
	} {
		if !checkPlain(t, v) {
			t.Errorf("%T is left to encoding/json", v)
		}
	}
}

// oneField is a struct whose tag is such as one is not to write.
func oneField(tag reflect.StructTag) any {
	v := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: tag}})).Elem()
	v.Field(0).SetInt(7)
	return v.Interface()
}

// TestWhatIsNotPlainIsLeftToEncodingJSON has everything that follows rules of its own, at
// the top and within.
func TestWhatIsNotPlainIsLeftToEncodingJSON(t *testing.T) {
	round := anything{}
	round["a"], round["b"] = round, round
	twice := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`}, {Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`}})
	ring := &loop{}
	ring.Next = ring
	deep := any(1)
	for range 3 * maxPlainDepth {
		deep = []any{deep}
	}
	for _, v := range []any{
		withMethod{}, &withMethod{}, withPointer{}, &withPointer{}, withText("a"), json.Number("1"), json.RawMessage(`{ "a" : 1 }`), time.Now(), time.Second.String, netip.Addr{},
		map[textKey]int{"a": 1}, map[int]string{1: "a"}, map[named]string{"a": "b"}, map[string]withText{"a": "b"}, map[string][]string{"a": nil},
		[]byte("abc"), []uint8(nil), [2]byte{1, 2}, embeds{inner{"x"}}, struct{ *inner }{}, chain{}, tree{{}}, interfaceOnly(withMethod{}), struct{ I interfaceOnly }{withMethod{}},
		struct {
			A int `json:"a,string"`
		}{1},
		struct {
			A time.Time `json:"a,omitzero"`
		}{},
		reflect.New(twice).Elem().Interface(), oneField(`json:"a\\b"`), oneField(`json:"-,string"`),
		struct {
			A int `json:"a<b"`
		}{1},
		struct{ Ü int }{1},
		math.NaN(), []float64{math.Inf(1)}, map[string]float64{"a": math.NaN()}, make(chan int), func() {}, complex(1, 1), []any{1, make(chan int)},
		round, ring, deep,
	} {
		if speaks := reflect.TypeOf(v).Kind() == reflect.Array; checkPlain(t, v) && !speaks {
			t.Errorf("%T is made here", v)
		}
		for _, around := range []any{[]any{v}, map[string]any{"k": v}, struct{ V any }{v}} {
			checkPlain(t, around)
		}
		raw, err := marshal(v)
		want, wrong := standard(v)
		if (err != nil) != (wrong != nil) || err == nil && string(raw) != want {
			t.Errorf("%T: %s (%v), want %s (%v)", v, raw, err, want, wrong)
		}
	}
}

// madeUp makes values, of types that it makes too, from bytes.
type madeUp struct{ from []byte }

func (m *madeUp) byte() byte {
	if len(m.from) == 0 {
		return 0
	}
	c := m.from[0]
	m.from = m.from[1:]
	return c
}

func (m *madeUp) text() string {
	n := min(int(m.byte()%24), len(m.from))
	s := string(m.from[:n])
	m.from = m.from[n:]
	return s
}

var scalars = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[any](), reflect.TypeFor[named](), reflect.TypeFor[withText](), reflect.TypeFor[withPointer](),
	reflect.TypeFor[json.Number](), reflect.TypeFor[labels](), reflect.TypeFor[plain](), reflect.TypeFor[time.Time](), reflect.TypeFor[inner](), reflect.TypeFor[loop](), reflect.TypeFor[json.RawMessage](),
}

func (m *madeUp) typ(depth int) reflect.Type {
	k := m.byte()
	if depth > 4 {
		return scalars[int(k)%len(scalars)]
	}
	switch k % 9 {
	case 0:
		return reflect.PointerTo(m.typ(depth + 1))
	case 1:
		return reflect.SliceOf(m.typ(depth + 1))
	case 2:
		return reflect.ArrayOf(int(m.byte()%4), m.typ(depth+1))
	case 3:
		return reflect.MapOf(reflect.TypeFor[string](), m.typ(depth+1))
	case 4, 5:
		var fields []reflect.StructField
		for i := range int(m.byte() % 6) {
			tag := strings.Map(func(r rune) rune {
				if r < ' ' || r == '`' || r == '"' || r == '\\' {
					return 'x'
				}
				return r
			}, strings.ToValidUTF8(m.text(), "?"))
			if options := []string{"", ",omitempty", ",string", ",omitzero", ",omitempty,string"}; m.byte()%2 == 0 {
				tag = []string{"", "a", "b", "-", "name"}[m.byte()%5] + options[m.byte()%5]
			}
			fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.typ(depth + 1), Tag: reflect.StructTag(`json:"` + tag + `"`)})
		}
		return reflect.StructOf(fields)
	}
	return scalars[int(m.byte())%len(scalars)]
}

func (m *madeUp) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(m.byte()%2 == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(m.byte()) << (m.byte() % 64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(m.byte()) << (m.byte() % 64))
	case reflect.Float32, reflect.Float64:
		var bits uint64
		for range 8 {
			bits = bits<<8 | uint64(m.byte())
		}
		f := math.Float64frombits(bits)
		if m.byte()%2 == 0 {
			f = float64(int8(bits)) * math.Pow(10, float64(int8(bits>>8)%25))
		}
		v.SetFloat(f)
	case reflect.String:
		v.SetString(m.text())
	case reflect.Pointer:
		if m.byte()%4 > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if n := int(m.byte() % 5); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				m.fill(v.Index(i), depth+1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			m.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		if n := int(m.byte() % 6); n > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n - 1 {
				elem := reflect.New(v.Type().Elem()).Elem()
				m.fill(elem, depth+1)
				v.SetMapIndex(reflect.ValueOf(m.text()).Convert(v.Type().Key()), elem)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				m.fill(f, depth+1)
			}
		}
	case reflect.Interface:
		if depth < 6 && m.byte()%4 > 0 && v.NumMethod() == 0 {
			v.Set(m.value(depth + 1))
		}
	}
}

func (m *madeUp) value(depth int) reflect.Value {
	v := reflect.New(m.typ(depth)).Elem()
	m.fill(v, depth)
	return v
}

// FuzzPlain makes types and values up and holds what is made of them here against encoding/json.
func FuzzPlain(f *testing.F) {
	for i := range byte(64) {
		seed := make([]byte, 200)
		for j := range seed {
			seed[j] = byte(j)*7 + i*31 ^ byte(j)>>2
		}
		f.Add(seed)
	}
	f.Add([]byte("\x04\x05aAbBcC\x00\x00\x09\x0a\x09\x09<&>\xff\xfe \u2028"))
	f.Fuzz(func(t *testing.T, from []byte) {
		m := &madeUp{from: from}
		checkPlain(t, m.value(0).Interface())
	})
}
