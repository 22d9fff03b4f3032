package tracing

import (
	"context"
	"math"
	"reflect"
	"strconv"
)

// note is one annotation.
type note struct {
	key  string
	kind noteKind
	num  uint64 // int64, uint64, float64 bits or bool
	str  string
}

type noteKind uint8

const (
	noteString noteKind = iota
	noteBool
	noteInt
	noteUint
	noteFloat
)

// Annotate records an indexed value on the current segment or subsegment; the
// last one of a key counts. Keys are 1 to 500 ASCII letters, digits and
// underscores; values strings (cut at 1,000 characters), booleans, integers,
// finite floats, or named types of these (X-Ray segment documents,
// "annotations"). Anything else is dropped and counted in
// Stats.AnnotationsLost. X-Ray indexes 50 keys per trace.
func Annotate(ctx context.Context, key string, value any) {
	if off() {
		return
	}
	s, i := current(nonNil(ctx))
	if s != nil {
		s.annotate(key, value)
	} else if i == nil {
		missing(nonNil(ctx), "Annotate", key)
	}
}

// AnnotateSegment is Annotate for the segment at the top of the local tree.
func AnnotateSegment(ctx context.Context, key string, value any) {
	if off() {
		return
	}
	s, i := current(nonNil(ctx))
	if s != nil {
		s.seg.annotate(key, value)
	} else if i == nil {
		missing(nonNil(ctx), "AnnotateSegment", key)
	}
}

// SetUser records who caused the request on the segment at the top of the
// local tree: at most 250 characters, indexed. Give an opaque id, not a name.
func SetUser(ctx context.Context, user string) {
	if off() {
		return
	}
	s, i := current(nonNil(ctx))
	if s == nil {
		if i == nil {
			missing(nonNil(ctx), "SetUser", "user")
		}
		return
	}
	root := &s.seg.span
	if root.touch() {
		root.detailsLocked().rarities().user = user
		root.release()
	}
}

func nonNil(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

func (s *span) annotate(key string, value any) {
	n, ok := newNote(key, value)
	if !ok {
		s.seg.tr.count.annotationsLost.Add(1)
		return
	}
	if s.touch() {
		s.addNoteLocked(n)
		s.release()
	}
}

func (s *span) addNoteLocked(n note) {
	d := s.detailsLocked()
	for i := range d.notes {
		if d.notes[i].key == n.key {
			d.notes[i] = n
			return
		}
	}
	if len(d.notes) >= s.seg.tr.set.limits.Annotations {
		s.seg.tr.count.annotationsLost.Add(1)
		return
	}
	d.notes = append(d.notes, n)
}

// newNote takes the common types directly and named ones by reflection.
func newNote(key string, value any) (n note, ok bool) {
	n.key = key
	if !legalKey(key) {
		return n, false
	}
	switch v := value.(type) {
	case string:
		n.str = v
	case bool:
		n.kind, n.num = noteBool, bit(v)
	case int:
		n.kind, n.num = noteInt, uint64(v)
	case int64:
		n.kind, n.num = noteInt, uint64(v)
	case float64:
		return floatNote(key, v)
	default:
		return reflectNote(key, value)
	}
	return n, true
}

func floatNote(key string, f float64) (note, bool) {
	return note{key: key, kind: noteFloat, num: math.Float64bits(f)}, !math.IsNaN(f) && !math.IsInf(f, 0)
}

func reflectNote(key string, value any) (note, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.CanInt():
		return note{key: key, kind: noteInt, num: uint64(v.Int())}, true
	case v.CanUint():
		return note{key: key, kind: noteUint, num: v.Uint()}, true
	case v.Kind() == reflect.Float32: // by way of text, so that 0.1 stays 0.1
		f, _ := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
		return floatNote(key, f)
	case v.CanFloat():
		return floatNote(key, v.Float())
	case v.Kind() == reflect.String:
		return note{key: key, str: v.String()}, true
	case v.Kind() == reflect.Bool:
		return note{key: key, kind: noteBool, num: bit(v.Bool())}, true
	}
	return note{}, false
}

func bit(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

func legalKey(key string) bool {
	for i := range len(key) {
		if !legalKeyByte(key[i]) {
			return false
		}
	}
	return key != "" && len(key) <= 500
}

func legalKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func appendNote(b []byte, n note) []byte {
	switch n.kind {
	case noteBool:
		return strconv.AppendBool(b, n.num == 1)
	case noteInt:
		return strconv.AppendInt(b, int64(n.num), 10)
	case noteUint:
		return strconv.AppendUint(b, n.num, 10)
	case noteFloat:
		return appendFloat(b, math.Float64frombits(n.num))
	}
	return appendString(b, n.str, maxNote)
}
