package wire

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// glances is the memory of what entities point to. Where a piece is outgrown,
// what was handed out stays in the old one until the next document.
type glances struct {
	https       []roentgen.HTTP
	awss        []roentgen.AWS
	sqls        []roentgen.SQL
	causes      []roentgen.Cause
	exceptions  []roentgen.Exception
	annotations []roentgen.Annotation
	links       []roentgen.Link
	names       []string // of resources
}

func (m *glances) reset() {
	clear(m.https)
	clear(m.awss)
	clear(m.sqls)
	clear(m.causes)
	m.https, m.awss, m.sqls, m.causes = m.https[:0], m.awss[:0], m.sqls[:0], m.causes[:0]
	m.exceptions, m.annotations, m.links, m.names = m.exceptions[:0], m.annotations[:0], m.links[:0], m.names[:0]
}

// since returns what was added to list from its length from on; nil if nothing
// was.
func since[T any](list []T, from int) []T {
	if len(list) == from {
		return nil
	}
	return list[from:len(list):len(list)]
}

// http reads the http block; nil when it is no object.
func (g *Glancer) http() *roentgen.HTTP {
	if !g.is('{') {
		return nil
	}
	h := next(&g.blocks.https)
	var had glancedBlock
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "request":
			g.once(&had, blockRequest)
			g.httpRequest(h)
		case "response":
			g.once(&had, blockResponse)
			g.httpResponse(h)
		default:
			g.skip()
		}
	}
	return h
}

func (g *Glancer) httpRequest(h *roentgen.HTTP) {
	if !g.is('{') {
		return
	}
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "method":
			h.Method = g.text()
		case "url":
			h.URL = g.text()
		case "user_agent":
			h.UserAgent = g.text()
		case "client_ip":
			h.ClientIP = g.text()
		case "x_forwarded_for":
			h.XForwardedFor = g.flag()
		case "traced":
			h.Traced = g.flag()
		default:
			g.skip()
		}
	}
}

func (g *Glancer) httpResponse(h *roentgen.HTTP) {
	if !g.is('{') {
		return
	}
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "status":
			h.Status = 0
			if v := g.int(); v > 0 && v <= maxStatus {
				h.Status = int(v)
			}
		case "content_length":
			h.ContentLength = g.int()
		default:
			g.skip()
		}
	}
}

// aws reads the aws block; nil when it is no object.
func (g *Glancer) aws() *roentgen.AWS {
	if !g.is('{') {
		return nil
	}
	a := next(&g.blocks.awss)
	var had glancedBlock
	zone := "" // of the container; the instance's own wins
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "account_id":
			a.AccountID = g.text()
		case "region":
			a.Region = g.text()
		case "operation":
			a.Operation = g.text()
		case "request_id":
			a.RequestID = g.text()
		case "queue_url":
			a.QueueURL = g.text()
		case "table_name":
			a.TableName = g.text()
		case "topic_arn":
			a.TopicARN = g.text()
		case "bucket_name":
			a.BucketName = g.text()
		case "function_name":
			a.FunctionName = g.text()
		case "function_arn":
			a.FunctionARN = g.text()
		case "resource_names":
			a.ResourceNames = g.texts()
		case "ec2":
			g.once(&had, blockHost)
			g.host("instance_id", &a.InstanceID, &a.AvailabilityZone)
		case "ecs":
			g.once(&had, blockContainer)
			g.host("container_arn", &a.ContainerARN, &zone)
		case "xray":
			g.once(&had, blockXRay)
			g.xray(a)
		default:
			g.skip()
		}
	}
	a.AvailabilityZone = cmp.Or(a.AvailabilityZone, zone)
	return a
}

// host is Parser.host.
func (g *Glancer) host(key string, name, zone *string) {
	if !g.is('{') {
		return
	}
	for o := g.enter(); g.member(&o); {
		switch {
		case string(o.key) == "availability_zone":
			*zone = g.text()
		case string(o.key) == key:
			*name = g.text()
		default:
			g.skip()
		}
	}
}

func (g *Glancer) xray(a *roentgen.AWS) {
	if !g.is('{') {
		return
	}
	nodeRule := ""
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "alb_self":
			a.ALBSelf = g.text()
		case "sampling_rule_name":
			a.SamplingRule = g.text()
		case "rule_name":
			nodeRule = g.text()
		case "sampling_probability":
			a.SamplingProbability = g.probability()
		default:
			g.skip()
		}
	}
	a.SamplingRule = cmp.Or(a.SamplingRule, nodeRule)
}

// probability reads a number above 0, up to 1; 0 when it is none.
func (g *Glancer) probability() float64 {
	if kindOf(g.peek()) != kindNumber {
		g.skip()
		return 0
	}
	if f, ok := g.float(); ok && f > 0 && f <= 1 {
		return f
	}
	return 0
}

// sql reads the sql block; nil when it is no object.
func (g *Glancer) sql() *roentgen.SQL {
	if !g.is('{') {
		return nil
	}
	q := next(&g.blocks.sqls)
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "url":
			q.URL = g.text()
		case "connection_string":
			q.ConnectionString = g.text()
		case "database_type":
			q.DatabaseType = g.text()
		case "sanitized_query":
			q.SanitizedQuery = g.text()
		case "user":
			q.User = g.text()
		default:
			g.skip()
		}
	}
	return q
}

