package wire

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// http reads the http block; nil when it is no object.
func (q *quick) http() *roentgen.HTTP {
	if !q.is('{') {
		return nil
	}
	h := next(&q.scratch.https)
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "request":
			q.httpRequest(h)
		case "response":
			q.httpResponse(h)
		default:
			q.ignore()
		}
	}
	return h
}

func (q *quick) httpRequest(h *roentgen.HTTP) {
	if !q.is('{') {
		return
	}
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "method":
			h.Method = q.string()
		case "url":
			h.URL = q.string()
		case "user_agent":
			h.UserAgent = q.string()
		case "client_ip":
			h.ClientIP = q.string()
		case "x_forwarded_for":
			h.XForwardedFor = q.flag()
		case "traced":
			h.Traced = q.flag()
		default:
			q.ignore()
		}
	}
}

func (q *quick) httpResponse(h *roentgen.HTTP) {
	if !q.is('{') {
		return
	}
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "status":
			h.Status = 0
			if v := q.int(); v > 0 && v <= maxStatus {
				h.Status = int(v)
			}
		case "content_length":
			h.ContentLength = q.int()
		default:
			q.ignore()
		}
	}
}

// aws reads the aws block; nil when it is no object.
func (q *quick) aws() *roentgen.AWS {
	if !q.is('{') {
		return nil
	}
	a := next(&q.scratch.awss)
	said := false // something of what is kept
	zone := ""    // of the container; the instance's own wins
	o := q.enter()
	for q.member(&o) {
		known := true
		switch string(o.key) {
		case "account_id":
			a.AccountID = q.string()
		case "region":
			a.Region = q.string()
		case "operation":
			a.Operation = q.string()
		case "request_id":
			a.RequestID = q.string()
		case "queue_url":
			a.QueueURL = q.string()
		case "table_name":
			a.TableName = q.string()
		case "topic_arn":
			a.TopicARN = q.string()
		case "bucket_name":
			a.BucketName = q.string()
		case "function_name":
			a.FunctionName = q.string()
		case "function_arn":
			a.FunctionARN = q.string()
		case "resource_names":
			a.ResourceNames = q.texts()
		case "ec2":
			q.host("instance_id", &a.InstanceID, &a.AvailabilityZone)
		case "ecs":
			q.host("container_arn", &a.ContainerARN, &zone)
		case "xray":
			known = q.xray(a)
		default:
			q.ignore()
			known = false
		}
		said = said || known
	}
	if !said {
		q.scratch.awss = q.scratch.awss[:len(q.scratch.awss)-1]
		return &silentAWS
	}
	a.AvailabilityZone = cmp.Or(a.AvailabilityZone, zone)
	return a
}

// silentAWS is the aws block of most segments, in which an SDK names itself and
// nothing else. Nobody changes it.
var silentAWS roentgen.AWS

// host is Parser.host.
func (q *quick) host(key string, name, zone *string) {
	if !q.is('{') {
		return
	}
	o := q.enter()
	for q.member(&o) {
		switch {
		case string(o.key) == "availability_zone":
			*zone = q.string()
		case string(o.key) == key:
			*name = q.string()
		default:
			q.ignore()
		}
	}
}

// xray is Parser.xray, and reports whether anything was said that is kept.
func (q *quick) xray(a *roentgen.AWS) (said bool) {
	if !q.is('{') {
		return false
	}
	nodeRule := ""
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "alb_self":
			a.ALBSelf, said = q.string(), true
		case "sampling_rule_name":
			a.SamplingRule, said = q.string(), true
		case "rule_name":
			nodeRule, said = q.string(), true
		case "sampling_probability":
			a.SamplingProbability, said = q.probability(), true
		default:
			q.ignore()
		}
	}
	a.SamplingRule = cmp.Or(a.SamplingRule, nodeRule)
	return said
}

// probability reads a number above 0, up to 1; 0 when it is none.
func (q *quick) probability() float64 {
	if kindOf(q.peek()) != kindNumber {
		q.skip()
		return 0
	}
	if f, ok := q.float(); ok && f > 0 && f <= 1 {
		return f
	}
	return 0
}

// sql reads the sql block; nil when it is no object.
func (q *quick) sql() *roentgen.SQL {
	if !q.is('{') {
		return nil
	}
	s := next(&q.scratch.sqls)
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "url":
			s.URL = q.string()
		case "connection_string":
			s.ConnectionString = q.string()
		case "database_type":
			s.DatabaseType = q.string()
		case "sanitized_query":
			s.SanitizedQuery = q.string()
		case "user":
			s.User = q.string()
		default:
			q.ignore()
		}
	}
	return s
}

