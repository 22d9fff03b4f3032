package verify

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// nested is how far a subsegment may stick out of its parent in the same process, whose clock is one: what six decimals
// of a second cannot tell apart.
const nested = 2 * time.Millisecond

// sound asserts what holds of every trace of ours, whatever it is about: one segment of the backend, every parent there,
// every id once, everything ended, each inside of its parent, each call that is said to be traced answered by a segment.
func (r *run) sound(f *findings, t *Trace) {
	where := "trace " + t.ID
	equal(f, where, "segments of "+contract.Backend, 1, len(t.segments(contract.Backend)))
	for _, n := range t.orphans() {
		f.want(false, n.what(), "parent_id", "the id of something in the trace", n.ParentID)
	}
	ids := map[string]bool{}
	for _, n := range t.nodes {
		f.want(n.ID != "" && !ids[n.ID], n.what(), "id", "an id that nothing else has", n.ID)
		ids[n.ID] = true
		r.soundNode(f, n)
	}
}

func (r *run) soundNode(f *findings, n *node) {
	f.want(n.EndTime >= n.StartTime && n.StartTime > 0 && !n.InProgress, n.what(), "start_time and end_time", "both, in this order", n.EndTime)
	if n.parent != nil {
		r.within(f, n)
	}
	if n.segment == n {
		r.soundSegment(f, n)
	}
	if n.segment != n && n.HTTP != nil && n.HTTP.Response.Status > 0 && slices.Contains(services(), n.Name) {
		answered(f, n)
	}
	if n.SQL != nil {
		soundSQL(f, n)
	}
	if n.Namespace == "aws" {
		soundAWS(f, n)
	}
}

// within asserts that a node lies inside of its parent. Between two services it is off by what their clocks are apart.
func (r *run) within(f *findings, n *node) {
	slack := nested
	if n.segment == n {
		slack = r.cfg.Skew
	}
	early, late := seconds(n.parent.StartTime-n.StartTime), seconds(n.EndTime-n.parent.EndTime)
	f.want(early <= slack, n.what(), "start_time", "at or after that of its parent "+n.parent.Name, early.String()+" before")
	f.want(late <= slack, n.what(), "end_time", "at or before that of its parent "+n.parent.Name, late.String()+" after")
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (r *run) soundSegment(f *findings, n *node) {
	equal(f, n.what(), "trace_id", n.trace.ID, n.TraceID)
	f.want(n.Service.Version != "", n.what(), "service.version", "a version", n.Service.Version)
	if r.cfg.Origin != "" {
		equal(f, n.what(), "origin", r.cfg.Origin, n.Origin)
	}
	if !f.want(n.HTTP != nil, n.what(), "http", "a request and a response", nil) {
		return
	}
	request, response := n.HTTP.Request, n.HTTP.Response
	f.want(request.Method != "", n.what(), "http.request.method", "a method", request.Method)
	f.want(request.URL != "" && !strings.ContainsAny(request.URL, "?#"), n.what(), "http.request.url", "a URL without a query", request.URL)
	f.want(request.UserAgent != "", n.what(), "http.request.user_agent", "one", request.UserAgent)
	f.want(request.ClientIP != "", n.what(), "http.request.client_ip", "an address", request.ClientIP)
	f.want(response.Status >= 100, n.what(), "http.response.status", "a status", response.Status)
	f.want(response.ContentLength != nil, n.what(), "http.response.content_length", "a length", nil)
	flags(f, n, response.Status)
}

// flags asserts that error, throttle and fault say what the status says.
func flags(f *findings, n *node, status int) {
	equal(f, n.what(), "error", status >= 400 && status <= 499, n.Error)
	equal(f, n.what(), "throttle", status == 429, n.Throttle)
	equal(f, n.what(), "fault", status >= 500, n.Fault)
}

func services() []string { return []string{contract.Backend, contract.GGUF, contract.ASROCR} }

// answered asserts that a call of one of ours has the segment of its callee beneath it, and no other. That it says
// http.request.traced cannot be read back, for X-Ray keeps that to itself; but it makes no segment up then.
func answered(f *findings, n *node) {
	equal(f, n.what(), "namespace", "remote", n.Namespace)
	var names []string
	for _, c := range n.children {
		if c.segment == c {
			names = append(names, c.Name)
			equal(f, c.what(), "parent_id", n.ID, c.ParentID)
		}
	}
	f.want(slices.Equal(names, []string{n.Name}), n.what(), "segments beneath the call", n.Name, names)
	f.want(!n.trace.guessed[n.ID], n.what(), "segment of its callee", "its own, as http.request.traced promises", "one that the store made up")
}

// literals are values that have no place in a sanitised statement: quoted texts, UUIDs, numbers.
var literals = regexp.MustCompile(`'[^']*'|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|(?:^|[\s=(,<>+*/-])\d+(?:\.\d+)?(?:$|[\s),;])`)

func soundSQL(f *findings, n *node) {
	equal(f, n.what(), "namespace", "remote", n.Namespace)
	f.want(n.SQL.DatabaseType != "", n.what(), "sql.database_type", "MySQL, SQLite, …", n.SQL.DatabaseType)
	f.want(n.SQL.SanitizedQuery != "" && !literals.MatchString(n.SQL.SanitizedQuery), n.what(), "sql.sanitized_query",
		"a statement without values", n.SQL.SanitizedQuery)
}

func soundAWS(f *findings, n *node) {
	for _, key := range []string{"operation", "region", "request_id"} {
		text, _ := n.AWS[key].(string)
		f.want(text != "", n.what(), "aws."+key, "a text", n.AWS[key])
	}
}
