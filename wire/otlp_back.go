package wire

import (
	"encoding/base64"
	"strings"

	"github.com/roentgen/roentgen"
)

// Spans returns the spans of a trace as a TracesData of OTLP, in protobuf (an
// ExportTraceServiceRequest has the same bytes). docs holds one document of
// each entity, in any order.
//
// A document that a SpanParser made gives back the span as it came: of what
// protobuf says alike (fields in another order, a field that is empty and one
// that is absent) one form, and with U+FFFD for what was not UTF-8. Any other
// document gives a span for the segment and for each subsegment, as X-Ray's
// receiver in OpenTelemetry's collector makes them.
func Spans(docs []*roentgen.Segment) ([]byte, error) {
	var g spanGroups
	kin := newKinship(docs)
	for _, s := range docs {
		t, err := readTree(s.Document)
		if err != nil {
			return nil, err
		}
		side := t.at(SideField)
		if _, of := roentgen.DecodeSegmentID(side.at("of").string()); of {
			continue // made beside the document of a span, which gives it back
		}
		if side.at("kind").kind == kindNumber {
			g.restored(&t, side)
		} else {
			g.translated(&t, s, kin)
		}
	}
	return otlpTraces.repair(g.bytes()), nil
}

// spanGroups gathers spans by resource and scope, in the order in which these
// came by first.
type spanGroups struct {
	order []*resourceGroup
	byKey map[[2]string]*resourceGroup
}

type resourceGroup struct {
	resource, schema string
	order            []*scopeGroup
	byKey            map[[2]string]*scopeGroup
}

type scopeGroup struct {
	scope, schema string
	spans         []byte // fields of a ScopeSpans
}

// group returns where spans of a resource and a scope go; these are messages.
func (g *spanGroups) group(resource, resourceSchema, scope, schema string) *scopeGroup {
	if g.byKey == nil {
		g.byKey = map[[2]string]*resourceGroup{}
	}
	r := g.byKey[[2]string{resource, resourceSchema}]
	if r == nil {
		r = &resourceGroup{resource: resource, schema: resourceSchema, byKey: map[[2]string]*scopeGroup{}}
		g.byKey[[2]string{resource, resourceSchema}] = r
		g.order = append(g.order, r)
	}
	s := r.byKey[[2]string{scope, schema}]
	if s == nil {
		s = &scopeGroup{scope: scope, schema: schema}
		r.byKey[[2]string{scope, schema}] = s
		r.order = append(r.order, s)
	}
	return s
}

func (g *spanGroups) bytes() (out []byte) {
	for _, r := range g.order {
		one := appendString(nil, 1, r.resource)
		for _, s := range r.order {
			scope := append(appendString(nil, 1, s.scope), s.spans...)
			one = appendField(one, 2, appendString(scope, 3, s.schema))
		}
		out = appendField(out, 1, appendString(one, 3, r.schema))
	}
	return out
}

// add puts a span, a message, into its group.
func (s *scopeGroup) add(span []byte) { s.spans = appendField(s.spans, 2, span) }

// restored gives back the span that a document was made of.
func (g *spanGroups) restored(doc, side *tree) {
	scope := side.at("scope")
	scopeMessage := string(decodeBase64(scope.string()))
	if scope.kind == kindObject {
		scopeMessage = string(appendString(appendString(nil, 1, scope.at("name").string()), 2, scope.at("version").string()))
	}
	b := restorer{doc: doc, side: side}
	g.group(resourceOf(side.at("resource")), side.at("resource_schema").string(), scopeMessage, side.at("schema").string()).add(b.span())
}

// resourceOf returns the Resource of which t tells.
func resourceOf(t *tree) string {
	if t.kind == kindObject {
		return string(t.appendPairs(nil, 1))
	}
	return string(soundMessage(decodeBase64(t.string())))
}

// decodeBase64 returns nothing for what is not base64.
func decodeBase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// soundMessage returns b if its fields can be read, and else nothing: the
// member otlp may have been written by anybody.
func soundMessage(b []byte) []byte {
	f := protoFields{rest: b}
	for f.next() {
		continue
	}
	if f.broken {
		return nil
	}
	return b
}

// restorer gives one span back.
type restorer struct {
	doc, side   *tree
	values      blockValues
	annotations int // taken so far
	metadata    int
	keys        int
	raw         protoFields
	exceptions  int
}

