package redact

import (
	"bytes"

	"github.com/roentgen/roentgen/redact/structure"
)

// document reads the whole text: a document, or an array of them.
func (s *scan) document() {
	if bytes.HasPrefix(s.b, []byte("\xef\xbb\xbf")) {
		s.i = 3
	}
	switch s.next() {
	case '{':
		s.object(entityNames, 0)
	case '[':
		s.list(quoted{}, entityNames, 0)
	case 0:
		s.fail()
	default:
		s.value(classNone, quoted{})
	}
	if s.next(); s.i < len(s.b) {
		s.fail()
	}
}

// maxNesting is how deep subsegments are known as such; what is nested deeper is taken as free data.
const maxNesting = 1000

// list reads the objects of an array, whose members v knows; a value of another kind, or an element, is free data.
func (s *scan) list(q quoted, v *vocabulary, depth int) {
	if s.next() != '[' {
		s.other(q)
		return
	}
	for s.element() {
		if s.b[s.i] == '{' && depth < maxNesting {
			s.object(v, depth)
		} else {
			s.value(classNone, quoted{})
		}
	}
}

// object reads an object whose members v knows. The structure of segments and subsegments is known, and not looked at.
func (s *scan) object(v *vocabulary, depth int) {
	f := frame{names: v}
	for q, r, ok := s.known(&f); ok; q, r, ok = s.known(&f) {
		switch r {
		case subsegments:
			s.list(q, entityNames, depth+1)
		case links:
			s.list(q, linkNames, depth)
		case exceptions:
			s.list(q, exceptionNames, depth)
		case address:
			s.judged(classURL, q)
		case statement:
			s.judged(classSQL, q)
		case connection:
			s.judged(classDSN, q)
		default:
			s.other(q)
		}
	}
}

// frame is where known is: which names the object at hand has, and those around it.
type frame struct {
	names  *vocabulary
	around [maxBlocks]*vocabulary
	level  int
}

// maxBlocks is how deep blocks are: a request, in http, in an entity. level is never more; it is masked because that is
// cheaper than to ask.
const maxBlocks = 2

// enter goes into a block that begins at i.
func (f *frame) enter(s *scan, v *vocabulary, i int) {
	f.around[f.level&1] = f.names
	f.names = v
	f.level++
	if v == sqlNames {
		s.sqlBlock = i
	}
}

// leave goes back to what is around a block.
func (f *frame) leave(s *scan) *vocabulary {
	f.level--
	f.names = f.around[f.level&1]
	s.sqlBlock = 0
	return f.names
}

// known reads members, and those of the blocks among them, up to the first that is neither skipped nor a block, and goes
// to its value. ok is false where the object ends.
func (s *scan) known(f *frame) (q quoted, r role, ok bool) {
	b, quotes, i, quote, names := s.b, s.x.Quotes, uint(s.i), uint(s.quote), f.names
	for {
		at := quotes[quote : quote+4]
		from, to := uint(at[0])+1, uint(at[1]) // beyond all texts where there are escapes
		if from != i+2 || to+2 >= uint(len(b)) || b[i] != ',' && b[i] != '{' || b[to+1] != ':' || b[to+2] <= ' ' {
			if i < uint(len(b)) && b[i] == '}' && f.level > 0 {
				names = f.leave(s)
				i++
				continue
			}
			s.i, s.quote = int(i), int(quote)
			if q, r, ok = s.unusual(f); !ok || r != skipped {
				return q, r, ok
			}
			i, quote, names = uint(s.i), uint(s.quote), f.names
			continue
		}
		p := &nobody
		if from+8 <= uint(len(b)) {
			head := headOf(b[from:], to-from)
			if at := names.at(head, to-from); at.head == head && uint(len(at.name)) == to-from && at.isTail(b, from, to) {
				p = at
			}
		} else {
			p = names.findAny(b[from:to])
		}
		i, quote = to+2, quote+2
		c := b[i]
		if p.role == skipped {
			if c == '"' {
				i, quote = uint(at[3]&^structure.Escaped)+1, quote+2
				continue
			}
			if end := uint(s.x.Delimiter(int(i))); end > i {
				i = end
				continue
			}
		}
		s.i, s.quote = int(i), int(quote)
		switch {
		case p.role == skipped:
			s.skip()
			i, quote = uint(s.i), uint(s.quote)
		case p.role == block && c == '{':
			f.enter(s, p.inside, int(i))
			names = p.inside
		default:
			return quoted{int(from), int(to), 0}, p.role, true
		}
	}
}