// cause reads the cause; nil when it says nothing, as Parser.cause.
func (g *Glancer) cause() *roentgen.Cause {
	if g.peek() == '"' {
		return g.reference(g.text(), nil)
	}
	if !g.is('{') {
		return nil
	}
	var had glancedBlock
	var exceptions []roentgen.Exception
	ref := ""
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "id":
			ref = g.text()
		case "exceptions":
			g.once(&had, blockExceptions)
			exceptions = g.exceptions()
		default:
			g.skip()
		}
	}
	return g.reference(ref, exceptions)
}

// reference makes a cause of an id, if it is one, and exceptions.
func (g *Glancer) reference(id string, exceptions []roentgen.Exception) *roentgen.Cause {
	if _, ok := roentgen.DecodeSegmentID(id); !ok {
		id = ""
	}
	if id == "" && len(exceptions) == 0 {
		return nil
	}
	c := next(&g.blocks.causes)
	c.Ref, c.Exceptions = id, exceptions
	return c
}

func (g *Glancer) exceptions() []roentgen.Exception {
	if !g.is('[') {
		return nil
	}
	all := &g.blocks.exceptions
	from := len(*all)
	for a := g.enter(); g.element(&a); {
		if g.is('{') {
			*all = append(*all, g.exception())
		}
	}
	return since(*all, from)
}

func (g *Glancer) exception() (x roentgen.Exception) {
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "id":
			x.ID = g.text()
		case "type":
			x.Type = g.text()
		case "message":
			x.Message = g.text()
		case "cause":
			x.Cause = g.text()
		case "remote":
			x.Remote = g.flag()
		default:
			g.skip()
		}
	}
	return x
}

// links reads the links to segments of other traces.
func (g *Glancer) links() []roentgen.Link {
	if !g.is('[') {
		return nil
	}
	all := &g.blocks.links
	from := len(*all)
	for a := g.enter(); g.element(&a); {
		if !g.is('{') {
			continue
		}
		if l, ok := g.link(); ok && len(*all)-from < g.lim.MaxLinks {
			*all = append(*all, l)
		}
	}
	return since(*all, from)
}

func (g *Glancer) link() (l roentgen.Link, ok bool) {
	var trace, id bool
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "trace_id":
			l.Trace, trace = roentgen.DecodeTraceID(g.bytes())
		case "id":
			l.ID, id = roentgen.DecodeSegmentID(g.bytes())
		default:
			g.skip()
		}
	}
	return l, trace && id && !l.Trace.IsZero() && !l.ID.IsZero()
}

// texts reads an array of strings, or one string.
func (g *Glancer) texts() []string {
	all := &g.blocks.names
	from := len(*all)
	if g.peek() != '[' {
		if s := g.text(); s != "" {
			*all = append(*all, s)
		}
		return since(*all, from)
	}
	for a := g.enter(); g.element(&a); {
		if g.peek() == '"' {
			*all = append(*all, g.text())
			continue
		}
		g.skip()
	}
	return since(*all, from)
}

// annotations reads the annotations that a Parser indexes.
func (g *Glancer) annotations() []roentgen.Annotation {
	if !g.is('{') {
		return nil
	}
	all := &g.blocks.annotations
	from := len(*all)
	var hashes uint64
	g.keys = g.keys[:0]
	for o := g.enter(); g.member(&o); {
		if bit := hashBit(o.key); hashes&bit != 0 && slices.Contains(g.keys, share(o.key)) {
			g.giveUp()
			break
		} else {
			hashes |= bit
		}
		g.keys = append(g.keys, share(o.key))
		if v, ok := g.annotationValue(); ok && AnnotationKey(o.key) && g.admit(o.key) {
			*all = append(*all, roentgen.Annotation{Key: share(o.key), Value: v})
		}
	}
	return since(*all, from)
}

// admit counts the distinct keys of the document.
func (g *Glancer) admit(key []byte) bool {
	if g.lim.MaxAnnotations == unlimited || slices.Contains(g.keysSeen, share(key)) {
		return true
	}
	if len(g.keysSeen) >= g.lim.MaxAnnotations {
		return false
	}
	g.keysSeen = append(g.keysSeen, share(key))
	return true
}

func (g *Glancer) annotationValue() (v roentgen.AnnotationValue, ok bool) {
	switch kindOf(g.peek()) {
	case kindString:
		v.Kind, v.String = roentgen.StringValue, g.text()
		return v, len(v.String) <= MaxAnnotationValue || utf8.RuneCountInString(v.String) <= MaxAnnotationValue
	case kindNumber:
		v.Kind = roentgen.NumberValue
		v.Number, ok = g.float()
		return v, ok
	case kindBool:
		v.Kind, v.Bool = roentgen.BoolValue, g.flag()
		return v, true
	}
	g.skip()
	return v, false
}

// float reads the number here; false when it is beyond float64.
func (g *Glancer) float() (float64, bool) {
	lit := g.number()
	if lit == nil {
		return 0, false
	}
	return float(lit)
}

// int reads a whole number, which may be written in a string; 0 when there is
// none.
func (g *Glancer) int() int64 {
	var lit []byte
	switch kindOf(g.peek()) {
	case kindNumber:
		lit = g.number()
	case kindString:
		if lit = g.bytes(); !isNumberLiteral(lit) {
			return 0
		}
	default:
		g.skip()
	}
	if len(lit) == 0 {
		return 0
	}
	v, ok := integral(lit)
	if !ok {
		return 0
	}
	return v
}
