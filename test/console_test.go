package test

import (
	"slices"
	"strings"
	"testing"
)

// TestConsole looks at what AFIRGen did through the console, in a real
// browser, by mouse and keyboard. One run of AFIRGen serves all of it.
func TestConsole(t *testing.T) {
	a, made := makeTraffic(t)
	t.Run("from the map to the stack of what failed", func(t *testing.T) { testFromMapToStack(t, a.server, made) })
	t.Run("filters", func(t *testing.T) { testFilters(t, a.server, made) })
	t.Run("a brush becomes a filter", func(t *testing.T) { testBrushes(t, a.server, made) })
	t.Run("by keyboard alone", func(t *testing.T) { testKeyboard(t, a.server, made) })
	t.Run("accessible in both themes", func(t *testing.T) { testAccessible(t, a.server, made) })
	t.Run("screenshots", func(t *testing.T) { testScreenshots(t, a.server, made) })
}

// filterBy writes an expression into the filter box and runs it.
func (b *tab) filterBy(expression string) {
	b.Helper()
	b.click("[data-testid=filter-box]", "")
	b.selectAll()
	b.write(expression)
	b.press("Enter")
	b.wait("the filter is in the address", `new URLSearchParams(location.hash.split('?')[1]).get('filter') === `+quote(expression))
}

// frames lets the page draw twice.
func (b *tab) frames() {
	b.Helper()
	eval[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// listed waits until the list has been read to its end and returns the ids
// of the traces in it, in the order of their rows.
func (b *tab) listed() []string {
	b.Helper()
	b.frames()
	b.see("[data-testid=traces-progress]", "the whole time range")
	return eval[[]string](b, `[...document.querySelectorAll('[data-testid=trace-rows] a.trace-link')]
		.map(a => a.hash.match(/1-[0-9a-f]{8}-[0-9a-f]{24}/)[0])`)
}

// wantListed holds the list against a trace that belongs there and one that
// does not.
func (b *tab) wantListed(in, out string) {
	b.Helper()
	ids := b.listed()
	if !slices.Contains(ids, in) {
		b.Errorf("trace %s is not listed for %s; there are %v", in, b.hash(), ids)
	}
	if slices.Contains(ids, out) {
		b.Errorf("trace %s is listed for %s", out, b.hash())
	}
}

// testFilters types the four filters that are promised, and one whose normal
// form differs from it.
func testFilters(t *testing.T, s *server, made traffic) {
	for _, c := range []struct {
		filter, normal string
		in, out        string
	}{
		{`service("afirgen-main-backend") AND responsetime > 5`, "", made.Slow, made.Good},
		{`service("afirgen-main-backend") AND error = true`, "", made.Refused, made.Good},
		{`annotation.model_name = "summariser"`, "", made.Summary, made.Refused},
		{`annotation.endpoint = "/process"`, "", made.Good, made.Nowhere},
		{`service("afirgen-main-backend"){fault}!ok`, `service("afirgen-main-backend") { fault } AND !ok`, made.Fault, made.Good},
	} {
		t.Run(c.filter, func(t *testing.T) {
			b := openTab(t, s, 1280, 800)
			b.open("#/traces")
			if ids := b.listed(); !slices.Contains(ids, c.in) || !slices.Contains(ids, c.out) {
				t.Fatalf("without a filter %v are listed, want %s and %s among them", ids, c.in, c.out)
			}
			b.filterBy(c.filter)
			b.wantListed(c.in, c.out)
			if c.normal != "" {
				b.see("[data-testid=filter-normal]", c.normal)
			}
		})
	}
	t.Run("what was perhaps meant is offered", func(t *testing.T) { testOffer(t, s, made) })
	t.Run("a mistake is underlined and explained", func(t *testing.T) { testMistake(t, s) })
	t.Run("a trace id opens the trace", func(t *testing.T) {
		b := openTab(t, s, 1280, 800)
		b.open("#/traces")
		b.click("[data-testid=filter-box]", "")
		b.write(made.Letter)
		b.press("Enter")
		b.see("[data-testid=trace-id]", made.Letter)
	})
}

func testOffer(t *testing.T, s *server, made traffic) {
	b := openTab(t, s, 1280, 800)
	b.open("#/traces")
	b.filterBy(`service("afirgen-main-backend") AND error = true`)
	b.wantListed(made.Refused, made.Fault)
	b.click("[data-testid=filter-offer] button", "")
	b.wait("the offer is the filter", `decodeURIComponent(location.hash).includes('{ error OR fault }')`)
	b.wantListed(made.Fault, made.Good)
}

func testMistake(t *testing.T, s *server) {
	b := openTab(t, s, 1280, 800)
	b.forgive("status of 400") // the list is asked with the mistake when the address is opened so
	b.open("#/traces")
	b.listed()
	b.click("[data-testid=filter-box]", "")
	b.write(`service("afirgen-main-backend") AND responsetme > 5`)
	b.see("[data-testid=filter-error]", "responsetme")
	if got := eval[string](b, `[...document.querySelectorAll('.hl-wrong')].map(e => e.textContent).join('')`); !strings.Contains(got, "responsetme") {
		t.Errorf("%q is underlined, want responsetme", got)
	}
	if invalid := eval[string](b, `document.querySelector('[data-testid=filter-box]').getAttribute('aria-invalid')`); invalid != "true" {
		t.Errorf("aria-invalid is %q", invalid)
	}
}
