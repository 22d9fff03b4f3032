package test

import (
	"net/url"
	"os"
	"strings"
	"testing"
)

// finding is a rule of axe-core that a page breaks.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string
		Target  []any
		Summary string `json:"failureSummary"`
	}
}

// checkAccessible holds what is seen against axe-core: nothing serious, and
// nothing critical.
func checkAccessible(b *tab, where string) {
	b.Helper()
	source, err := os.ReadFile("node/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.Fatalf("axe-core is not installed; run `npm ci` in test/node, or `make test`: %v", err)
	}
	eval[bool](b, string(source)+"; true")
	found := eval[[]finding](b, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)`)
	for _, f := range found {
		if f.Impact != "serious" && f.Impact != "critical" {
			b.Logf("%s: %s finding %s: %s", where, f.Impact, f.ID, f.Help)
			continue
		}
		for _, n := range f.Nodes {
			b.Errorf("%s: %s: %s (%s)\n  at %v: %.200s\n  %s", where, f.Impact, f.Help, f.ID, n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n  "))
		}
	}
}

// testAccessible holds every page, and what opens over it, against axe-core
// in both themes.
func testAccessible(t *testing.T, s *server, made traffic) {
	pages := append(pagesOf(made),
		consolePage{"the whole map", "/service-map", "", func(b *tab) { b.mapNode(backendName) }},
		consolePage{"the map as a list", "/service-map", "", func(b *tab) {
			b.mapNode(backendName)
			b.click("button", "List")
			b.see("[data-testid=map-lists]", backendName)
		}},
		consolePage{"an empty list", "/traces", "&filter=" + url.QueryEscape(`user = "nobody"`), func(b *tab) { b.see(".empty", "No trace matches") }},
		consolePage{"the list of keys", "/traces", "", func(b *tab) {
			b.listed()
			b.press("?")
			b.see("dialog[open]", "Keyboard")
		}},
		consolePage{"the time range", "/traces", "", func(b *tab) {
			b.listed()
			b.click("[data-testid=time-range]", "")
			b.see("[role=dialog]", "")
		}},
		consolePage{"completions", "/traces", "", func(b *tab) {
			b.listed()
			b.click("[data-testid=filter-box]", "")
			b.write("service(")
			b.see("[data-testid=filter-completions]", backendName)
		}},
		consolePage{"a chosen trace", "/traces", "", func(b *tab) {
			b.listed()
			b.press("j")
			b.see("[role=row][aria-selected=true]", "")
		}},
		consolePage{"the raw trace", "/traces/" + made.Letter + "/raw", "", func(b *tab) { b.see("main h1", made.Letter) }},
		consolePage{"a trace that is not there", "/traces/" + newTraceID(), "", func(b *tab) { b.see("main", "No trace with this id") }},
	)
	for _, theme := range []string{"light", "dark"} {
		b := openTab(t, s, 1280, 800)
		for _, page := range pages {
			page.show(b, theme)
			b.frames()
			checkAccessible(b, page.name+" in "+theme)
		}
	}
}
