package redact

import "testing"

// What the load generators send holds nobody's data.
func TestNothingIsFoundWhereNothingIs(t *testing.T) {
	r := newDefault(t)
	for _, doc := range loadDocuments(t) {
		out, c := r.Document(nil, doc)
		if c != (Counts{}) || &out[0] != &doc[0] || len(out) != len(doc) {
			t.Errorf("%+v in %s\nbecame %s", c, doc, out)
		}
	}
}
