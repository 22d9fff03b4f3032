package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// documentPlan says which document of a span is to be written.
type documentPlan struct {
	id, parent roentgen.SegmentID
	kind       roentgen.Kind
	namespace  roentgen.Namespace
	name       []byte
	call       bool // with what was called: http, sql, and of aws what is not the platform
	links      bool
	moved      bool // below another parent than the span's
	beside     bool // made beside the span's own document: it does not give the span back
}

// plain is the plan for the one document of a span.
func (p *SpanParser) plain() documentPlan {
	s := &p.span
	plan := documentPlan{
		id: roentgen.SegmentID(s.id), namespace: s.namespaceOf(), name: p.nameOf(s), call: true, links: true,
	}
	if s.hasParent() {
		plan.parent = roentgen.SegmentID(s.parent)
	}
	if s.kind != kindServer && !plan.parent.IsZero() {
		plan.kind = roentgen.KindSubsegment
	}
	return plan
}

// dependency is the plan for the call of a local root, which stands below the
// segment of the service.
func (p *SpanParser) dependency() documentPlan {
	s := &p.span
	plan := p.plain()
	plan.kind, plan.parent, plan.moved = roentgen.KindSubsegment, s.serviceID(), true
	if plan.namespace == roentgen.NamespaceNone {
		plan.namespace = roentgen.NamespaceRemote
	}
	plan.links = s.kind != kindConsumer
	return plan
}

// localService is the plan for the segment of a local root that calls.
func (p *SpanParser) localService() documentPlan {
	s := &p.span
	plan := p.plain()
	plan.kind, plan.id, plan.namespace = roentgen.KindSegment, s.serviceID(), roentgen.NamespaceNone
	plan.name = p.names.firstName(s.text(keyAWSLocalService), p.resource.service, s.name)
	plan.call, plan.beside, plan.links = false, true, s.kind == kindConsumer
	return plan
}

// serviceID is the id of the segment that is made beside a local root. It
// follows from the span's, so that a span that is sent again makes the same
// documents.
func (s *spanWork) serviceID() (id roentgen.SegmentID) {
	copy(id[:], derivedID(s.id, -1))
	return id
}

// derivedID makes eight bytes, never zero, from an id and a number.
func derivedID(id []byte, n int) []byte {
	var seed [16]byte
	copy(seed[:8], id)
	binary.BigEndian.PutUint64(seed[8:], uint64(n))
	return binary.BigEndian.AppendUint64(nil, max(1, xxhash.Sum64(seed[:])))
}

// documentWriter is the document that is being written, and memory for it.
type documentWriter struct {
	b       []byte
	fixups  []fixup
	values  valueWriter
	indexed []indexedAttribute
	codes   []byte
	keys    [][]byte // of renamed annotations
	raw     []byte   // fields of the Span that nothing else says
	seen    [2]keySet
	later   []attribute // members of metadata.default that do not give an attribute back
	spaces  []attribute // attributes that are namespaces of metadata
}

// fixup is a string of the segment that shares memory with the document.
type fixup struct {
	to        *string
	from, end int
}

func (d *documentWriter) begin() {
	d.b, d.fixups, d.indexed, d.codes, d.keys = d.b[:0], d.fixups[:0], d.indexed[:0], d.codes[:0], d.keys[:0]
	d.raw, d.later, d.spaces = d.raw[:0], d.later[:0], d.spaces[:0]
	d.seen[0].reset()
	d.seen[1].reset()
}

func (d *documentWriter) put(s string) { d.b = append(d.b, s...) }

// text appends a string that to will hold. Without to it is only appended.
func (d *documentWriter) text(to *string, s []byte) {
	from := len(d.b)
	var escaped bool
	d.b, escaped, _ = appendText(d.b, s)
	switch {
	case to == nil:
	case escaped:
		*to = string(unescape(nil, d.b[from+1:len(d.b)-1]))
	default:
		d.fixups = append(d.fixups, fixup{to, from + 1, len(d.b) - 1})
	}
}

// member appends key, which comes with its comma and colon, and a string that
// is not empty.
func (d *documentWriter) member(key string, to *string, s []byte) {
	if len(s) > 0 {
		d.put(key)
		d.text(to, s)
	}
}

// finish gives the segment its document.
func (d *documentWriter) finish(s *roentgen.Segment) {
	s.Document = append(make([]byte, 0, len(d.b)), d.b...)
	for _, f := range d.fixups {
		*f.to = share(s.Document[f.from:f.end])
	}
	s.Hash = xxhash.Sum64(s.Document)
}

