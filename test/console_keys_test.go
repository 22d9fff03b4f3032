package test

import (
	"fmt"
	"testing"
)

// focused describes the element that has the focus, for keyboards.
const focused = `(() => {
	const e = document.activeElement;
	return e === null || e === document.body ? '' : (e.getAttribute('aria-label') || e.textContent || e.tagName).trim();
})()`

// tabTo presses Tab until an element has the focus, at most n times.
func (b *tab) tabTo(condition string, n int) {
	b.Helper()
	var seen []string
	for range n {
		b.press("Tab")
		if eval[bool](b, `Boolean((e => `+condition+`)(document.activeElement))`) {
			return
		}
		seen = append(seen, eval[string](b, focused))
	}
	b.fail("reach an element with "+condition+" by Tab", fmt.Errorf("%d steps led to %.60q", n, seen))
}

// testKeyboard goes through the console without a mouse.
func testKeyboard(t *testing.T, s *server, made traffic) {
	t.Run("every stop of Tab can be seen", func(t *testing.T) { testFocusIsSeen(t, s) })
	t.Run("from the map to a failure and back", func(t *testing.T) { testKeys(t, s, made) })
}

func testKeys(t *testing.T, s *server, made traffic) {
	b := openTab(t, s, 1280, 800)
	b.open("#/service-map")
	b.mapNode(backendName)

	b.press("g", "t")
	b.listed()
	b.press("/")
	b.wait("the filter box has the focus", `document.activeElement.dataset.testid === 'filter-box'`)
	b.write(`service("afirgen-main-backend") { fault }`)
	b.press("Enter")
	b.wait("the filter is in the address", `location.hash.includes('filter=')`)
	b.wantListed(made.Fault, made.Good)

	b.press("j")
	b.wait("a row is chosen", `document.querySelector('[role=row][aria-selected=true]') !== null`)
	b.press("Enter")
	b.see("[data-testid=trace-id]", made.Fault)

	b.press("n")
	b.see("[data-testid=trace-detail]", "Exceptions")
	chosen := b.hash()
	b.press("j")
	b.wait("another row is chosen", `decodeURIComponent(location.hash) !== `+quote(chosen))
	rows := `document.querySelectorAll('[data-testid=waterfall] [role=row]').length`
	before := eval[int](b, rows)
	b.press("{")
	b.wait("everything is collapsed", rows+` < `+fmt.Sprint(before))
	b.press("}")
	b.wait("everything is expanded", rows+` === `+fmt.Sprint(before))
	b.press("Escape", "Escape", "Escape")
	b.wait("escape leads back to the list", `location.hash.startsWith('#/traces?')`)

	b.press("?")
	help := b.see("dialog[open]", "Keyboard")
	if len(help) < 200 {
		t.Errorf("the list of keys is short: %s", help)
	}
	b.press("Escape")
	b.wait("the list of keys is away", `document.querySelector('dialog') === null`)
	b.frames()
	b.press("g", "m")
	b.mapNode(backendName)
	b.tabTo(`e.dataset.testid === 'map-node'`, 60)
	b.press("Enter")
	b.see("[data-testid=map-panel]", "")
	b.press("Escape")
	b.gone("[data-testid=map-panel]", "")

	was := eval[string](b, `getComputedStyle(document.body).backgroundColor`)
	b.press("t", "t") // from system over light to dark
	b.wait("the theme has changed", `getComputedStyle(document.body).backgroundColor !== `+quote(was))
}

// testFocusIsSeen walks every page by Tab and wants to see where it is: an
// outline, a shadow or a border that differs from the state without focus.
func testFocusIsSeen(t *testing.T, s *server) {
	b := openTab(t, s, 1280, 800)
	for _, place := range []string{"#/service-map", "#/traces"} {
		b.open(place)
		b.frames()
		for range 12 {
			b.press("Tab")
			unseen := eval[string](b, `(() => {
				const look = e => { const s = getComputedStyle(e); return [s.outlineStyle === 'none' ? '' : s.outline, s.boxShadow, s.borderColor, s.backgroundColor, s.stroke].join(); };
				const e = document.activeElement;
				if (e === document.body) return '';
				const above = []; for (let p = e; p && above.length < 4; p = p.parentElement) above.push(p);
				const around = [...above, ...e.querySelectorAll('*')].slice(0, 24);
				const on = around.map(look).join();
				e.blur();
				const off = around.map(look).join();
				e.focus({focusVisible: true});
				return on === off ? e.outerHTML.slice(0, 200) : '';
			})()`)
			if unseen != "" {
				t.Errorf("on %s the focus cannot be seen on %s", place, unseen)
			}
		}
	}
}