// cause is Parser.cause.
func (q *quick) cause() *roentgen.Cause {
	if q.peek() == '"' {
		return q.scratch.causeOf(roentgen.Cause{Ref: reference(q.string())})
	}
	if !q.is('{') {
		return nil
	}
	var c roentgen.Cause
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "id":
			c.Ref = reference(q.string())
		case "exceptions":
			c.Exceptions = q.exceptions()
		default:
			q.ignore()
		}
	}
	return q.scratch.causeOf(c)
}

func (q *quick) exceptions() []roentgen.Exception {
	if !q.is('[') {
		return nil
	}
	all := &q.scratch.exceptions
	from := len(*all)
	a := q.enter()
	for q.element(&a) {
		if q.is('{') {
			*all = append(*all, q.exception())
		}
	}
	return since(*all, from)
}

func (q *quick) exception() (x roentgen.Exception) {
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "id":
			x.ID = q.string()
		case "type":
			x.Type = q.string()
		case "message":
			x.Message = q.string()
		case "cause":
			x.Cause = q.string()
		case "remote":
			x.Remote = q.flag()
		default:
			q.ignore()
		}
	}
	return x
}

// links reads the links to segments of other traces.
func (q *quick) links() []roentgen.Link {
	if !q.is('[') {
		return nil
	}
	all := &q.scratch.links
	from := len(*all)
	a := q.enter()
	for q.element(&a) {
		if !q.is('{') {
			continue
		}
		if l, ok := q.link(); ok && len(*all)-from < q.lim.MaxLinks {
			*all = append(*all, l)
		}
	}
	return since(*all, from)
}

func (q *quick) link() (l roentgen.Link, ok bool) {
	var trace, id bool
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "trace_id":
			l.Trace, trace = roentgen.DecodeTraceID(q.bytes())
		case "id":
			l.ID, id = roentgen.DecodeSegmentID(q.bytes())
		default:
			q.ignore()
		}
	}
	return l, trace && id && !l.Trace.IsZero() && !l.ID.IsZero()
}

// texts reads an array of strings, or one string.
func (q *quick) texts() []string {
	all := &q.scratch.names
	from := len(*all)
	if q.peek() != '[' {
		if s := q.string(); s != "" {
			*all = append(*all, s)
		}
		return since(*all, from)
	}
	a := q.enter()
	for q.element(&a) {
		if q.peek() == '"' {
			*all = append(*all, q.string())
			continue
		}
		q.skip()
	}
	return since(*all, from)
}

// annotations reads the annotations that a Parser indexes.
func (q *quick) annotations() []roentgen.Annotation {
	if q.bare {
		q.ignore()
		return nil
	}
	if !q.is('{') {
		return nil
	}
	all := &q.scratch.annotations
	from := len(*all)
	o := q.enter()
	for q.member(&o) {
		if v, ok := q.annotationValue(); ok && AnnotationKey(o.key) && q.admit(o.key) {
			*all = append(*all, roentgen.Annotation{Key: share(o.key), Value: v})
		}
	}
	return since(*all, from)
}

// admit counts the distinct keys of the document, which are those of the
// annotations so far: only where these are as many as keys may be does it matter
// which of them are the same.
func (q *quick) admit(key []byte) bool {
	all, most := q.scratch.annotations, q.lim.MaxAnnotations
	if most == unlimited || len(all) < most {
		return true
	}
	if len(q.keysSeen) == 0 {
		for i := range all {
			if !slices.Contains(q.keysSeen, all[i].Key) {
				q.keysSeen = append(q.keysSeen, all[i].Key)
			}
		}
	}
	if slices.Contains(q.keysSeen, share(key)) {
		return true
	}
	if len(q.keysSeen) >= most {
		return false
	}
	q.keysSeen = append(q.keysSeen, share(key))
	return true
}

func (q *quick) annotationValue() (v roentgen.AnnotationValue, ok bool) {
	switch kindOf(q.peek()) {
	case kindString:
		v.Kind, v.String = roentgen.StringValue, q.string()
		return v, len(v.String) <= MaxAnnotationValue || utf8.RuneCountInString(v.String) <= MaxAnnotationValue
	case kindNumber:
		v.Kind = roentgen.NumberValue
		v.Number, ok = q.float()
		return v, ok
	case kindBool:
		v.Kind, v.Bool = roentgen.BoolValue, q.flag()
		return v, true
	}
	q.skip()
	return v, false
}
