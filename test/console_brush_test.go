package test

import (
	"slices"
	"strings"
	"testing"
)

// mapNode waits for the node of a service, which has no type, on the service
// map, and returns its middle.
func (b *tab) mapNode(name string) spot {
	b.Helper()
	return b.middle(`[data-testid=map-node][data-key="`+name+`"]`, name)
}

// clickNode opens the panel of a node.
func (b *tab) clickNode(name string) {
	b.Helper()
	at := b.mapNode(name)
	b.do("click node "+name, clickAt(at))
	b.see("[data-testid=map-panel]", name)
}

// brush drags over a part of a histogram, from and to as shares of its width.
func (b *tab) brush(label string, from, to float64) {
	b.Helper()
	b.see(".histogram", label)
	box := eval[struct{ X, Y, Width, Height float64 }](b, `(() => {
		const e = `+lookup(".histogram", label)+`;
		e.scrollIntoView({block: 'center'});
		const r = e.getBoundingClientRect();
		return {X: r.x, Y: r.y, Width: r.width, Height: r.height};
	})()`)
	y := box.Y + box.Height/3
	b.drag(spot{box.X + box.Width*from, y}, spot{box.X + box.Width*to, y})
}

// testBrushes chooses the slow requests with the mouse: among the traces that
// are listed, and at a node of the map.
func testBrushes(t *testing.T, s *server, made traffic) {
	t.Run("over the response times of the list", func(t *testing.T) {
		b := openTab(t, s, 1280, 800)
		b.open("#/traces")
		b.listed()
		b.brush("Response times", 0.9, 0.999)
		b.wait("the clause is in the address", `decodeURIComponent(location.hash).includes('responsetime >= ')`)
		b.wantListed(made.Slow, made.Good)
		if shown := eval[string](b, `document.querySelector('[data-testid=filter-box]').value`); !strings.HasPrefix(shown, "responsetime >= ") {
			t.Errorf("the filter box holds %q", shown)
		}
	})
	t.Run("over the response times of a node", func(t *testing.T) {
		b := openTab(t, s, 1280, 800)
		b.open("#/service-map")
		b.clickNode(backendName)
		b.brush("Response times", 0.9, 0.999)
		b.click("[data-testid=view-traces]", "")
		b.wait("the list is open", `location.hash.startsWith('#/traces?')`)
		hash := b.hash()
		if !strings.Contains(hash, "responsetime >= ") || !strings.Contains(hash, `name: "afirgen-main-backend"`) {
			t.Errorf("the address is %s, want the node with its range of response times", hash)
		}
		b.wantListed(made.Slow, made.Good)
	})
	t.Run("over time", func(t *testing.T) {
		b := openTab(t, s, 1280, 800)
		b.open("#/traces")
		before := b.listed()
		b.brush("Traces over time", 0.01, 0.5) // long before anything happened
		b.wait("the range is in the address", `decodeURIComponent(location.hash).includes('timeRange=20')`)
		b.see(".empty", "No traces")
		b.do("go back", goBack())
		if after := b.listed(); !slices.Equal(before, after) {
			t.Errorf("after going back %v are listed, before %v", after, before)
		}
	})
}
