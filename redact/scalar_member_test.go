package redact

import "bytes"

// document reads the whole text: a document, or an array of them.
func (s *scalar) document() {
	if bytes.HasPrefix(s.b, []byte("\xef\xbb\xbf")) {
		s.i = 3
	}
	switch s.next() {
	case '{':
		s.entity(0)
	case '[':
		s.entities(0)
	case 0:
		s.fail()
	default:
		s.value(classNone, quoted{})
	}
	if s.next(); s.i < len(s.b) {
		s.fail()
	}
}

func (s *scalar) entities(depth int) {
	for s.element() {
		if s.b[s.i] == '{' && depth < maxNesting {
			s.entity(depth)
		} else {
			s.value(classNone, quoted{})
		}
	}
}

// entity reads a segment or subsegment. Its structure is known, and not looked at.
func (s *scalar) entity(depth int) {
	for q, ok := s.member(); ok; q, ok = s.member() {
		switch string(s.key(q)) {
		case "name", "id", "trace_id", "parent_id", "start_time", "end_time", "in_progress", "type", "namespace", "origin",
			"precursor_ids", "error", "throttle", "fault", "service", "resource_arn", "inferred", "parent":
			s.skip()
		case "subsegments":
			if s.next() == '[' {
				s.entities(depth + 1)
			} else {
				s.other(q)
			}
		case "http":
			s.block(q, s.http)
		case "aws":
			s.block(q, s.aws)
		case "sql":
			s.next()
			s.sqlBlock = s.i
			s.block(q, s.sql)
			s.sqlBlock = 0
		case "cause":
			s.block(q, s.cause)
		case "links":
			s.list(q, s.link)
		default:
			s.other(q)
		}
	}
}

// other reads the value of a member that is nobody's structure.
func (s *scalar) other(q quoted) {
	s.judged(s.r.keys.of(s.key(q)), q)
}

// judged reads a value whose class is known.
func (s *scalar) judged(c class, q quoted) {
	switch c {
	case classForbidden:
		s.forbidden()
	case classKeep:
		s.skip()
	default:
		s.value(c, q)
	}
}

// block reads the members of an object by read; a value of another kind is free data.
func (s *scalar) block(q quoted, read func(key quoted, name []byte)) {
	if s.next() != '{' {
		s.other(q)
		return
	}
	for k, ok := s.member(); ok; k, ok = s.member() {
		read(k, s.key(k))
	}
}

// list reads the objects of an array likewise.
func (s *scalar) list(q quoted, read func(key quoted, name []byte)) {
	if s.next() != '[' {
		s.other(q)
		return
	}
	for s.element() {
		s.block(quoted{}, read)
	}
}

func (s *scalar) http(q quoted, name []byte) {
	switch string(name) {
	case "request":
		s.block(q, s.httpRequest)
	case "response":
		s.block(q, s.httpResponse)
	default:
		s.other(q)
	}
}

func (s *scalar) httpRequest(q quoted, name []byte) {
	switch string(name) {
	case "method", "client_ip", "x_forwarded_for", "traced":
		s.skip()
	case "url":
		s.judged(classURL, q)
	default:
		s.other(q)
	}
}

func (s *scalar) httpResponse(q quoted, name []byte) {
	switch string(name) {
	case "status", "content_length":
		s.skip()
	default:
		s.other(q)
	}
}

// aws reads the aws block: ids, ARNs and names of resources stay, and what was done to which key is free data.
func (s *scalar) aws(q quoted, name []byte) {
	switch string(name) {
	case "account_id", "region", "operation", "request_id", "id_2", "queue_url", "table_name", "table_names", "topic_arn", "bucket_name",
		"function_name", "function_arn", "resource_names", "retries", "status_code", "ec2", "ecs", "eks", "elastic_beanstalk", "xray",
		"cloudwatch_logs", "api_gateway", "trace_header", "api_id":
		s.skip()
	default:
		s.other(q)
	}
}

func (s *scalar) sql(q quoted, name []byte) {
	switch string(name) {
	case "sanitized_query":
		s.judged(classSQL, q)
	case "url", "connection_string":
		s.judged(classDSN, q)
	case "database_type", "database_version", "driver_version", "user", "preparation":
		s.skip()
	default:
		s.other(q)
	}
}

