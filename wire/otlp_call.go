package wire

import (
	"strconv"

	"github.com/roentgen/roentgen"
)

// http writes the request and the response.
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