func (r *restorer) span() (out []byte) {
	doc, side := r.doc, r.side
	trace, _ := roentgen.DecodeTraceID(doc.at("trace_id").string())
	id, _ := roentgen.DecodeSegmentID(doc.at("id").string())
	out = appendField(out, 1, trace[:])
	out = appendField(out, 2, id[:])
	out = appendString(out, 3, side.at("state").string())
	out = r.appendParent(out)
	out = appendString(out, 5, r.name())
	kind, _ := side.at("kind").int()
	out = appendVarint(out, 6, kind)
	out = appendFixed64(out, 7, doc.at("start_time").seconds())
	out = appendFixed64(out, 8, r.end())
	out, unknown := r.attributes(out)
	out = appendVarint(out, 10, uint64(side.at("dropped_attributes").uint32()))
	out = r.events(out)
	out = appendVarint(out, 12, uint64(side.at("dropped_events").uint32()))
	out = r.links(out)
	out = appendVarint(out, 14, uint64(side.at("dropped_links").uint32()))
	out = r.status(out)
	out = appendFixed32(out, 16, side.at("flags").uint32())
	return append(out, unknown...)
}

// appendParent undoes what was done to the call of a local root, whose parent
// in the document is the segment that was made beside it.
func (r *restorer) appendParent(out []byte) []byte {
	text := r.doc.at("parent_id").string()
	if p := r.side.at("parent"); p.kind == kindString {
		text = p.text
	}
	if parent, ok := roentgen.DecodeSegmentID(text); ok && !parent.IsZero() {
		out = appendField(out, 4, parent[:])
	}
	return out
}

func (r *restorer) name() string {
	if name := r.side.at("name"); name.kind == kindString {
		return name.text
	}
	if sql := r.doc.at("sql"); sql.kind == kindObject {
		return sql.at("url").string()
	}
	return r.doc.at("name").string()
}

func (r *restorer) end() uint64 {
	if end, ok := r.side.at("end").int(); ok {
		return end
	}
	return r.doc.at("end_time").seconds()
}

func (r *restorer) status(out []byte) []byte {
	code, _ := r.side.at("status").int()
	message := r.side.at("message")
	text := message.string()
	if message.kind == kindNull && r.side.has("message") {
		if list := r.doc.at("cause", "exceptions").list(); len(list) > 0 {
			text = list[0].at("message").string()
		}
	}
	if code == 0 && text == "" {
		return out
	}
	return appendField(out, 15, appendVarint(appendString(nil, 2, text), 3, code))
}

// has reports whether an object has the key, be its value null.
func (t *tree) has(key string) bool {
	for _, k := range t.keys {
		if k == key {
			return t.kind == kindObject
		}
	}
	return false
}

// attributes appends them in their order; unknown are the fields of raw that
// are no attributes.
func (r *restorer) attributes(out []byte) (all, unknown []byte) {
	r.values.fill(r.doc)
	raw := decodeBase64(r.side.at("raw").string())
	r.raw = protoFields{rest: raw}
	codes := r.side.at("attributes").string()
	for i := range len(codes) {
		out = r.attribute(out, codes[i])
	}
	for r.raw.next() {
		if r.raw.tag != 9<<3|tagBytes {
			unknown = append(unknown, r.raw.whole...)
		}
	}
	return out, unknown
}

// attribute appends the one of that code; nothing where the document does not
// have it.
func (r *restorer) attribute(out []byte, code byte) []byte {
	switch code {
	case codeMetadata:
		return nextPair(out, r.doc.at("metadata", "default"), &r.metadata)
	case codeAnnotation:
		return nextPair(out, r.doc.at("annotations"), &r.annotations)
	case codeRenamed:
		keys, from := r.side.at("keys").list(), r.doc.at("annotations")
		if r.keys < len(keys) && r.annotations < len(from.keys) {
			out = appendPair(out, 9, keys[r.keys].string(), from.children[r.annotations].appendAny(nil))
		}
		r.keys++
		r.annotations++
		return out
	case codeRaw:
		if r.raw.next() && r.raw.tag == 9<<3|tagBytes {
			out = appendField(out, 9, r.raw.val)
		}
		return out
	}
	k := byCode(code)
	if k == keyNone {
		return out
	}
	if v, ok := r.values.give(k); ok {
		out = appendPair(out, 9, knownKeys[k].name, v.appendAny(nil))
	}
	return out
}