// namesInQuotes says whether double quotes hold names in the statement at hand. Only one that has escapes can have them.
func (s *scalar) namesInQuotes() bool {
	return s.sqlBlock > 0 && namesInQuotes(s.peek(s.sqlBlock, "database_type"))
}

// peek returns the string of that name in the object that begins at i; nil where there is none.
func (s *scalar) peek(i int, name string) []byte {
	ahead := scalar{r: s.r, b: s.b, i: i}
	if ahead.next() != '{' {
		return nil
	}
	for q, ok := ahead.member(); ok; q, ok = ahead.member() {
		if ahead.next() == '"' && string(s.b[q.start:q.end]) == name {
			v := ahead.name()
			return s.b[v.start:v.end]
		}
		ahead.skip()
	}
	return nil
}

func (s *scalar) cause(q quoted, name []byte) {
	switch string(name) {
	case "id", "working_directory", "paths":
		s.skip()
	case "exceptions":
		s.list(q, s.exception)
	default:
		s.other(q)
	}
}

func (s *scalar) exception(q quoted, name []byte) {
	switch string(name) {
	case "id", "type", "remote", "truncated", "skipped", "cause", "stack":
		s.skip()
	default:
		s.other(q)
	}
}

func (s *scalar) link(q quoted, name []byte) {
	switch string(name) {
	case "trace_id", "id":
		s.skip()
	default:
		s.other(q)
	}
}

// key returns the name as it was meant. Nearly always it stands in the text so.
func (s *scalar) key(q quoted) []byte {
	if q.marks&escaped == 0 {
		return s.b[q.start:q.end]
	}
	return s.escapedKey(q)
}

func (s *scalar) escapedKey(q quoted) []byte {
	m := s.memory()
	m.key = unescape(m.key[:0], s.b[q.start:q.end])
	return m.key
}

// forbidden takes the whole value out. null says nothing, and stays.
func (s *scalar) forbidden() {
	start := s.i
	s.skip()
	if v := s.b[start:s.i]; !s.bad && string(v) != "null" && string(v) != forbiddenText {
		s.replace(start, s.i, forbiddenText)
		s.c.Keys++
	}
}

// value reads free data to its end: any value, however nested, named by name and of the class c.
func (s *scalar) value(c class, name quoted) {
	depth, objects := 0, uint64(0) // bit 0: the innermost level is an object
	named := true                  // what comes next is a value, also within an object
	deep := false                  // it was once nested too deep to remember: a string before a colon is a name
	for {
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

// freeMember reads a name and, where that says enough, its value; named: the value is still to be read. Nested too deep,
// it may be a string of an array.
func (s *scalar) freeMember(deep bool) (c class, name quoted, named bool) {
	q := s.name()
	if s.next() != ':' {
		if !deep {
			s.fail()
		}
		q.marks |= hot | marked
		s.string(q, classNone)
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

// string judges one string that was read.
func (s *scalar) string(q quoted, c class) {
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
func (s *scalar) number(start int, name quoted) {
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
func (s *scalar) count(k kind) {
	switch k {
	case kindPhone:
		s.c.Phones++
	case kindAadhaar:
		s.c.Aadhaars++
	case kindEmail:
		s.c.Emails++
	case kindPAN:
		s.c.PANs++
	case kindLiteral, kindPassword, kindUser:
		s.c.SQLLiterals++
	default:
		s.c.URLQueries++
	}
}

// find returns what has to go from a text, in order and apart. The answer is valid until the next call.
// marked: there is an @ or a ? in it.
func (s *scalar) find(t []byte, c class, marked bool) []hit {
	f := finder{r: s.r, t: t, names: s.names, hits: s.memory().hits[:0]}
	switch {
	case c == classSQL && s.r.cfg.SQL:
		f.statement()
	case c == classDSN:
		if s.r.cfg.SQL {
			f.connection()
		}
	case c == classURL && s.r.cfg.URLQuery:
		f.url(0, len(t), true)
	case marked:
		f.urls()
	default:
		f.numbers(0, len(t))
	}
	s.scratch.hits = f.hits
	return f.hits
}
