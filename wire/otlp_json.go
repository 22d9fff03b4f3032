package wire

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/roentgen/roentgen"
)

// SpansToJSON writes a TracesData (or an ExportTraceServiceRequest) of protobuf
// in OTLP's JSON: ids in hex, enumerations as numbers, 64-bit integers as
// strings. Fields that this version does not know are left out.
func SpansToJSON(b []byte) ([]byte, error) {
	w := jsonWriter{}
	if w.message(otlpTraces, b, maxMessageDepth); w.broken {
		return nil, roentgen.Invalidf("write spans as JSON: the bytes are no TracesData in protobuf")
	}
	return w.b, nil
}

// jsonWriter writes messages as JSON.
type jsonWriter struct {
	b      []byte
	broken bool
}

func (w *jsonWriter) message(kind otlpKind, b []byte, depth int) {
	if depth == 0 {
		w.broken = true
		return
	}
	w.b = append(w.b, '{')
	var listed uint64 // repeated fields that were written
	n := 0
	f := protoFields{rest: b}
	for f.next() {
		field := kind.field(protoNumber(f.tag >> 3))
		if field == nil || f.tag&7 != field.typ.wireType() || listed&(1<<field.num) != 0 || kind.superseded(field, f) {
			continue
		}
		if n++; n > 1 {
			w.b = append(w.b, ',')
		}
		w.b = append(append(append(w.b, '"'), field.name...), '"', ':')
		if field.repeated {
			listed |= 1 << field.num
			w.list(field, f, depth)
			continue
		}
		w.value(field, &f, depth)
	}
	w.broken = w.broken || f.broken
	w.b = append(w.b, '}')
}

// list writes all values of a repeated field, from the first on.
func (w *jsonWriter) list(field *otlpField, f protoFields, depth int) {
	w.b = append(w.b, '[')
	w.value(field, &f, depth)
	for tag := f.tag; f.next(); {
		if f.tag == tag {
			w.b = append(w.b, ',')
			w.value(field, &f, depth)
		}
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) value(field *otlpField, f *protoFields, depth int) {
	switch field.typ {
	case otlpString:
		w.b = AppendString(w.b, share(f.val))
	case otlpBytes:
		w.b = appendBase64(w.b, f.val)
	case otlpID:
		w.b = append(hex.AppendEncode(append(w.b, '"'), f.val), '"')
	case otlpBool:
		w.b = strconv.AppendBool(w.b, f.number != 0)
	case otlpInt64:
		w.b = append(strconv.AppendInt(append(w.b, '"'), int64(f.number), 10), '"')
	case otlpFixed64:
		w.b = append(strconv.AppendUint(append(w.b, '"'), f.number, 10), '"')
	case otlpEnum:
		w.b = strconv.AppendInt(w.b, int64(int32(f.number)), 10)
	case otlpUint32, otlpFixed32:
		w.b = strconv.AppendUint(w.b, uint64(uint32(f.number)), 10)
	case otlpDouble:
		w.double(math.Float64frombits(f.number))
	case otlpMessage:
		w.message(field.message, f.val, depth-1)
	}
}

func (w *jsonWriter) double(f float64) {
	switch {
	case math.IsNaN(f):
		w.b = append(w.b, `"NaN"`...)
	case math.IsInf(f, 1):
		w.b = append(w.b, `"Infinity"`...)
	case math.IsInf(f, -1):
		w.b = append(w.b, `"-Infinity"`...)
	default:
		w.b = strconv.AppendFloat(w.b, f, 'g', -1, 64)
	}
}

// SpansFromJSON reads a request or a TracesData in OTLP's JSON and returns it
// in protobuf. As OTLP wants it, ids are hex, enumerations numbers (names are
// taken too), 64-bit integers numbers or strings; members in lowerCamelCase or
// as protobuf calls them; members that are null or unknown count as absent.
// The error is of kind Invalid and says where.
func SpansFromJSON(text []byte) ([]byte, error) {
	var r jsonReader
	r.scan(appendPrepared(nil, text), maxMessageDepth)
	out := r.message(otlpTraces, nil)
	if !r.done() {
		return nil, roentgen.Invalidf("the request is no OTLP in JSON, at %w", r.err)
	}
	return out, nil
}

// jsonReader reads messages in JSON.
type jsonReader struct{ scanner }

// message appends the fields of the object at r.
func (r *jsonReader) message(kind otlpKind, dst []byte) []byte {
	if r.buf[r.r] != '{' {
		r.unexpected("an object")
		return dst
	}
	o := r.openObject()
	for r.member(&o) {
		field := kind.named(string(o.key))
		if field == nil || r.buf[r.r] == 'n' {
			r.skip()
			continue
		}
		if !field.repeated {
			dst = r.value(field, dst)
			continue
		}
		if r.buf[r.r] != '[' {
			r.unexpected("an array for " + field.name)
			return dst
		}
		a := r.openArray()
		for r.element(&a) {
			dst = r.value(field, dst)
		}
	}
	return dst
}

// named finds a field by its name in JSON or in protobuf.
func (k otlpKind) named(name string) *otlpField {
	fields := otlpMessages[k]
	for i := range fields {
		if fields[i].name == name || strings.Contains(name, "_") && fields[i].name == camel(name) {
			return &fields[i]
		}
	}
	return nil
}

// camel turns snake_case into lowerCamelCase.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if i > 0 && word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// value appends the value at r as the field.
func (r *jsonReader) value(field *otlpField, dst []byte) []byte {
	at := r.r
	switch field.typ {
	case otlpMessage:
		return appendField(dst, field.num, r.message(field.message, nil))
	case otlpString:
		if s, ok := r.text(); ok {
			return appendField(dst, field.num, s)
		}
	case otlpID:
		if s, ok := r.text(); ok {
			if id, err := hex.AppendDecode(nil, s); err == nil {
				return appendField(dst, field.num, id)
			}
		}
		r.failAt(at, field.name+" is no string of hex digits")
	case otlpBytes:
		if s, ok := r.text(); ok {
			if b, ok := anyBase64(string(s)); ok {
				return appendField(dst, field.num, b)
			}
		}
		r.failAt(at, field.name+" is not base64")
	case otlpBool:
		if c := r.buf[r.r]; c == 't' || c == 'f' {
			r.skip()
			return appendAnyInt(dst, field.num, protowire.EncodeBool(c == 't'))
		}
	default:
		return r.number64(field, dst)
	}
	r.failAt(at, field.name+" has a value of another type")
	return dst
}

// text reads a string.
func (r *jsonReader) text() ([]byte, bool) {
	if r.buf[r.r] != '"' {
		return nil, false
	}
	content, escaped := r.str()
	if escaped {
		content = unescape(nil, content)
	}
	return content, r.err == nil
}

// anyBase64 takes both alphabets, with padding and without.
func anyBase64(s string) ([]byte, bool) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil
}