// nextPair appends the next member of an object.
func nextPair(out []byte, object *tree, n *int) []byte {
	if *n < len(object.keys) {
		out = appendPair(out, 9, object.keys[*n], object.children[*n].appendAny(nil))
	}
	*n++
	return out
}

// events appends them; those of exceptions find type and message in the cause.
func (r *restorer) events(out []byte) []byte {
	start := r.doc.at("start_time").seconds()
	for _, e := range r.side.at("events").list() {
		if e.kind == kindString {
			message := soundMessage(decodeBase64(e.text))
			if event, ok := readEvent(message, nil); ok && string(event.name) == exceptionEvent {
				r.exceptions++
			}
			out = appendField(out, 11, message)
			continue
		}
		out = appendField(out, 11, r.event(&e, start))
	}
	return out
}

func (r *restorer) event(e *tree, start uint64) (out []byte) {
	at, _ := e.at("at").int()
	name := e.at("name").string()
	out = appendFixed64(out, 1, start+at)
	out = appendString(out, 2, name)
	told := none()
	if name == exceptionEvent {
		if list := r.doc.at("cause", "exceptions").list(); r.exceptions < len(list) {
			told = &list[r.exceptions]
		}
		r.exceptions++
	}
	attributes := e.at("attributes")
	for i, key := range attributes.keys {
		value := attributes.children[i]
		if value.kind == kindNull {
			value = tree{kind: kindString, text: told.at(strings.TrimPrefix(key, "exception.")).string()}
		}
		out = appendPair(out, 3, key, value.appendAny(nil))
	}
	return appendVarint(out, 4, uint64(e.at("dropped").uint32()))
}

// links appends them: those of the document, with what otlp says of them.
func (r *restorer) links(out []byte) []byte {
	written := r.doc.at("links").list()
	if !r.side.has("links") {
		for i := range written {
			out = appendField(out, 13, linkOf(&written[i], none()))
		}
		return out
	}
	next := 0
	for _, l := range r.side.at("links").list() {
		if l.kind == kindString {
			message := soundMessage(decodeBase64(l.text))
			if link, ok := readLink(message); ok && link.valid() {
				next++
			}
			out = appendField(out, 13, message)
			continue
		}
		if next < len(written) {
			out = appendField(out, 13, linkOf(&written[next], &l))
		}
		next++
	}
	return out
}

func linkOf(l, more *tree) (out []byte) {
	trace, _ := roentgen.DecodeTraceID(l.at("trace_id").string())
	id, _ := roentgen.DecodeSegmentID(l.at("id").string())
	out = appendField(out, 1, trace[:])
	out = appendField(out, 2, id[:])
	out = appendString(out, 3, more.at("state").string())
	out = l.at("attributes").appendPairs(out, 4)
	out = appendVarint(out, 5, uint64(more.at("dropped").uint32()))
	return appendFixed32(out, 6, more.at("flags").uint32())
}

// fill takes from the blocks of a document what take wrote there.
func (v *blockValues) fill(doc *tree) {
	text := func(path ...string) []byte { return []byte(doc.at(path...).string()) }
	*v = blockValues{
		http: doc.at("http").kind == kindObject, sql: doc.at("sql").kind == kindObject, aws: doc.at("aws").kind == kindObject,
		method: text("http", "request", "method"), url: text("http", "request", "url"),
		agent: text("http", "request", "user_agent"), clientIP: text("http", "request", "client_ip"),
		connection: text("sql", "connection_string"), database: text("sql", "database_type"),
		dbUser: text("sql", "user"), query: text("sql", "sanitized_query"),
		operation: text("aws", "operation"), account: text("aws", "account_id"), region: text("aws", "region"),
		request: text("aws", "request_id"), queue: text("aws", "queue_url"), table: text("aws", "table_name"),
		bucket: text("aws", "bucket_name"), topic: text("aws", "topic_arn"), user: text("user"),
	}
	v.parts = splitURL(v.url)
	v.splitConnection()
	status, _ := doc.at("http", "response", "status").int()
	v.status = int64(status)
	length, ok := doc.at("http", "response", "content_length").int()
	v.length, v.hasLength = int64(length), ok
	tables := doc.at("aws", "table_names").list()
	if len(tables) == 0 && len(v.table) > 0 {
		tables = []tree{{kind: kindString, text: string(v.table)}}
	}
	for i := range tables {
		v.tables = appendField(v.tables, 1, tables[i].appendAny(nil))
	}
}
