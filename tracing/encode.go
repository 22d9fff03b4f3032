package tracing

import (
	"cmp"
	"runtime"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// encoder writes X-Ray segment documents. It belongs to the sender, and so do
// the trees it is given: nothing else changes or reads them any more.
type encoder struct {
	tr      *Tracing
	buf     []byte // one document
	limit   int    // bytes of a document of the tree at hand
	service []byte // the service object, the same in every segment
	facts   facts  // of the span at hand
	times   timeText
	how     decided
	data    []entry
	sorted  []*span
	tooDeep bool
}

// maxDepth bounds the nesting of subsegments in one document, because readers'
// JSON parsers have bounds of their own. Roentgen's refuses a document with more
// than 128 objects and arrays in one another; each level is two, and what the
// deepest has to say (a metadata value, a stack) needs room too.
const maxDepth = 40

func newEncoder(tr *Tracing) *encoder {
	e := &encoder{tr: tr, buf: make([]byte, 0, 8<<10)}
	var o object
	o.open(nil)
	o.str("version", tr.set.version, maxShort)
	o.str("runtime", runtime.Compiler, maxShort) // as the official SDK: "gc"
	o.str("runtime_version", runtime.Version(), maxShort)
	o.str("compiler", runtime.Compiler, maxShort)
	o.str("compiler_version", runtime.Version(), maxShort)
	e.service = o.close()
	return e
}

// documents encodes s and what hangs under it into documents of at most limit
// bytes, and calls emit for each, which is valid until emit returns. Usually
// there is one.
func (e *encoder) documents(s *span, limit int, emit func(doc []byte)) {
	e.tooDeep, e.limit = false, limit
	e.buf = e.appendTree(e.buf[:0], s, true, 0)
	if len(e.buf) > e.limit || e.tooDeep {
		e.tr.count.split.Add(1)
		e.split(s, emit)
		return
	}
	emit(e.buf)
}

// appendTree appends s with its subsegments nested.
func (e *encoder) appendTree(b []byte, s *span, standalone bool, depth int) []byte {
	b = e.appendOwn(b, s, standalone, shedNothing)
	if depth >= maxDepth {
		e.tooDeep = true
		return append(b, '}')
	}
	if s.first != nil {
		e.sortChildren(s)
		b = append(b, `,"subsegments":[`...)
		for c := s.first; c != nil; c = c.next {
			if c != s.first {
				b = append(b, ',')
			}
			b = e.appendTree(b, c, false, depth+1)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// sortChildren puts the subsegments under s, which hang there in the order in
// which they ended, into the order in which they started.
func (e *encoder) sortChildren(s *span) {
	inOrder := true
	for c := s.first; c.next != nil; c = c.next {
		inOrder = inOrder && c.start <= c.next.start
	}
	if inOrder {
		return
	}
	cs := e.sorted[:0]
	for c := s.first; c != nil; c = c.next {
		cs = append(cs, c)
	}
	slices.SortStableFunc(cs, func(a, b *span) int { return cmp.Compare(a.start, b.start) })
	for i, c := range cs[1:] {
		cs[i].next = c
	}
	s.first, s.last = cs[0], cs[len(cs)-1]
	s.last.next = nil
	clear(cs)
	e.sorted = cs
}

// shed says what is left out of a (sub)segment too large for any document.
type shed uint8

const (
	shedNothing shed = iota
	shedMetadata
	shedStacks
	shedDetails
)

// appendOwn appends s without its subsegments and without the closing brace.
func (e *encoder) appendOwn(b []byte, s *span, standalone bool, less shed) []byte {
	var o object
	o.open(b)
	f := e.read(s)
	if standalone {
		e.appendPlace(&o, s)
	}
	o.member("id")
	o.b = append(appendSpanID(append(o.b, '"'), s.id), '"')
	e.appendName(&o, f.name)
	o.member("start_time")
	o.b = e.times.append(o.b, s.seg.began, s.start)
	o.member("end_time")
	o.b = e.times.append(o.b, s.seg.began, s.finish)
	appendFlags(&o, f.flags)
	if s.parent == nil {
		e.appendSegment(&o, s, f)
	} else {
		o.str("namespace", f.namespace, maxShort)
	}
	if less < shedDetails {
		e.appendDetails(&o, s, f, less)
	}
	if less > shedNothing {
		o.member("metadata")
		o.b = append(o.b, `{"roentgen":{"shed":"`+shedNotes[less]+`"}}`...)
	}
	return o.b
}

var shedNotes = [...]string{
	shedMetadata: "metadata left out: the document would exceed its size limit",
	shedStacks:   "metadata and stacks left out: the document would exceed its size limit",
	shedDetails:  "all details left out: the document would exceed its size limit",
}

// appendPlace says where a document of its own belongs.
func (e *encoder) appendPlace(o *object, s *span) {
	o.member("trace_id")
	o.b = append(appendTraceID(append(o.b, '"'), s.seg.traceID), '"')
	parent := s.seg.upstream
	if s.parent != nil {
		o.member("type")
		o.b = append(o.b, `"subsegment"`...)
		parent = s.parent.id
	}
	if parent.IsValid() {
		o.member("parent_id")
		o.b = append(appendSpanID(append(o.b, '"'), parent), '"')
	}
}

func (e *encoder) appendName(o *object, name string) {
	clean, changed := cleanName(name)
	if changed {
		e.tr.count.namesCleaned.Add(1)
	}
	o.member("name")
	o.b = appendString(o.b, clean, maxName)
}

// decided is how the last segment was decided, and the text of that, which
// most segments share.
type decided struct {
	rule        string
	probability float64
	text        []byte // members of the xray block, each with a comma before it
}

func (d *decided) append(b []byte, why decision) []byte {
	if why.rule != d.rule || why.probability != d.probability {
		x := object{b: d.text[:0]}
		x.str("sampling_rule_name", why.rule, maxShort)
		if why.probability > 0 {
			x.member("sampling_probability")
			x.b = appendFloat(x.b, min(why.probability, 1))
		}
		d.rule, d.probability, d.text = why.rule, why.probability, x.b
	}
	return append(b, d.text...)
}

func appendFlags(o *object, f flags) {
	o.yes("error", f&flagError != 0)
	o.yes("throttle", f&flagThrottle != 0)
	o.yes("fault", f&flagFault != 0)
}

// appendSegment appends what only segments have.
func (e *encoder) appendSegment(o *object, s *span, f *facts) {
	o.str("origin", e.tr.set.origin, maxShort)
	o.str("user", f.user, maxShort)
	o.member("service")
	o.b = append(o.b, e.service...)
}

// appendDetails appends the blocks that a (sub)segment may have.
func (e *encoder) appendDetails(o *object, s *span, f *facts, less shed) {
	if f.http.any() {
		o.member("http")
		o.b = appendHTTP(o.b, f.http, s.parent == nil)
	}
	e.appendAWS(o, s, f)
	if f.sql.any() {
		o.member("sql")
		o.b = appendSQL(o.b, f.sql)
	}
	e.appendCause(o, s, less)
	e.appendAnnotations(o, s, f)
	e.appendLinks(o, s)
	if less < shedMetadata {
		e.appendMetadata(o, s, f)
	}
}

func (i *httpInfo) any() bool {
	return i != nil && (i.method != "" || i.url != "" || i.status != 0)
}

func (i *sqlInfo) any() bool {
	return i != nil && (i.query != "" || i.url != "" || i.connection != "" || i.dbType != "")
}

func appendHTTP(b []byte, i *httpInfo, segment bool) []byte {
	var o, r object
	o.open(b)
	o.member("request")
	r.open(o.b)
	r.str("method", i.method, maxShort)
	r.str("url", i.url, maxText)
	r.str("user_agent", i.userAgent, maxNote)
	r.str("client_ip", i.clientIP, maxShort)
	r.yes("x_forwarded_for", segment && i.forwarded)
	r.yes("traced", !segment && i.traced)
	o.b = r.close()
	if i.status != 0 {
		o.member("response")
		r.open(o.b)
		r.num("status", int64(i.status))
		if i.hasLength {
			r.num("content_length", i.length)
		}
		o.b = r.close()
	}
	return o.close()
}

func appendSQL(b []byte, i *sqlInfo) []byte {
	var o object
	o.open(b)
	o.str("url", i.url, maxText)
	o.str("connection_string", i.connection, maxText)
	o.str("database_type", i.dbType, maxShort)
	o.str("user", i.user, maxShort)
	o.str("preparation", i.preparation, maxShort)
	o.str("sanitized_query", i.query, maxQuery)
	return o.close()
}

// appendAWS appends the platform and SDK for segments, the call for
// subsegments.
func (e *encoder) appendAWS(o *object, s *span, f *facts) {
	if s.parent != nil && len(f.aws) == 0 {
		return
	}
	var a object
	o.member("aws")
	a.open(o.b)
	for _, p := range f.aws {
		a.member(p.key)
		a.b = appendValue(a.b, p.value)
	}
	if s.parent == nil {
		e.appendPlatform(&a, s.seg)
	}
	o.b = a.close()
}

func (e *encoder) appendPlatform(a *object, g *segment) {
	var x object
	if host := e.tr.set.ecsContainer; host != "" {
		a.member("ecs")
		x.open(a.b)
		x.str("container", host, maxShort)
		a.b = x.close()
	}
	a.member("xray")
	x.open(a.b)
	x.str("sdk", sdkName, maxShort)
	x.str("sdk_version", sdkVersion, maxShort)
	x.b = e.how.append(x.b, g.why)
	x.str("alb_self", g.self, maxShort) // ours: lets the load balancer be drawn
	a.b = x.close()
}

// appendCause appends the exceptions, or the id of one recorded deeper down.
func (e *encoder) appendCause(o *object, s *span, less shed) {
	d := s.d
	if d == nil {
		return
	}
	if len(d.exceptions) == 0 && s.status == codes.Error && d.more != nil && d.more.statusText != "" {
		x := exception{id: s.id, message: d.more.statusText, remote: s.isRemote()}
		d.exceptions = append(d.exceptions, x)
	}
	switch {
	case len(d.exceptions) > 0:
		o.member("cause")
		o.b = append(o.b, `{"exceptions":[`...)
		for i := range d.exceptions {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			o.b = e.appendException(o.b, &d.exceptions[i], less)
		}
		o.b = append(o.b, `]}`...)
	case d.cause.IsValid():
		o.member("cause")
		o.b = append(appendSpanID(append(o.b, '"'), d.cause), '"')
	}
}

func (e *encoder) appendException(b []byte, x *exception, less shed) []byte {
	var o object
	o.open(b)
	o.member("id")
	o.b = append(appendSpanID(append(o.b, '"'), x.id), '"')
	o.str("type", x.kind, maxShort)
	o.str("message", x.message, maxText)
	o.yes("remote", x.remote)
	if less < shedStacks {
		fs, dropped := x.frames(e.tr.set.limits.StackFrames)
		if dropped > 0 {
			o.num("truncated", int64(dropped))
		}
		if len(fs) > 0 {
			o.member("stack")
			o.b = appendFrames(o.b, fs)
		}
	}
	return o.close()
}

func appendFrames(b []byte, fs []frame) []byte {
	b = append(b, '[')
	for i, f := range fs {
		if i > 0 {
			b = append(b, ',')
		}
		var o object
		o.open(b)
		o.str("path", f.path, maxShort)
		o.num("line", f.line)
		o.str("label", f.label, maxShort)
		b = o.close()
	}
	return append(b, ']')
}

func (e *encoder) appendAnnotations(o *object, s *span, f *facts) {
	if s.d == nil || len(s.d.notes)+len(f.notes) == 0 {
		return
	}
	var a object
	o.member("annotations")
	a.open(o.b)
	for _, n := range s.d.notes {
		a.member(n.key)
		a.b = appendNote(a.b, n)
	}
	for _, n := range f.notes {
		if !slices.ContainsFunc(s.d.notes, func(m note) bool { return m.key == n.key }) {
			a.member(n.key)
			a.b = appendNote(a.b, n)
		}
	}
	o.b = a.close()
}

func (e *encoder) appendLinks(o *object, s *span) {
	if s.d == nil || s.d.more == nil || len(s.d.more.links) == 0 {
		return
	}
	o.member("links")
	o.b = append(o.b, '[')
	for i, l := range s.d.more.links {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = appendLink(o.b, l)
	}
	o.b = append(o.b, ']')
}

func appendLink(b []byte, l trace.Link) []byte {
	var o object
	o.open(b)
	o.member("trace_id")
	o.b = append(appendTraceID(append(o.b, '"'), l.SpanContext.TraceID()), '"')
	o.member("id")
	o.b = append(appendSpanID(append(o.b, '"'), l.SpanContext.SpanID()), '"')
	if len(l.Attributes) > 0 {
		o.member("attributes")
		o.b = appendAttributes(o.b, l.Attributes)
	}
	return o.close()
}

func appendAttributes(b []byte, attrs []attribute.KeyValue) []byte {
	var o object
	o.open(b)
	for _, a := range attrs {
		o.memberQuoted(string(a.Key), maxShort)
		o.b = appendValue(o.b, a.Value)
	}
	return o.close()
}
