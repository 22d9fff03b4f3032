package test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// scheme has the page drawn in a theme.
func (b *tab) scheme(theme string) {
	b.Helper()
	b.do("show in "+theme, command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
}

// speak changes the language of the page, if it is another.
func (b *tab) speak(language string) {
	b.Helper()
	if eval[string](b, `document.documentElement.lang`) != language {
		b.click("#language", "")
		b.wait("the page speaks "+language, `document.documentElement.lang === `+quote(language))
	}
}

// clerkStops are the screens of a complaint, in the order in which one comes
// to them.
type clerkStop struct {
	name string
	to   func(*tab)
}

func clerkStops(t *testing.T) []clerkStop {
	approve := func(n int) func(*tab) {
		return func(b *tab) {
			b.press("a")
			b.reviewed(n)
		}
	}
	return []clerkStop{
		{"filing", func(b *tab) {
			b.press("e")
			b.write(hindiComplaint(t))
		}},
		{"transcript", func(b *tab) {
			b.press("e")
			b.ctrlEnter()
			b.reviewed(1)
		}},
		{"summary", approve(2)}, {"sections", approve(3)}, {"narrative", approve(4)}, {"form", approve(5)},
		{"report", func(b *tab) {
			eval[bool](b, `document.querySelectorAll('details').forEach(d => d.open = d.matches('.print details') || d.open) ?? true`)
			b.do("go to the form", chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-item="3"]').focus()`))
			b.fillForm()
			b.ctrlEnter()
			b.see("h1", "KTW/")
			b.idle()
		}},
		{"letter", func(b *tab) {
			eval[bool](b, `document.activeElement.blur() ?? true`)
			b.press("n")
			b.click("label", "Photograph or PDF")
			b.see("form", "at most 25 MB")
			b.choose("input[type=file]", "../afirgen/up/samples/letter.jpg")
			b.see("#chosen", "letter.jpg")
			b.click("button", "File the complaint")
			b.reviewed(1)
			b.wait("the photograph is shown", `document.querySelector('.source img')?.naturalWidth > 0`)
		}},
		{"list", func(b *tab) {
			eval[bool](b, `document.activeElement.blur() ?? true`)
			b.press("l")
			b.see("caption", "")
			b.idle()
		}},
	}
}

// testClerkAccessible holds every screen against axe-core, and against the
// width of a small telephone at 200 % zoom.
func testClerkAccessible(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	for _, stop := range clerkStops(t) {
		stop.to(b)
		for _, theme := range []string{"light", "dark"} {
			b.scheme(theme)
			b.frames()
			checkAccessible(b, stop.name+" in "+theme)
		}
		b.speak("hi")
		checkAccessible(b, stop.name+" in Hindi")
		b.do("make the window small", chromedp.EmulateViewport(360, 640))
		b.frames()
		if wide := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s is %v px wider than a window of 360 px", stop.name, wide)
		}
		b.speak("en")
		b.do("make the window wide", chromedp.EmulateViewport(1280, 800))
	}
	b.press("?")
	b.see("dialog[open]", "Keys")
	checkAccessible(b, "the list of keys")
	b.press("Escape")
}

// testClerkScreenshots takes pictures, in ordinary runs into a directory that
// goes with the test. CLERK_SHOTS names one that stays, for people to look at.
func testClerkScreenshots(t *testing.T, a *afirgen) {
	dir, kept := t.TempDir(), map[string]bool{}
	if *rewriteScreenshots {
		dir = filepath.Join("..", "docs", "images")
		kept = map[string]bool{"sections-en-light-1280": true, "form-hi-light-1280": true, "report-en-dark-390": true}
	}
	if own := os.Getenv("CLERK_SHOTS"); own != "" {
		dir = own
	}
	b := clerkTab(t, a, 1280, 800)
	for _, stop := range clerkStops(t) {
		stop.to(b)
		for _, look := range []struct {
			language, theme string
			width, height   int64
		}{{"en", "light", 1280, 800}, {"en", "dark", 1280, 800}, {"en", "light", 390, 844}, {"en", "dark", 390, 844}, {"hi", "light", 1280, 800}, {"hi", "dark", 390, 844}} {
			name := fmt.Sprintf("%s-%s-%s-%d", stop.name, look.language, look.theme, look.width)
			if len(kept) > 0 && !kept[name] {
				continue
			}
			b.speak(look.language)
			b.scheme(look.theme)
			b.do("set the width", chromedp.EmulateViewport(look.width, look.height))
			keepScreenshot(b, filepath.Join(dir, "clerk-"+name+".png"))
		}
		b.speak("en")
		b.do("set the width back", chromedp.EmulateViewport(1280, 800))
	}
}
