package test

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var rewriteScreenshots = flag.Bool("rewrite-screenshots", false, "write the screenshots in docs/images anew; look at them")

// testScreenshots takes the pictures of the documentation, in ordinary runs
// into a directory that goes with the test: that pages can be drawn is tested
// every time, and the pictures change only when somebody wants that.
func testScreenshots(t *testing.T, s *server, made traffic) {
	dir := t.TempDir()
	if *rewriteScreenshots {
		dir = filepath.Join("..", "docs", "images")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, width := range []int64{1280, 1920} {
		for _, theme := range []string{"light", "dark"} {
			b := openTab(t, s, width, width*5/8)
			for _, page := range pagesOf(made) {
				page.show(b, theme)
				path := filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", page.name, theme, width))
				keepScreenshot(b, path)
			}
		}
	}
}

func keepScreenshot(b *tab, path string) {
	b.Helper()
	b.do("take the pointer away", moveMouse(0, 0))
	b.frames()
	image := b.screenshot()
	drawn, err := png.Decode(bytes.NewReader(image))
	if err != nil {
		b.Fatal(err)
	}
	colours := map[any]bool{}
	for y := drawn.Bounds().Min.Y; y < drawn.Bounds().Max.Y; y += 3 {
		for x := drawn.Bounds().Min.X; x < drawn.Bounds().Max.X; x += 3 {
			colours[drawn.At(x, y)] = true
		}
	}
	if len(colours) < 20 {
		b.Errorf("%s has %d colours: nothing is drawn there", filepath.Base(path), len(colours))
	}
	if err := os.WriteFile(path, image, 0o644); err != nil {
		b.Fatal(err)
	}
}

// consolePage is a page with what makes it worth a look.
type consolePage struct {
	name  string
	place string // after # and before the parameters
	query string // parameters
	ready func(*tab)
}

func (p consolePage) show(b *tab, theme string) {
	b.Helper()
	b.open("#" + p.place + "?theme=" + theme + p.query)
	p.ready(b)
	b.wait("the theme is "+theme, `getComputedStyle(document.documentElement).colorScheme.includes(`+quote(theme)+`)`)
}

// pagesOf are the pages of the console over real traffic.
func pagesOf(made traffic) []consolePage {
	return []consolePage{
		{"map", "/service-map", "&timeRange=PT5M", func(b *tab) { b.clickNode(backendName) }},
		{"traces", "/traces", "&timeRange=PT5M", func(b *tab) { b.listed() }},
		{"trace", "/traces/" + made.Fault, "", func(b *tab) {
			b.see("[data-testid=trace-id]", made.Fault)
			b.press("n")
			b.see("[data-testid=trace-detail]", "Exceptions")
		}},
	}
}
