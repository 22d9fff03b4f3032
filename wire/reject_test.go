package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

const (
	okTrace = `"trace_id":"1-6a1b2c3d-0123456789abcdef01234567"`
	okRest  = `"name":"shop","start_time":1,"end_time":2`
	okInner = `"id":"bbbbbbbbbbbbbbb1","name":"work","start_time":1,"end_time":2`
)

// doc makes a document that is sound but for members, which stand last and so
// count where they repeat one.
func doc(members string) string {
	return `{"id":"aaaaaaaaaaaaaaa1",` + okTrace + `,` + okRest + `,` + members + `}`
}

func TestRejections(t *testing.T) {
	for _, c := range []struct {
		name, in string
		code     roentgen.RejectCode
		id       string
		nested   bool
		detail   string // begins with
	}{
		{"text that is not JSON", `{"id":"aaaaaaaaaaaaaaa1",`, roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "not JSON at byte 25: text ends"},
		{"an array within ParseDocument", `[{}]`, roentgen.InvalidSegment, "", false, "the document is not an object"},
		{"null", `null`, roentgen.InvalidSegment, "", false, "the document is not an object"},
		{"no id", `{` + okTrace + `,` + okRest + `}`, roentgen.MissingID, "", false, "id: is missing"},
		{"an empty id", doc(`"id":""`), roentgen.MissingID, "", false, "id: is missing"},
		{"an id that is null", doc(`"id":null`), roentgen.MissingID, "", false, "id: is missing"},
		{"an id of 15 digits", doc(`"id":"aaaaaaaaaaaaaaa"`), roentgen.InvalidID, "aaaaaaaaaaaaaaa", false, `id: "aaaaaaaaaaaaaaa" is not 16 hex digits`},
		{"the no-op id", doc(`"id":"0000000000000000"`), roentgen.InvalidID, "0000000000000000", false, "id: is the no-op id"},
		{"an id that is a number", doc(`"id":7`), roentgen.InvalidSegment, "", false, "id: is a number; send a string"},
		{"no trace id", `{"id":"aaaaaaaaaaaaaaa1",` + okRest + `}`, roentgen.MissingTraceID, "aaaaaaaaaaaaaaa1", false, "trace_id: is missing"},
		{"a trace id of another version", doc(`"trace_id":"2-6a1b2c3d-0123456789abcdef01234567"`), roentgen.InvalidTraceID, "aaaaaaaaaaaaaaa1", false, "trace_id: "},
		{"the no-op trace id", doc(`"trace_id":"1-00000000-000000000000000000000000"`), roentgen.InvalidTraceID, "aaaaaaaaaaaaaaa1", false, "trace_id: is the no-op id"},
		{"a trace id that is an object", doc(`"trace_id":{}`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "trace_id: is an object; send a string"},
		{"no name", `{"id":"aaaaaaaaaaaaaaa1",` + okTrace + `,"start_time":1,"end_time":2}`, roentgen.MissingName, "aaaaaaaaaaaaaaa1", false, "name: is missing"},
		{"a name that is null", doc(`"name":null`), roentgen.MissingName, "aaaaaaaaaaaaaaa1", false, "name: is missing"},
		{"an empty name", doc(`"name":""`), roentgen.InvalidName, "aaaaaaaaaaaaaaa1", false, "name: is empty"},
		{"a comma in a name", doc(`"name":"foo,bar"`), roentgen.InvalidName, "aaaaaaaaaaaaaaa1", false, `name: "foo,bar" has ',' at byte 3`},
		{"a name of 201 characters", doc(`"name":"` + strings.Repeat("é", 201) + `"`), roentgen.InvalidName, "aaaaaaaaaaaaaaa1", false, "name: has 201 characters; 200 are allowed"},
		{"a name that is a number", doc(`"name":1`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "name: is a number; send a string"},
		{"no start", `{"id":"aaaaaaaaaaaaaaa1",` + okTrace + `,"name":"a","end_time":2}`, roentgen.MissingStartTime, "aaaaaaaaaaaaaaa1", false, "start_time: is missing"},
		{"a start that is a string", doc(`"start_time":"1"`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "start_time: is a string; send a number"},
		{"a start of 0", doc(`"start_time":0`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "start_time: is missing or 0"},
		{"a start before 1970", doc(`"start_time":-1.5`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "start_time: -1.5 lies before 1970"},
		{"milliseconds", doc(`"start_time":1780165693100`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "start_time: 1780165693100 lies after the year 2262"},
		{"an end beyond floats", doc(`"end_time":1E400`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "end_time: 1E400 lies after the year 2262"},
		{"neither end nor in_progress", doc(`"end_time":null`), roentgen.MissingEndTime, "aaaaaaaaaaaaaaa1", false, "end_time: is missing"},
		{"in_progress false without end", doc(`"end_time":null,"in_progress":false`), roentgen.MissingEndTime, "aaaaaaaaaaaaaaa1", false, "end_time: is missing"},
		{"in_progress that is a string", doc(`"in_progress":"true"`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "in_progress: is a string; send a boolean"},
		{"a subsegment without parent", doc(`"type":"subsegment"`), roentgen.MissingParentID, "aaaaaaaaaaaaaaa1", false, "parent_id: is missing"},
		{"a subsegment with the no-op parent", doc(`"type":"subsegment","parent_id":"0000000000000000"`), roentgen.MissingParentID, "aaaaaaaaaaaaaaa1", false, "parent_id: is missing"},
		{"a subsegment without trace", `{"type":"subsegment","parent_id":"aaaaaaaaaaaaaaa2","id":"aaaaaaaaaaaaaaa1",` + okRest + `}`, roentgen.MissingTraceID, "aaaaaaaaaaaaaaa1", false, "trace_id: is missing"},
		{"a parent that is no id", doc(`"parent_id":"root"`), roentgen.InvalidID, "aaaaaaaaaaaaaaa1", false, `parent_id: "root" is not 16 hex digits`},
		{"a type that is a number", doc(`"type":1`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "type: is a number; send a string"},
		{"subsegments that are an object", doc(`"subsegments":{}`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "subsegments: is an object; send an array"},
		{"a subsegment that is a string", doc(`"subsegments":[{` + okInner + `},"x"]`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", true, "subsegments[1]: is a string; send an object"},
		{"a nested name", doc(`"subsegments":[{` + okInner + `},{` + okInner + `,"subsegments":[{` + okInner + `,"name":"a?"}]}]`), roentgen.InvalidName, "aaaaaaaaaaaaaaa1", true, "subsegments[1].subsegments[0].name: "},
		{"a nested start", doc(`"subsegments":[null,{"id":"bbbbbbbbbbbbbbb1","name":"a","end_time":1}]`), roentgen.MissingStartTime, "aaaaaaaaaaaaaaa1", true, "subsegments[1].start_time: is missing"},
		{"a nested id", doc(`"subsegments":[{"name":"a","start_time":1,"end_time":1}]`), roentgen.MissingID, "aaaaaaaaaaaaaaa1", true, "subsegments[0].id: is missing"},
		{"nested without end", doc(`"subsegments":[{"id":"bbbbbbbbbbbbbbb1","name":"a","start_time":1}]`), roentgen.MissingEndTime, "aaaaaaaaaaaaaaa1", true, "subsegments[0].end_time: is missing"},
		{"the top is told before what is nested", `{"subsegments":[{}],` + okTrace + `,` + okRest + `}`, roentgen.MissingID, "", false, "id: is missing"},
		{"an id behind the fault is told", `{"name":"?",` + okTrace + `,"start_time":1,"end_time":2,"id":"aaaaaaaaaaaaaaa1"}`, roentgen.InvalidName, "aaaaaaaaaaaaaaa1", false, "name: "},
		{"only the last of duplicates is judged", doc(`"name":",","name":"?"`), roentgen.InvalidName, "aaaaaaaaaaaaaaa1", false, `name: "?" has`},
		{"too many bytes", doc(`"x":"` + strings.Repeat("x", 65536) + `"`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "the document has 65"},
		{"too many bytes after replacement", doc("\"x\":\"" + strings.Repeat("\xff", 30000) + `"`), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "the document has 90"},
		{"too deep", doc(`"metadata":` + strings.Repeat("[", 200) + strings.Repeat("]", 200)), roentgen.InvalidSegment, "aaaaaaaaaaaaaaa1", false, "not JSON at byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseDocument([]byte(c.in), Limits{})
			var r *roentgen.Rejection
			if !errors.As(err, &r) || s != nil {
				t.Fatalf("got %+v, %v", s, err)
			}
			if r.Code != c.code || r.ID != c.id || r.Nested != c.nested || !strings.HasPrefix(r.Detail, c.detail) {
				t.Errorf("got %+v", r)
			}
			if roentgen.KindOf(err) != roentgen.Invalid {
				t.Errorf("kind is %v", roentgen.KindOf(err))
			}
		})
	}
}

// What producers get wrong and X-Ray takes.
func TestToleratedDocuments(t *testing.T) {
	for _, c := range []struct {
		name, members string
		sound         func(*roentgen.Segment) bool
	}{
		{"an end and in_progress: complete", `"in_progress":true`, func(s *roentgen.Segment) bool { return !s.InProgress && s.End == 2e9 }},
		{"an end and in_progress false", `"in_progress":false`, func(s *roentgen.Segment) bool { return !s.InProgress && s.End == 2e9 }},
		{"in_progress null", `"in_progress":null`, func(s *roentgen.Segment) bool { return !s.InProgress && s.End == 2e9 }},
		{"an end of 0 in progress", `"end_time":0,"in_progress":true`, func(s *roentgen.Segment) bool { return s.InProgress && s.End == 0 }},
		{"an end before the start stays", `"start_time":3`, func(s *roentgen.Segment) bool { return s.Start == 3e9 && s.End == 2e9 }},
		{"a parent of a segment", `"parent_id":"BBBBBBBBBBBBBBB1"`, func(s *roentgen.Segment) bool { return s.Parent.String() == "bbbbbbbbbbbbbbb1" }},
		{"an empty parent", `"parent_id":""`, func(s *roentgen.Segment) bool { return s.Parent.IsZero() }},
		{"a parent that is null", `"parent_id":null`, func(s *roentgen.Segment) bool { return s.Parent.IsZero() }},
		{"the no-op parent", `"parent_id":"0000000000000000"`, func(s *roentgen.Segment) bool { return s.Parent.IsZero() }},
		{"an independent subsegment", `"type":"subsegment","parent_id":"bbbbbbbbbbbbbbb1"`, func(s *roentgen.Segment) bool { return s.Kind == roentgen.KindSubsegment }},
		{"another type", `"type":"segment"`, func(s *roentgen.Segment) bool { return s.Kind == roentgen.KindSegment }},
		{"a trace id of W3C", `"trace_id":"6A1B2C3D0123456789ABCDEF01234567"`, func(s *roentgen.Segment) bool { return s.Trace.String() == "1-6a1b2c3d-0123456789abcdef01234567" }},
		{"a trace id of any age", `"trace_id":"ffffffff0123456789abcdef01234567"`, func(s *roentgen.Segment) bool { return s.Trace[0] == 0xff }},
		{"a namespace on a segment", `"namespace":"remote"`, func(s *roentgen.Segment) bool { return s.Namespace == roentgen.NamespaceNone }},
		{"traced on a segment", `"traced":true,"http":{"request":{"traced":true}}`, func(s *roentgen.Segment) bool { return !s.HTTP.Traced }},
		{"x_forwarded_for and traced on a subsegment", `"subsegments":[{` + okInner + `,"http":{"request":{"x_forwarded_for":true,"traced":true}}}]`,
			func(s *roentgen.Segment) bool { h := s.Subsegments[0].HTTP; return h.Traced && !h.XForwardedFor }},
		{"traced at the top of a subsegment", `"subsegments":[{` + okInner + `,"traced":true}]`, func(s *roentgen.Segment) bool { return s.Subsegments[0].HTTP.Traced }},
		{"origin and user on a subsegment", `"subsegments":[{` + okInner + `,"origin":"AWS::S3","user":"u"}]`,
			func(s *roentgen.Segment) bool { return s.Subsegments[0].Origin == "" && s.Subsegments[0].User == "" }},
		{"ids of any type within what is embedded", `"subsegments":[{` + okInner + `,"trace_id":7,"parent_id":[],"type":null}]`,
			func(s *roentgen.Segment) bool {
				return s.Subsegments[0].Parent.IsZero() && s.Subsegments[0].Trace.IsZero()
			}},
		{"subsegments null", `"subsegments":null`, func(s *roentgen.Segment) bool { return s.Subsegments == nil }},
		{"flags of other types", `"error":"true","fault":1,"throttle":null`, func(s *roentgen.Segment) bool { return !s.Error && !s.Fault && !s.Throttle }},
		{"a cause that is no id", `"cause":"boom"`, func(s *roentgen.Segment) bool { return s.Cause == nil }},
		{"a cause of 16 characters that is no id", `"cause":"sixteen letters!"`, func(s *roentgen.Segment) bool { return s.Cause == nil }},
		{"a cause that is a number", `"cause":5`, func(s *roentgen.Segment) bool { return s.Cause == nil }},
		{"exceptions among other things", `"cause":{"exceptions":[null,7,{"id":"e","remote":true,"line":null}]}`,
			func(s *roentgen.Segment) bool { return len(s.Cause.Exceptions) == 1 && s.Cause.Exceptions[0].Remote }},
		{"a status that is a string", `"http":{"response":{"status":"404","content_length":"-1"}}`,
			func(s *roentgen.Segment) bool { return s.HTTP.Status == 404 && s.HTTP.ContentLength == -1 }},
		{"a status that is a whole float", `"http":{"response":{"status":4.04e2}}`, func(s *roentgen.Segment) bool { return s.HTTP.Status == 404 }},
		{"statuses that are none", `"http":{"response":{"status":404.5,"content_length":true}}`,
			func(s *roentgen.Segment) bool { return s.HTTP.Status == 0 && s.HTTP.ContentLength == 0 }},
		{"a status beyond three digits", `"http":{"response":{"status":100000}}`, func(s *roentgen.Segment) bool { return s.HTTP.Status == 0 }},
		{"an annotation over 1000 characters", `"annotations":{"a":"` + strings.Repeat("x", 1001) + `","b":"` + strings.Repeat("é", 1000) + `"}`,
			func(s *roentgen.Segment) bool { return len(s.Annotations) == 1 && s.Annotations[0].Key == "b" }},
		{"annotations that are an array", `"annotations":[1]`, func(s *roentgen.Segment) bool { return s.Annotations == nil }},
		{"annotations null", `"annotations":null`, func(s *roentgen.Segment) bool { return s.Annotations == nil }},
		{"metadata of any type", `"metadata":[{"a":1}]`, func(s *roentgen.Segment) bool { return strings.Contains(string(s.Document), `"metadata":[{"a":1}]`) }},
		{"an escaped key", `"us\u0065r":"u"`, func(s *roentgen.Segment) bool { return s.User == "u" }},
		{"keys in another case", `"User":"u","ID":5`, func(s *roentgen.Segment) bool { return s.User == "" }},
		{"a wrong member that does not count", `"name":7,"name":"right"`, func(s *roentgen.Segment) bool { return s.Name == "right" }},
		{"an http block that does not count", `"http":{"request":{"method":"GET"}},"http":{"request":{"url":"u"}}`,
			func(s *roentgen.Segment) bool { return s.HTTP.Method == "" && s.HTTP.URL == "u" }},
		{"both names of the sampling rule", `"aws":{"xray":{"rule_name":"node","sampling_rule_name":"go"}}`, func(s *roentgen.Segment) bool { return s.AWS.SamplingRule == "go" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseDocument([]byte(doc(c.members)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if !c.sound(s) {
				t.Errorf("got %s", show(t, s))
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{
		"a", " ", " shop ", "## UserModel.saveUser", `_.:/%&#=+\-@`, "GET /a/b", "größe", "東京", "حالة", "कखग", "सेवा", "a\u0301", "x\u00a0y", "x\u2028y", "Ⅷ½٣", "a\tb\nc", strings.Repeat("é", 200),
	} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "a,b", "a?", "*", ";", "(a)", "!", "$", "~", "^", "<", ">", "a\x00", "\x7f", "'", "\"", "|", "😀", "\ufffd", strings.Repeat("a", 201)} {
		if err := CheckName(name); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestAnnotationKeys(t *testing.T) {
	for key, want := range map[string]bool{"a": true, "A_9.z": true, "": false, "a-b": false, "é": false, "a b": false, "@": false, "`": false, "[": false, "{": false, "/": false, ":": false,
		strings.Repeat("k", 500): true, strings.Repeat("k", 501): false} {
		if AnnotationKey(key) != want {
			t.Errorf("%q: want %t", key, want)
		}
	}
}

func TestLimitsAreConfigured(t *testing.T) {
	deep := doc(`"metadata":[[[[1]]]]`)
	two := doc(`"subsegments":[{` + okInner + `,"subsegments":[{` + okInner + `}]}]`)
	for _, c := range []struct {
		name, in string
		lim      Limits
		taken    bool
	}{
		{"bytes", deep, Limits{MaxDocumentBytes: len(deep)}, true},
		{"one byte less", deep, Limits{MaxDocumentBytes: len(deep) - 1}, false},
		{"depth", deep, Limits{MaxDepth: 5}, true},
		{"one level less", deep, Limits{MaxDepth: 4}, false},
		{"no limit to bytes", doc(`"x":"` + strings.Repeat("x", 1<<20) + `"`), Limits{MaxDocumentBytes: -1}, true},
		{"no limit to depth but the last", doc(`"x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000)), Limits{MaxDepth: -1}, false},
		{"deep", doc(`"x":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999)), Limits{MaxDepth: -1}, true},
		{"subsegments", two, Limits{MaxSubsegments: 2}, true},
		{"one subsegment less", two, Limits{MaxSubsegments: 1}, false},
	} {
		if _, err := ParseDocument([]byte(c.in), c.lim); (err == nil) != c.taken {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOnlySoManyAnnotationKeysAreIndexed(t *testing.T) {
	var many []string
	for i := range 60 {
		many = append(many, fmt.Sprintf(`"k%d":%d`, i, i))
	}
	in := doc(`"annotations":{` + strings.Join(many, ",") + `},"subsegments":[{` + okInner + `,"annotations":{"k0":"again","new":1}}]`)
	for _, c := range []struct{ limit, top, inner int }{{0, 50, 1}, {60, 60, 1}, {61, 60, 2}, {-1, 60, 2}, {1, 1, 1}} {
		s, err := ParseDocument([]byte(in), Limits{MaxAnnotations: c.limit})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Annotations) != c.top || len(s.Subsegments[0].Annotations) != c.inner {
			t.Errorf("limit %d: %d and %d annotations", c.limit, len(s.Annotations), len(s.Subsegments[0].Annotations))
		}
	}
}

func TestOnlySoManyLinksAreTyped(t *testing.T) {
	link := `{"trace_id":"1-6a1b2c3d-0123456789abcdef01234567","id":"bbbbbbbbbbbbbbb1"}`
	in := doc(`"links":[` + strings.Repeat(link+",", 150) + link + `]`)
	s, err := ParseDocument([]byte(in), Limits{})
	if err != nil || len(s.Links) != DefaultMaxLinks {
		t.Fatalf("%d links, %v", len(s.Links), err)
	}
}

func TestArraysOfDocuments(t *testing.T) {
	one := doc(`"x":1`)
	got := ParseDocuments([]byte(" [ "+one+" , {} ,"+one+", 7 ]"), Limits{})
	if len(got) != 4 {
		t.Fatalf("%d results", len(got))
	}
	for i, sound := range []bool{true, false, true, false} {
		if (got[i].Segment != nil) != sound || (got[i].Rejection == nil) != sound {
			t.Errorf("element %d: %+v", i, got[i])
		}
	}
	for _, in := range []string{"[]", "[1", "[" + one + ",]", one + one} {
		if got := ParseDocuments([]byte(in), Limits{}); len(got) != 1 || got[0].Rejection == nil {
			t.Errorf("%s: %+v", in, got)
		}
	}
	if got := ParseDocuments([]byte(one), Limits{}); len(got) != 1 || got[0].Segment == nil {
		t.Errorf("one document: %+v", got)
	}
	if got := ParseDocuments([]byte("["+one+","+one+"]"), Limits{MaxDocumentBytes: len(one)}); len(got) != 1 || got[0].Rejection == nil {
		t.Errorf("an array over the limit: %+v", got)
	}
}

func TestAParserForgetsWhatItRead(t *testing.T) {
	p := NewParser(Limits{})
	first, err := p.Parse([]byte(doc(`"annotations":{"a":"` + strings.Repeat("x", 50) + `"},"subsegments":[{` + okInner + `}]`)))
	if err != nil {
		t.Fatal(err)
	}
	before := string(show(t, first))
	if _, err := p.Parse([]byte(`{"id":"ccccccccccccccc1","subsegments":[{}]`)); err == nil {
		t.Fatal("took a broken document")
	}
	if _, err := p.Parse([]byte(doc(`"annotations":{"b":"` + strings.Repeat("y", 50) + `"}`))); err != nil {
		t.Fatal(err)
	}
	var r *roentgen.Rejection
	if _, err := p.Parse([]byte(`[`)); !errors.As(err, &r) || r.ID != "" {
		t.Errorf("got %+v", r)
	}
	if after := string(show(t, first)); after != before {
		t.Errorf("the first segment changed:\n%s\n%s", before, after)
	}
}

func TestTheCallersBytesAreNotKept(t *testing.T) {
	in := []byte(doc(`"user":"someone"`))
	s, err := ParseDocument(in, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	clear(in)
	if s.User != "someone" || s.Name != "shop" || s.Document[0] != '{' {
		t.Errorf("got %s", show(t, s))
	}
}
