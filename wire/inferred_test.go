package wire

import (
	"testing"

	"github.com/roentgen/roentgen"
)

func TestInfer(t *testing.T) {
	trace := roentgen.TraceID{15: 1}
	segment, call, deep := roentgen.SegmentID{7: 0xa}, roentgen.SegmentID{7: 0xb}, roentgen.SegmentID{7: 0xc}
	docs := [][]byte{
		[]byte(`{"id":"00000000000000ff","name":"elsewhere"}`),
		[]byte(`{"id":"0000000000000001","name":"shop","subsegments":[null,{"id":"000000000000000B","type":"subsegment","namespace":"aws","name":"Dynamo\u0044B","start_time":1.50,"end_time":2E0,"x":1,` +
			`"http":{"request":{"traced":true,"url":"u"},"response":{"status":503}},"aws":{"table_name":"carts","big":12345678901234567890.10},"fault":true,"cause":{"exceptions":[{"id":"1"}]},"annotations":{"k":1},` +
			`"subsegments":[{"name":"db@host","id":"000000000000000c","sql":{"url":"jdbc"},"http":null,"error":false}]}]}`),
	}
	got, err := Infer(trace, docs, []Inference{
		{segment, call, `AWS::"x"`}, {roentgen.SegmentID{1}, roentgen.SegmentID{2}, ""}, {roentgen.SegmentID{7: 0xd}, deep, ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	const head = `","trace_id":"1-00000000-000000000000000000000001","parent_id":"`
	for i, want := range []string{
		`{"id":"000000000000000a` + head + `000000000000000b","inferred":true,"origin":"AWS::\"x\"","name":"Dynamo\u0044B","start_time":1.50,"end_time":2E0,` +
			`"http":{"request":{"url":"u"},"response":{"status":503}},"aws":{"table_name":"carts","big":12345678901234567890.10},"fault":true,"cause":{"exceptions":[{"id":"1"}]}}`,
		"",
		`{"id":"000000000000000d` + head + `000000000000000c","inferred":true,"name":"db@host","sql":{"url":"jdbc"},"http":null,"error":false}`,
	} {
		if string(got[i]) != want {
			t.Errorf("document %d:\ngot  %s\nwant %s", i, got[i], want)
		}
	}
}

func TestInferNamesTheTraceOfABrokenDocument(t *testing.T) {
	for _, doc := range []string{``, `[]`, `{"a":}`} {
		if _, err := Infer(roentgen.TraceID{}, [][]byte{[]byte(doc)}, []Inference{{}}); err == nil {
			t.Errorf("%q was read", doc)
		}
	}
}