// document writes one document of the span.
func (p *SpanParser) document(plan documentPlan) (*roentgen.Segment, *roentgen.Rejection) {
	d, s := &p.build, new(roentgen.Segment)
	d.begin()
	p.head(s, &plan)
	p.flags(s)
	if plan.call {
		p.http(s, &plan)
	}
	p.aws(s, &plan)
	if plan.call {
		p.sql(s)
	}
	p.cause(s)
	if plan.links {
		p.links(s)
	}
	p.classify(&plan)
	p.annotations(s)
	p.metadata(s, &plan)
	p.side(&plan)
	d.put("}")
	if len(d.b) > p.lim.MaxDocumentBytes {
		return nil, p.span.reject(roentgen.InvalidSegment, fmt.Sprintf(
			"the span makes a document of %d bytes, %d are allowed; shorten attributes and stack traces", len(d.b), p.lim.MaxDocumentBytes))
	}
	d.finish(s)
	return s, nil
}

// head writes what the document is, and when it was.
func (p *SpanParser) head(s *roentgen.Segment, plan *documentPlan) {
	d, span := &p.build, &p.span
	s.Trace, s.ID, s.Parent, s.Kind = roentgen.TraceID(span.traceID), plan.id, plan.parent, plan.kind
	d.put(`{"trace_id":"1-`)
	d.b = hex.AppendEncode(d.b, s.Trace[:4])
	d.put("-")
	d.b = hex.AppendEncode(d.b, s.Trace[4:])
	d.put(`","id":"`)
	d.b = hex.AppendEncode(d.b, s.ID[:])
	d.put(`"`)
	if !s.Parent.IsZero() {
		d.put(`,"parent_id":"`)
		d.b = hex.AppendEncode(d.b, s.Parent[:])
		d.put(`"`)
	}
	if s.Kind == roentgen.KindSubsegment {
		d.put(`,"type":"subsegment"`)
	}
	d.member(`,"name":`, &s.Name, plan.name)
	p.times(s)
	switch plan.namespace {
	case roentgen.NamespaceAWS:
		d.put(`,"namespace":"aws"`)
	case roentgen.NamespaceRemote:
		d.put(`,"namespace":"remote"`)
	}
	d.b = append(d.b, p.resource.head...)
	if s.Kind == roentgen.KindSegment {
		s.Origin = p.resource.origin
		d.member(`,"user":`, &s.User, p.values.user)
		return
	}
	s.Namespace = plan.namespace
	d.member(`,"user":`, nil, p.values.user)
}

func (p *SpanParser) times(s *roentgen.Segment) {
	d, span := &p.build, &p.span
	s.Start = roentgen.Time(span.start)
	d.put(`,"start_time":`)
	d.b = AppendSeconds(d.b, s.Start)
	if s.InProgress = span.open(); s.InProgress {
		d.put(`,"in_progress":true`)
		return
	}
	s.End = roentgen.Time(span.end)
	d.put(`,"end_time":`)
	d.b = AppendSeconds(d.b, s.End)
}

// open reports whether the span has not ended.
func (s *spanWork) open() bool {
	a := s.get(keyXRayInProgress)
	return s.end == 0 || a != nil && a.value.kind == anyBool && a.value.number != 0
}

// flags follow from the response's status, and else from the span's.
func (p *SpanParser) flags(s *roentgen.Segment) {
	status, known := p.span.int(keyHTTPResponseStatusCode, keyHTTPStatusCode)
	switch {
	case known && status >= 400 && status < 500:
		s.Error, s.Throttle = true, status == 429
	case known && status >= 500 && status < 600, p.span.status == statusError:
		s.Fault = true
	}
	d := &p.build
	if s.Error {
		d.put(`,"error":true`)
	}
	if s.Throttle {
		d.put(`,"throttle":true`)
	}
	if s.Fault {
		d.put(`,"fault":true`)
	}
}

