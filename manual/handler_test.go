package manual

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// site is the manual behind one handler.
type site struct{ http.Handler }

// open is the site of all tests: the first that asks has every page rendered and compressed.
var open = sync.OnceValue(func() site { return site{Handler()} })

func (s site) get(t *testing.T, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func (s site) text(t *testing.T, target string) string {
	t.Helper()
	r := s.get(t, target)
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v\n%s", target, r.StatusCode, err, b)
	}
	return string(b)
}

var (
	references = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	namedIDs   = regexp.MustCompile(` id="([^"]*)"`)
)

// TestEveryLinkOfEveryPageIsAnswered walks from the first page to all others as a browser would.
func TestEveryLinkOfEveryPageIsAnswered(t *testing.T) {
	s := open()
	pages, seen, todo := map[string]string{}, map[string]bool{"/docs/": true}, []string{"/docs/"}
	type anchor struct{ page, target, id string }
	var anchors []anchor
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		r := s.get(t, at)
		content, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %d, %v", at, r.StatusCode, err)
			continue
		}
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages[at] = string(content)
		here, _ := url.Parse(at)
		for _, m := range references.FindAllStringSubmatch(string(content), -1) {
			to, err := here.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err != nil {
				t.Errorf("%s refers to %s: %v", at, m[1], err)
				continue
			}
			if to.Host != "" || to.Path == "/" {
				continue
			}
			if to.Fragment != "" {
				anchors = append(anchors, anchor{at, to.Path, to.Fragment})
			}
			if !seen[to.Path] {
				seen[to.Path] = true
				todo = append(todo, to.Path)
			}
		}
	}
	for _, a := range anchors {
		found := false
		for _, m := range namedIDs.FindAllStringSubmatch(pages[a.target], -1) {
			found = found || m[1] == a.id
		}
		if !found {
			t.Errorf("%s links to %s#%s, which is not there", a.page, a.target, a.id)
		}
	}
	if want := len(built(t).pages); len(pages) != want {
		t.Errorf("the walk comes by %d pages of %d", len(pages), want)
	}
}

func TestNoPageFetchesFromElsewhere(t *testing.T) {
	s := open()
	outsideLink := regexp.MustCompile(`<a href="https?://[^"]*" class="outside" rel="noopener noreferrer">`)
	for name, page := range built(t).pages {
		text := s.text(t, "/docs/"+page.Address)
		for _, m := range regexp.MustCompile(`<[^>]*(?:href|src|action)="(?:https?:)?//[^>]*>`).FindAllString(text, -1) {
			if !outsideLink.MatchString(m) && !strings.HasPrefix(m, `<a href="http`) {
				t.Errorf("%s refers to elsewhere: %s", name, m)
			}
		}
		for _, bad := range []string{" style=", "<style", "javascript:", " onclick", "raw HTML omitted"} {
			if strings.Contains(regexp.MustCompile(`(?s)<code[^>]*>.*?</code>`).ReplaceAllString(text, ""), bad) {
				t.Errorf("%s has %q, which the policy blocks", name, bad)
			}
		}
		if n := strings.Count(text, "<h1"); n != 1 {
			t.Errorf("%s has %d first headings", name, n)
		}
	}
}

func TestAnswersAreGuardedTaggedAndCompressed(t *testing.T) {
	s := open()
	r := s.get(t, "/docs/", "Accept-Encoding", "gzip")
	if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if _, err := gzip.NewReader(r.Body); err != nil {
		t.Error(err)
	}
	if again := s.get(t, "/docs/", "Accept-Encoding", "gzip", "If-None-Match", r.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("what the browser holds is answered with %d", again.StatusCode)
	}
	for _, target := range []string{"/docs/", "/docs", "/docs/manual.js", "/docs/gone"} {
		got := s.get(t, target).Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'") ||
			strings.Contains(got, "unsafe") || strings.Contains(got, "http") {
			t.Errorf("%s has the policy %q", target, got)
		}
	}
	for _, m := range regexp.MustCompile(`manual\.(?:css|js)\?v=[0-9a-f]{16}`).FindAllString(s.text(t, "/docs/agent"), -1) {
		if got := s.get(t, "/docs/"+m).Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %s", m, got)
		}
	}
}

func TestOtherNamesOfAPageLeadToIt(t *testing.T) {
	s := open()
	for target, want := range map[string]string{
		"/docs": "docs/", "/docs/agent.md": "agent", "/docs/decisions": "decisions/", "/docs/decisions/README.md": "../decisions/", "/docs/README.md": "./",
	} {
		r := s.get(t, target)
		if r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", target, r.StatusCode, r.Header.Get("Location"), want)
		}
	}
	for _, target := range []string{"/docs/gone", "/docs/docs.go", "/docs/../go.mod", "/docs//", "/docs/agent/", "/docs/%3Cscript%3E"} {
		if r := s.get(t, target); r.StatusCode != http.StatusNotFound || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s, want 404 in plain text", target, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
}

// The budget of a page with styles and script: a fifth of the console's.
func TestAPageIsSmall(t *testing.T) {
	const budget = 30_000
	s := open()
	size := 0
	for _, target := range []string{"/docs/", "/docs/manual.css", "/docs/manual.js"} {
		b, err := io.ReadAll(s.get(t, target, "Accept-Encoding", "gzip").Body)
		if err != nil {
			t.Fatal(err)
		}
		size += len(b)
	}
	t.Logf("first load: %d bytes compressed, of %d", size, budget)
	if size > budget {
		t.Errorf("the first load takes %d bytes, the budget is %d", size, budget)
	}
}

func TestTheSearchKnowsEveryHeading(t *testing.T) {
	s := open()
	var all struct {
		Pages []struct{ Address, Title, Section string }
		Parts [][]any
	}
	if err := json.Unmarshal([]byte(s.text(t, "/docs/search.json")), &all); err != nil {
		t.Fatal(err)
	}
	m := built(t)
	parts := 0
	for _, p := range m.pages {
		parts += len(p.Parts)
	}
	if len(all.Pages) != len(m.pages) || len(all.Parts) != parts {
		t.Errorf("the search knows %d pages and %d parts, of %d and %d", len(all.Pages), len(all.Parts), len(m.pages), parts)
	}
	text, _ := io.ReadAll(s.get(t, "/docs/search.json", "Accept-Encoding", "gzip").Body)
	t.Logf("the search's index: %d bytes compressed", len(text))
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(); err != nil {
			b.Fatal(err)
		}
	}
}