// unusual reads one member, with white space around its name or escapes in it, or the end of an object. skipped: go on.
func (s *scan) unusual(f *frame) (q quoted, r role, ok bool) {
	if uint(s.i) < uint(len(s.b)) && s.b[s.i] == '}' {
		s.i++
	} else if q, ok = s.member(); ok {
		p := f.names.findAny(s.key(q))
		switch {
		case p.role == skipped:
			s.skip()
		case p.role == block && s.next() == '{':
			f.enter(s, p.inside, s.i)
			return q, skipped, true
		}
		return q, p.role, true
	}
	if s.bad || f.level == 0 {
		return q, stranger, false
	}
	f.leave(s)
	return q, skipped, true
}

// other reads the value of a member that is nobody's structure.
func (s *scan) other(q quoted) {
	s.judged(s.r.keys.of(s.key(q)), q)
}

// judged reads a value whose class is known.
func (s *scan) judged(c class, q quoted) {
	switch c {
	case classForbidden:
		s.forbidden()
	case classKeep:
		s.skip()
	default:
		s.value(c, q)
	}
}

// namesInQuotes says whether double quotes hold names in the statement at hand. Only one that has escapes can have them.
func (s *scan) namesInQuotes() bool {
	return s.sqlBlock > 0 && namesInQuotes(s.peek(s.sqlBlock, "database_type"))
}

// peek returns the string of that name in the object that begins at i; nil where there is none.
func (s *scan) peek(i int, name string) []byte {
	ahead := scan{r: s.r, b: s.b, x: s.x, i: i, quote: s.x.From(i)}
	if ahead.next() != '{' {
		return nil
	}
	for q, ok := ahead.member(); ok; q, ok = ahead.member() {
		if ahead.next() == '"' && string(s.b[q.start:q.end]) == name {
			v := ahead.text()
			return s.b[v.start:v.end]
		}
		ahead.skip()
	}
	return nil
}

// key returns the name as it was meant. Nearly always it stands in the text so.
func (s *scan) key(q quoted) []byte {
	if q.marks&escaped == 0 {
		return s.b[q.start:q.end]
	}
	return s.escapedKey(q)
}

func (s *scan) escapedKey(q quoted) []byte {
	m := s.memory()
	m.key = unescape(m.key[:0], s.b[q.start:q.end])
	return m.key
}

const forbiddenText = `"[redacted:key]"`

// forbidden takes the whole value out. null says nothing, and stays.
func (s *scan) forbidden() {
	start := s.i
	s.skip()
	if v := s.b[start:s.i]; !s.bad && string(v) != "null" && string(v) != forbiddenText {
		s.replace(start, s.i, forbiddenText)
		s.c.Keys++
	}
}

// maxStack is how many levels of braces and brackets are remembered, one bit each.
const maxStack = 64

// value reads free data to its end: any value, however nested, named by name and of the class c.
func (s *scan) value(c class, name quoted) {
	depth, objects := 0, uint64(0) // bit 0: the innermost level is an object
	named := true                  // what comes next is a value, also within an object
	deep := false                  // it was once nested too deep to remember: a string before a colon is a name
	for {
		if !named && objects&1 == 1 && !deep {
			if name, depth, objects = s.usualMembers(name, depth, objects); depth == 0 {
				return
			}
			c = classNone
		}
		switch s.next() {
		case '"':
			if named || objects&1 == 0 && !deep {
				s.string(s.text(), c)
				named = false
			} else {
				c, name, named = s.freeMember(deep)
			}
		case '{':
			depth, objects, named = depth+1, objects<<1|1, false
			deep = deep || depth > maxStack
			s.i++
		case '[':
			depth, objects, named = depth+1, objects<<1, false
			deep = deep || depth > maxStack
			s.i++
		case '}', ']':
			depth, objects = depth-1, objects>>1
			s.i++
			c, name = classNone, quoted{}
		case ',':
			s.i++
		case 0, ':':
			s.fail()
		default:
			s.number(s.literal(), name)
			named = false
		}
		if depth <= 0 || s.bad {
			if depth < 0 {
				s.fail()
			}
			return
		}
	}
}

