package test

import (
	"regexp"
	"strings"
	"testing"
)

// testFromMapToStack goes the way of somebody on call: the map shows which
// service fails, the list which requests, the trace why.
func testFromMapToStack(t *testing.T, s *server, made traffic) {
	b := openTab(t, s, 1280, 800)
	b.open("")
	b.clickNode(backendName)
	b.click("[data-testid=outcome-fault]", "")
	b.click("[data-testid=view-traces]", "")
	b.wait("the list is open", `location.hash.startsWith('#/traces?')`)
	filter := eval[string](b, `document.querySelector('[data-testid=filter-box]').value`)
	if !strings.Contains(filter, `name: "afirgen-main-backend"`) {
		t.Errorf("the filter box holds %q, want the node in it", filter)
	}
	b.wantListed(made.Fault, made.Good)
	b.click(`a.trace-link[href*="`+made.Fault+`"]`, "")
	b.see("[data-testid=trace-id]", made.Fault)
	b.see("[data-testid=trace-status]", "503")
	b.press("n") // the next failure
	b.wait("the segment is in the address", `location.hash.includes('segment=')`)
	said := b.see("[data-testid=trace-detail]", "Exceptions")
	for _, want := range []string{"afirgen-gguf-server cannot be reached", "connection refused", "503"} {
		if !strings.Contains(said, want) {
			t.Errorf("the details of the failure do not say %q: %s", want, said)
		}
	}
	frame := b.see(".trace-stack li", "")
	if !regexp.MustCompile(`\.go:\d+`).MatchString(frame) {
		t.Errorf("the first frame of the stack is %q, want a file and a line", frame)
	}
	t.Run("the address leads a colleague to the same segment", func(t *testing.T) {
		other := openTab(t, s, 1280, 800)
		other.open(eval[string](b, `location.hash`))
		other.see(".trace-stack li", "")
	})
}