func (p *SpanParser) http(s *roentgen.Segment, plan *documentPlan) {
	d, v := &p.build, &p.values
	if !v.http {
		return
	}
	h := new(roentgen.HTTP)
	s.HTTP = h
	d.put(`,"http":{"request":{`)
	from := len(d.b)
	d.member(`,"method":`, &h.Method, v.method)
	d.member(`,"url":`, &h.URL, v.url)
	d.member(`,"user_agent":`, &h.UserAgent, v.agent)
	d.member(`,"client_ip":`, &h.ClientIP, v.clientIP)
	if v.forwarded && plan.kind == roentgen.KindSegment {
		h.XForwardedFor = true
		d.put(`,"x_forwarded_for":true`)
	}
	d.dropComma(from)
	d.put(`},"response":{`)
	from = len(d.b)
	if v.status != 0 {
		h.Status = int(v.status)
		d.put(`,"status":`)
		d.b = strconv.AppendInt(d.b, v.status, 10)
	}
	if v.hasLength {
		h.ContentLength = v.length
		d.put(`,"content_length":`)
		d.b = strconv.AppendInt(d.b, v.length, 10)
	}
	d.dropComma(from)
	d.put(`}}`)
}

// dropComma takes out the comma before the first member of an object that
// begins at from.
func (d *documentWriter) dropComma(from int) {
	if len(d.b) == from {
		return
	}
	d.b = append(d.b[:from], d.b[from+1:]...)
	for i := len(d.fixups) - 1; i >= 0 && d.fixups[i].from > from; i-- {
		d.fixups[i].from--
		d.fixups[i].end--
	}
}

// aws writes what was called, and on what the code runs.
func (p *SpanParser) aws(s *roentgen.Segment, plan *documentPlan) {
	d, r := &p.build, &p.resource
	if r.elsewhere {
		return
	}
	d.put(`,"aws":{`)
	s.AWS = r.aws
	if plan.call && p.values.calls() {
		a := new(roentgen.AWS)
		*a, s.AWS = *r.aws, a
		p.awsCall(a)
	} else {
		d.b = append(d.b, r.account...)
	}
	d.b = append(d.b, r.blocks...)
	d.put("}")
}

// calls reports whether the block aws says something of a call.
func (v *blockValues) calls() bool {
	return len(v.operation)+len(v.account)+len(v.region)+len(v.request)+len(v.queue)+len(v.table)+len(v.bucket)+len(v.topic) > 0 || v.manyTables
}

// awsCall writes the members of a call, with a comma behind each.
func (p *SpanParser) awsCall(a *roentgen.AWS) {
	d, v := &p.build, &p.values
	d.behind(`"operation":`, &a.Operation, v.operation)
	if len(v.account) > 0 {
		d.behind(`"account_id":`, &a.AccountID, v.account)
	} else {
		d.b = append(d.b, p.resource.account...)
	}
	d.behind(`"region":`, &a.Region, v.region)
	d.behind(`"request_id":`, &a.RequestID, v.request)
	d.behind(`"queue_url":`, &a.QueueURL, v.queue)
	d.behind(`"table_name":`, &a.TableName, v.table)
	d.behind(`"bucket_name":`, &a.BucketName, v.bucket)
	d.behind(`"topic_arn":`, &a.TopicARN, v.topic)
	if v.manyTables {
		d.put(`"table_names":`)
		d.b = d.values.array(d.b, v.tables, 0)
		d.put(",")
	}
}

func (d *documentWriter) behind(key string, to *string, s []byte) {
	if len(s) > 0 {
		d.put(key)
		d.text(to, s)
		d.put(",")
	}
}

// sql takes the span's name as URL, as X-Ray's exporter does.
func (p *SpanParser) sql(s *roentgen.Segment) {
	d, v := &p.build, &p.values
	if !v.sql {
		return
	}
	q := new(roentgen.SQL)
	s.SQL = q
	d.put(`,"sql":{`)
	from := len(d.b)
	d.member(`,"url":`, &q.URL, p.span.name)
	d.member(`,"connection_string":`, &q.ConnectionString, v.connection)
	d.member(`,"database_type":`, &q.DatabaseType, v.database)
	d.member(`,"user":`, &q.User, v.dbUser)
	d.member(`,"sanitized_query":`, &q.SanitizedQuery, v.query)
	d.dropComma(from)
	d.put("}")
}

// indexedAttribute is an attribute that becomes an annotation.
type indexedAttribute struct {
	attribute int
	key       []byte
	value     roentgen.AnnotationValue
}