// usualMembers reads on in an object, as long as names say nothing and values are objects, strings that are quiet, or
// literals too short for a number of a person; without white space and escapes. It is what free data are as a rule, read
// in one loop and with hardly a call. It takes and returns where value is.
func (s *scan) usualMembers(last quoted, depth int, objects uint64) (quoted, int, uint64) {
	b, quotes, i, quote := s.b, s.x.Quotes, s.i, s.quote
	read := 0 // 1: the byte at i, a brace or comma, was read
	if i == int(quotes[quote]) {
		i, read = i-1, 1
	}
	keys := &s.r.keys
	for {
		at := quotes[quote : quote+4]
		from, to := int(at[0])+1, uint(at[1]) // beyond all texts where there are escapes
		if from != i+2 || to+2 >= uint(len(b)) || read == 0 && b[i] != ',' || b[to+1] != ':' {
			if read != 0 || i >= len(b) || b[i] != '}' {
				break
			}
			last, depth, objects, i = quoted{}, depth-1, objects>>1, i+1
			if objects&1 == 0 {
				break
			}
			continue
		}
		if !keys.none(b, uint(from), to) {
			break
		}
		if b[to+2] == '"' {
			start, end := int(at[2])+1, int(at[3]&^structure.Escaped)
			if s.mark < start {
				s.mark = s.x.Mark(start)
			}
			if s.digit < start {
				s.digit = s.x.Digits(start)
			}
			if s.mark < end || end+8 > len(b) || s.digit < end && !s.few(quoted{start, end, 0}) {
				break
			}
			i, read, quote = end+1, 0, quote+4
		} else if end := s.x.Delimiter(int(to) + 2); b[to+2] == '{' && depth < maxStack {
			depth, objects = depth+1, objects<<1|1
			i, read, quote = int(to)+2, 1, quote+2
		} else if n := end - int(to) - 2; n > 0 && n < phoneDigits {
			i, read, quote = end, 0, quote+2
		} else {
			break
		}
		last = quoted{from, int(to), 0}
	}
	s.i, s.quote = i+read, quote
	return last, depth, objects
}

// freeMember reads a name and, where that says enough, its value; named: the value is still to be read. Nested too deep,
// it may be a string of an array.
func (s *scan) freeMember(deep bool) (c class, name quoted, named bool) {
	q := s.text()
	if s.next() != ':' {
		if !deep {
			s.fail()
		}
		q.marks |= hot | marked
		s.judge(q, classNone)
		return classNone, quoted{}, false
	}
	s.i++
	s.next()
	switch c = s.r.keys.of(s.key(q)); c {
	case classForbidden:
		s.forbidden()
		return c, q, false
	case classKeep:
		s.skip()
		return c, q, false
	}
	return c, q, true
}

// string judges one string that was read, if there is any cause to.
func (s *scan) string(q quoted, c class) {
	quiet := false
	switch c {
	case classSQL:
		quiet = s.r.cfg.SQL && s.plainStatement(q)
	case classDSN:
		quiet = s.plainConnection(q)
	default:
		quiet = s.quiet(q)
	}
	if quiet {
		return
	}
	q.marks = s.look(q)
	s.judge(q, c)
}

// judge judges one string whose marks are known.
func (s *scan) judge(q quoted, c class) {
	if q.start == q.end || s.bad {
		return
	}
	raw := s.b[q.start:q.end]
	if q.marks&hot == 0 && (c == classNone || c == classURL && bytes.IndexByte(raw, '#') < 0 && bytes.IndexByte(raw, '%') < 0) {
		return
	}
	if q.marks&escaped == 0 {
		for _, h := range s.find(raw, c, q.marks&marked > 0) {
			s.replace(q.start+h.start, q.start+h.end, h.kind.text())
			s.count(h.kind)
		}
		return
	}
	s.names = c == classSQL && s.namesInQuotes()
	m := s.memory()
	m.text = unescape(m.text[:0], raw)
	at := rawAt{raw: raw}
	for _, h := range s.find(m.text, c, q.marks&marked > 0) {
		s.replace(q.start+at.of(h.start), q.start+at.of(h.end), h.kind.text())
		s.count(h.kind)
	}
	s.names = false
}

// number judges one number that was read.
func (s *scan) number(start int, name quoted) {
	text := s.b[start:s.i]
	if len(text) < phoneDigits || len(text) > longestNumber {
		return
	}
	h, ok := s.r.numberAt(text, 0)
	if !ok || h.end != len(text) || isMeasure(s.key(name)) {
		return
	}
	s.replace(start, s.i, h.kind.quoted())
	s.count(h.kind)
}
