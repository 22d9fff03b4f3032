package wire

import (
	"bytes"
	"testing"
)

func TestEditDocument(t *testing.T) {
	const in = `{"type":"subsegment","id":"1","http":{"request":{"traced":true,"url":"u"},"traced":1},"subsegments":[{"type":"x","http":{"request":{"traced":true}}},null,7,{"http":"y","subsegments":[{"type":"z"}]}],"n":1E400,"type2":[{"type":1}],"trace_id":"t"}`
	drop := []string{"type", "parent_id", "trace_id", "http.request.traced"}
	for _, c := range []struct {
		name string
		edit Edit
		want string
	}{
		{"nothing", Edit{}, in},
		{"members of the top", Edit{Drop: drop},
			`{"id":"1","http":{"request":{"url":"u"},"traced":1},"subsegments":[{"type":"x","http":{"request":{"traced":true}}},null,7,{"http":"y","subsegments":[{"type":"z"}]}],"n":1E400,"type2":[{"type":1}]}`},
		{"members everywhere", Edit{Drop: drop, Everywhere: true},
			`{"id":"1","http":{"request":{"url":"u"},"traced":1},"subsegments":[{"http":{"request":{}}},null,7,{"http":"y","subsegments":[{}]}],"n":1E400,"type2":[{"type":1}]}`},
		{"values in place and new ones behind", Edit{Drop: []string{"http", "subsegments", "type2", "type"}, Set: []Member{{"n", []byte("2")}, {`q"`, []byte("true")}, {"id", []byte(`"9"`)}}},
			`{"id":"9","n":2,"trace_id":"t","q\"":true}`},
		{"a member dropped and set", Edit{Drop: []string{"http", "subsegments", "type2", "type", "trace_id", "n"}, Set: []Member{{"type", []byte("1")}}}, `{"id":"1","type":1}`},
		{"everything", Edit{Drop: []string{"type", "id", "http", "subsegments", "n", "type2", "trace_id"}}, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := []byte(in)
			got, err := EditDocument(doc, c.edit)
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
			}
			if !bytes.Equal(doc, []byte(in)) {
				t.Error("the document was changed")
			}
		})
	}
	for _, in := range []string{"", "[]", "{", `{"a":1}x`, `{"a":}`} {
		if got, err := EditDocument([]byte(in), Edit{}); err == nil {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestLookup(t *testing.T) {
	const in = `{"a":{"b":[1,{"c":2}],"\u0064":{"":"x"}},"e":null,"f":1E400}`
	for _, c := range []struct {
		path []string
		want string // empty: none
	}{
		{nil, in},
		{[]string{"a", "b"}, `[1,{"c":2}]`},
		{[]string{"a", "d", ""}, `"x"`},
		{[]string{"e"}, `null`},
		{[]string{"f"}, `1E400`},
		{[]string{"g"}, ""},
		{[]string{"a", "b", "c"}, ""},
		{[]string{"e", "x"}, ""},
	} {
		got, ok := Lookup([]byte(in), c.path...)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%q: got %s, %t", c.path, got, ok)
		}
	}
	if got, ok := Lookup([]byte(`{"a":`), "a"); ok {
		t.Errorf("a broken document: %s", got)
	}
}
