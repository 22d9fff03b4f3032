package verify

import (
	"testing"
)

func TestAnnotationsAreHeldAgainstTheContract(t *testing.T) {
	for _, c := range []struct {
		title  string
		change func(backend, model doc)
		says   string
	}{
		{"a text where a number belongs", func(_, m doc) { m["annotations"].(doc)["max_tokens"] = "100" }, "annotation max_tokens: want number"},
		{"a number where a text belongs", func(b, _ doc) { b["annotations"].(doc)["session_id"] = 7 }, "annotation session_id: want string"},
		{"a key that nobody promised", func(b, _ doc) { b["annotations"].(doc)["error"] = true }, "annotation error: want a key of the contract"},
		{"a status that is not the answer's", func(b, _ doc) { b["annotations"].(doc)["status_code"] = 201 }, "annotation status_code: want 200, got 201"},
		{"a failure that calls itself a success", func(b, _ doc) { b["annotations"].(doc)["has_error"] = true }, "annotation has_error: want false, got true"},
		{"an error_type of a success", func(b, _ doc) { b["annotations"].(doc)["error_type"] = "no_input" }, "annotation error_type is there: want false, got true"},
		{"metadata of another type", func(_, m doc) { m["metadata"] = doc{"debug": doc{"engine": 1}} }, "metadata debug.engine: want string"},
	} {
		t.Run(c.title, func(t *testing.T) {
			backend, model := step()
			c.change(backend, model)
			var f findings
			for _, n := range trace(t, backend, model).nodes {
				typed(&f, n)
			}
			wantFinding(t, f, c.says)
		})
	}
}

func TestEveryPlaceHasToBeThereWithWhatItPromises(t *testing.T) {
	backend, model := step()
	delete(model["annotations"].(doc), "queue_wait_ms")
	delete(model["metadata"].(doc)["debug"].(doc), "tokenizer")
	var f findings
	promised(&f, []*Trace{trace(t, backend, model)})
	for _, says := range []string{
		"segment afirgen-gguf-server: annotation queue_wait_ms: want number, got nothing",
		"segment afirgen-gguf-server: metadata debug.tokenizer: want string, got nothing",
		"a reading of a letter: in the traces of a typed complaint and a letter: want at least one, got 0",
	} {
		wantFinding(t, f, says)
	}
}

// The tables name each other: a place cannot ask for what has no type.
func TestEveryPromiseHasAType(t *testing.T) {
	for _, p := range places() {
		for _, key := range p.annotations {
			if annotations[key] == "" {
				t.Errorf("%s: annotation %s has no type", p.name, key)
			}
		}
		for _, key := range p.metadata {
			if metadata[key] == "" {
				t.Errorf("%s: metadata %s has no type", p.name, key)
			}
		}
	}
}

func TestWhatPeopleWroteIsFoundWhereverItStands(t *testing.T) {
	p := newPrivate()
	p.add("", "On 12 March at 9.40 p.m. I parked my motorcycle, in front of the market.", true)
	p.add("", "श्रद्धा कृष्णमूर्ति गाँधी मार्ग की रहने वाली हूँ।", true)
	p.word("Meera Kulkarni")
	for _, c := range []struct {
		title string
		doc   any
		where string
	}{
		{"words in a row, in other case", map[string]any{"metadata": map[string]any{"debug": map[string]any{"x": "I PARKED my motorcycle in the yard"}}}, ".metadata.debug.x"},
		{"Hindi", map[string]any{"cause": []any{map[string]any{"message": "x: कृष्णमूर्ति गाँधी मार्ग की"}}}, ".cause[0].message"},
		{"a name", map[string]any{"user": "Meera Kulkarni"}, ".user"},
		{"a key", map[string]any{"annotations": map[string]any{"Meera Kulkarni": 1}}, ".annotations.(a key)"},
	} {
		if got := p.leaks(c.doc); len(got) != 1 || got[0] != c.where {
			t.Errorf("%s: found at %q, want %q", c.title, got, c.where)
		}
	}
	clean := map[string]any{"name": "afirgen-main-backend", "sql": "SELECT my, motorcycle FROM market", "n": 12.0, "list": []any{"in front of a house"}}
	if got := p.leaks(clean); len(got) != 0 {
		t.Errorf("found %q where nothing is", got)
	}
}
