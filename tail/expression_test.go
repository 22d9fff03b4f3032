package tail

import (
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/wire"
)

// What expressions see of one document, folded as an agent folds it. docs/triggers.md says the same.
func TestExpressionsOverOneDocument(t *testing.T) {
	const root = `{"name":"checkout","id":"53995c3f42cd8ad8","trace_id":"1-6a99b1a2-0123456789abcdef01234567","start_time":1780000000,` +
		`"end_time":1780000003,"annotations":{"method":"upi"},"http":{"request":{"url":"https://shop.example/pay"},"response":{"status":200}},` +
		`"subsegments":[{"name":"ledger","id":"53995c3f42cd8ad9","start_time":1780000000,"end_time":1780000002,"namespace":"remote","fault":true}]}`
	const callee = `{"name":"payments","id":"53995c3f42cd8ae0","trace_id":"1-6a99b1a2-0123456789abcdef01234567","parent_id":"53995c3f42cd8ad9",` +
		`"start_time":1780000000,"end_time":1780000003,"annotations":{"method":"upi"}}`
	for _, c := range []struct {
		doc, expression string
		want            bool
	}{
		{root, `responsetime > 2`, true},
		{root, `annotation.method = "upi"`, true},
		{root, `http.url BEGINSWITH "https://shop.example/"`, true},
		{root, `service("checkout") { responsetime > 2 }`, true},
		{root, `service("payments")`, false},
		{root, `edge("checkout", "ledger") { fault }`, true},
		{callee, `annotation.method = "upi"`, true},
		{callee, `service("payments") { responsetime > 2 }`, true},
		{callee, `responsetime > 2`, true}, // outside of braces the document itself is meant
		{callee, `duration > 2`, true},
		{callee, `duration > 4`, false},
		{callee, `service("checkout")`, false},
	} {
		seg, err := wire.ParseDocument([]byte(c.doc), wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		folder := graph.NewFolder(graph.Options{})
		ts := Triggers{Triggers: []Trigger{mustTrigger(t, "x", "filter: "+c.expression)}}
		if _, got := ts.First(seg, func() *roentgen.Rows { return folder.Alone(seg, seg.End) }); got != c.want {
			t.Errorf("%s of %s: %v", c.expression, seg.Name, got)
		}
	}
}