// annotations writes those that classify chose, and the resource's.
func (p *SpanParser) annotations(s *roentgen.Segment) {
	d := &p.build
	resource := p.resourceIndex(s.Kind)
	n := len(d.indexed) + len(resource)
	if n == 0 {
		return
	}
	s.Annotations = make([]roentgen.Annotation, n)
	d.put(`,"annotations":{`)
	for i, x := range d.indexed {
		if i > 0 {
			d.put(",")
		}
		a := &s.Annotations[i]
		d.text(&a.Key, x.key)
		d.put(":")
		a.Value = x.value
		v := &p.span.attributes[x.attribute].value
		if v.kind == anyString {
			d.text(&a.Value.String, v.text)
		} else {
			d.b = d.values.value(d.b, v, 3)
		}
	}
	if len(resource) > 0 {
		if len(d.indexed) > 0 {
			d.put(",")
		}
		d.b = append(d.b, p.resource.index...)
		copy(s.Annotations[len(d.indexed):], resource)
	}
	d.put("}")
}

// resourceIndex returns the annotations of the resource, which segments have.
func (p *SpanParser) resourceIndex(kind roentgen.Kind) []roentgen.Annotation {
	if kind == roentgen.KindSubsegment {
		return nil
	}
	return p.resource.indexed
}

var metadataPrefix = []byte("aws.xray.metadata.")

// metadata writes the attributes that are no annotations, and the resource's.
func (p *SpanParser) metadata(s *roentgen.Segment, plan *documentPlan) {
	d := &p.build
	start := len(d.b)
	d.put(`,"metadata":{"default":{`)
	from := len(d.b)
	if !plan.beside {
		p.exactMetadata()
		for i := range d.later {
			d.put(",")
			d.b = d.values.member(d.b, &d.later[i], 3)
		}
	}
	if s.Kind == roentgen.KindSegment && len(p.resource.metadata) > 0 {
		d.put(",")
		d.b = append(d.b, p.resource.metadata...)
	}
	var others []byte
	if !plan.beside {
		others = d.namespaces()
	}
	d.dropComma(from)
	if len(d.b) == from {
		if len(others) == 0 {
			d.b = d.b[:start]
			return
		}
		d.b = append(append(d.b[:start], `,"metadata":{`...), others[1:]...)
		d.put("}")
		return
	}
	d.put("}")
	d.b = append(d.b, others...)
	d.put("}")
}

// exactMetadata writes the attributes that metadata gives back; what turns out
// not to be exact waits for the end.
func (p *SpanParser) exactMetadata() {
	d := &p.build
	for i := range p.span.attributes {
		a := &p.span.attributes[i]
		if a.code != codeMetadata {
			continue
		}
		from := len(d.b)
		d.put(",")
		d.values.inexact = false
		d.b = d.values.member(d.b, a, 3)
		if d.values.inexact {
			d.b = d.b[:from]
			a.code = codeRaw
			d.later = append(d.later, *a)
		}
	}
}

// namespaces writes what attributes say of namespaces of metadata: members
// of default at once, and returns the others, each with a comma before it.
func (d *documentWriter) namespaces() (others []byte) {
	var seen keySet
	seen.add([]byte("default"))
	for i := range d.spaces {
		a := &d.spaces[i]
		name := bytes.TrimPrefix(a.key, metadataPrefix)
		text, _ := canonicalObject(a.value.text, d.values.maxDepth)
		if string(name) == "default" {
			d.mergeDefault(text)
			continue
		}
		if seen.add(name) {
			others, _, _ = appendText(append(others, ','), name)
			others = append(append(others, ':'), text...)
		}
	}
	return others
}

// mergeDefault adds the members of an object whose keys are not there yet.
func (d *documentWriter) mergeDefault(object []byte) {
	var sc scanner
	if sc.load(object) != nil {
		return
	}
	o := sc.openObject()
	for sc.member(&o) {
		from := sc.w
		sc.skip()
		if d.seen[1].add(o.key) && !bytes.HasPrefix(o.key, []byte(resourcePrefix)) {
			d.put(",")
			d.b, _, _ = appendText(d.b, o.key)
			d.put(":")
			d.b = append(d.b, sc.buf[from:sc.w]...)
		}
	}
}

// canonicalObject returns the canonical text of a JSON object; false where
// text is none.
func canonicalObject(text []byte, maxDepth int) ([]byte, bool) {
	var sc scanner
	sc.scan(appendPrepared(nil, text), maxDepth)
	if sc.buf[sc.r] != '{' {
		return nil, false
	}
	sc.skip()
	if !sc.done() {
		return nil, false
	}
	if out := sc.buf[:sc.w]; !sc.duplicate {
		return out, true
	}
	return dropDuplicates(sc.buf[:sc.w], maxDepth), true
}
