package test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// openPage loads a page of the documentation.
func (b *tab) openPage(page string) {
	b.Helper()
	b.do("open /docs/"+page, chromedp.Navigate(b.base+"/docs/"+page))
	b.wait("the page stands", `document.readyState === 'complete' && document.querySelector('article h1') !== null`)
}

// TestDocumentationInABrowser reads the documentation as people do: the search, the theme, the keyboard, wide and narrow.
func TestDocumentationInABrowser(t *testing.T) {
	s := startServer(t, t.TempDir())
	t.Run("pages are accessible and fit", func(t *testing.T) {
		for theme, width := range map[string]int64{"light": 400, "dark": 1280} {
			b := openTab(t, s, width, 900)
			b.openPage("")
			eval[bool](b, `localStorage.setItem('roentgen.theme', '`+theme+`'); true`)
			for _, page := range []string{"", "agent", "guides/five-minutes", "claims", "protocol/document"} {
				b.openPage(page)
				where := fmt.Sprintf("/docs/%s in %s, %d wide", page, theme, width)
				checkAccessible(b, where)
				if y := eval[float64](b, `scrollY`); y != 0 {
					t.Errorf("%s: the page opens %v pixels below its top", where, y)
				}
				if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s: the page is %d wide", where, wide)
				}
				keepShot(b, fmt.Sprintf("docs-%s-%s-%d", strings.ReplaceAll(page, "/", "-"), theme, width))
			}
		}
	})
	t.Run("the search leads to a heading", func(t *testing.T) {
		b := openTab(t, s, 1280, 900)
		b.openPage("agent")
		b.press("/")
		b.write("settings preced")
		b.see(".results li", "Settings and their precedence")
		keepShot(b, "docs-search")
		b.press("ArrowDown", "Enter")
		b.wait("the heading is in the address", `location.hash === '#settings-and-their-precedence' && document.readyState === 'complete'`)
		b.press("/")
		b.selectAll()
		b.write("nosuchwordanywhere")
		b.see(".results [role=status]", "Nothing has all these words")
		b.press("Escape")
		b.gone(".results", "")
	})
	t.Run("the console leads here, and back, in one theme", func(t *testing.T) {
		b := openTab(t, s, 1280, 900)
		b.open("#/traces")
		b.click("header nav a", "Docs")
		b.see("article h1", "Documentation")
		b.click(".theme", "Auto")
		b.click(".theme", "Light")
		if theme := eval[string](b, `document.documentElement.dataset.theme`); theme != "dark" {
			t.Errorf("the theme is %q, want dark", theme)
		}
		b.click(".console", "Console")
		b.wait("the console is dark too", `document.documentElement.dataset.theme === 'dark' && document.querySelector('main') !== null`)
	})
}

// TestDocumentationIsOpenToAll asks without a token where one is wanted for all else.
func TestDocumentationIsOpenToAll(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("alice 0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, t.TempDir(), "--auth-file", tokens)
	for path, want := range map[string]int{"/docs/": 200, "/docs": 200, "/docs/search.json": 200, "/docs/gone": 404, "/metrics": 401, "/api/agents": 401} {
		resp, err := client.Get(s.HTTP + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != want {
			t.Errorf("GET %s: %d, want %d: %.100s", path, resp.StatusCode, want, text)
		}
	}
	resp, err := client.Post(s.HTTP+"/docs/", "text/plain", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		t.Error("POST /docs/ is answered with 200")
	}
}

// keepShot keeps a picture where SHOTS names a folder, for people to look at.
func keepShot(b *tab, name string) {
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), b.screenshot(), 0o644); err != nil {
		b.Error(err)
	}
}