// number64 appends a number, which may stand in a string.
func (r *jsonReader) number64(field *otlpField, dst []byte) []byte {
	at := r.r
	var lit string
	if s, ok := r.text(); ok {
		lit = string(s)
	} else if lit = string(r.scanner.number()); r.err != nil {
		return dst
	}
	if n, ok := field.enum[lit]; ok {
		return appendAnyInt(dst, field.num, n)
	}
	if field.typ == otlpDouble {
		f, err := strconv.ParseFloat(lit, 64)
		if err != nil {
			r.failAt(at, field.name+" is no number")
		}
		return protowire.AppendFixed64(protowire.AppendTag(dst, field.num, protowire.Fixed64Type), math.Float64bits(f))
	}
	n, ok := otlpNumber(lit, field.typ)
	if !ok {
		r.failAt(at, field.name+" is no whole number that fits")
	}
	switch field.typ.wireType() {
	case tagFixed64:
		return protowire.AppendFixed64(protowire.AppendTag(dst, field.num, protowire.Fixed64Type), n)
	case tagFixed32:
		return protowire.AppendFixed32(protowire.AppendTag(dst, field.num, protowire.Fixed32Type), uint32(n))
	}
	return appendAnyInt(dst, field.num, n)
}

// otlpNumber reads a number of the type, which may be written as 1.5e3.
func otlpNumber(lit string, typ otlpType) (n uint64, ok bool) {
	if typ == otlpFixed64 {
		if u, err := strconv.ParseUint(lit, 10, 64); err == nil {
			return u, true
		}
	}
	v, err := strconv.ParseInt(lit, 10, 64)
	if ok = err == nil; !ok {
		if !isNumber(lit) {
			return 0, false
		}
		v, ok = integral([]byte(lit))
	}
	switch typ {
	case otlpFixed64:
		ok = ok && v >= 0
	case otlpUint32, otlpFixed32:
		ok = ok && v >= 0 && v <= math.MaxUint32
	case otlpEnum:
		ok = ok && v >= math.MinInt32 && v <= math.MaxInt32
	}
	return uint64(v), ok
}
