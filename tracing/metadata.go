package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// datum is one metadata value, already JSON.
type datum struct {
	namespace, key string
	json           []byte
}

// maxValueDepth bounds how many objects and arrays of one value stand in one
// another; see maxDepth.
const maxValueDepth = 32

const (
	defaultNamespace = "default"
	ownNamespace     = "roentgen" // what the SDK itself has to say
)

// Metadata records a value that is not indexed: anything encoding/json can
// encode. Namespace "" is "default"; namespaces that start with "AWS." belong
// to AWS. The last value of a namespace and key counts.
//
// The value is encoded before Metadata returns, so it may change afterwards.
// If it cannot be encoded (cycles, channels, a MarshalJSON that fails or
// panics) or is nested more than 32 deep, a short note takes its place; if the (sub)segment's metadata would
// exceed Limits.MetadataBytes it is dropped. Stats counts both.
func Metadata(ctx context.Context, namespace, key string, value any) {
	if off() {
		return
	}
	s, i := current(nonNil(ctx))
	if s != nil {
		s.addMetadata(namespace, key, value)
	} else if i == nil {
		missing(nonNil(ctx), "Metadata", key)
	}
}

func (s *span) addMetadata(namespace, key string, value any) {
	if namespace == "" {
		namespace = defaultNamespace
	}
	raw, err := encodeValue(value)
	if err != nil || tooDeep(raw) {
		s.seg.tr.count.metadataFailed.Add(1)
		raw = appendString(nil, fmt.Sprintf("value of type %T could not be encoded", value), maxText)
	}
	if s.touch() {
		s.addDatumLocked(datum{namespace: namespace, key: key, json: raw})
		s.release()
	}
}

func (s *span) addDatumLocked(m datum) {
	d := s.detailsLocked()
	old := slices.IndexFunc(d.meta, func(n datum) bool { return n.namespace == m.namespace && n.key == m.key })
	size := d.metaBytes + m.size()
	if old >= 0 {
		size -= d.meta[old].size()
	}
	if size > s.seg.tr.set.limits.MetadataBytes {
		s.seg.tr.count.metadataTooBig.Add(1)
		return
	}
	d.metaBytes = size
	if old >= 0 {
		d.meta[old] = m
	} else {
		d.meta = append(d.meta, m)
	}
}

// size is what counts against Limits.MetadataBytes.
func (m *datum) size() int { return len(m.namespace) + len(m.key) + len(m.json) }

// tooDeep counts what is open at once in sound JSON. Few values open so much at all.
func tooDeep(raw []byte) bool {
	if bytes.Count(raw, []byte{'{'})+bytes.Count(raw, []byte{'['}) <= maxValueDepth {
		return false
	}
	open, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inString = !inString
		case c == '\\' && inString:
			i++
		case inString:
		case c == '{' || c == '[':
			if open++; open > maxValueDepth {
				return true
			}
		case c == '}' || c == ']':
			open--
		}
	}
	return false
}

// encodeValue returns value as JSON in bytes of its own.
func encodeValue(value any) (raw []byte, err error) {
	switch v := value.(type) {
	case nil:
		return []byte("null"), nil
	case string:
		return appendString(make([]byte, 0, len(v)+8), v, len(v)), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	}
	return marshal(value)
}

// writer is an encoder and the buffer it writes to, used again and again.
type writer struct {
	buf   bytes.Buffer
	enc   *json.Encoder
	plain []byte
}

// writers holds no state that a caller can see. A writer whose value panicked
// is not put back.
var writers = sync.Pool{New: func() any {
	w := &writer{}
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	return w
}}

// maxPooled bounds, in bytes, the buffers kept for the next value.
const maxPooled = 64 << 10

// marshal runs foreign code (MarshalJSON, MarshalText), hence the recover.
func marshal(value any) (raw []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("encoding a %T: panic: %v", value, p)
		}
	}()
	w := writers.Get().(*writer)
	raw, err = w.encode(value)
	if w.buf.Cap()+cap(w.plain) <= maxPooled {
		writers.Put(w)
	}
	if !utf8.Valid(raw) { // json.RawMessage and MarshalJSON are taken as they come
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	return raw, err
}

// encode returns JSON in bytes of its own.
func (w *writer) encode(value any) (raw []byte, err error) {
	plain, ok := appendPlain(w.plain[:0], value, 0)
	w.plain = plain
	if ok {
		return bytes.Clone(plain), nil
	}
	w.buf.Reset()
	if err = w.enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimSuffix(w.buf.Bytes(), []byte("\n"))), nil
}
