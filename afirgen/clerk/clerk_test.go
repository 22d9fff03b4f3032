package clerk

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	web.Routes(Routes()...).ServeHTTP(w, r)
	return w.Result()
}

func TestEveryPartIsServed(t *testing.T) {
	entries, err := page.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	for _, e := range entries {
		path := "/app/" + e.Name()
		if e.Name() == index {
			path = "/"
		}
		resp := get(t, path)
		want, err := page.ReadFile("page/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK || string(got) != string(want) {
			t.Errorf("%s: status %d, %d bytes, want %d", path, resp.StatusCode, len(got), len(want))
		}
		if got, want := resp.Header.Get("Content-Type"), types[e.Name()[strings.LastIndex(e.Name(), ".")+1:]]; got != want {
			t.Errorf("%s: Content-Type is %q, want %q", path, got, want)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control is %q", path, got)
		}
		if !Owns(path) {
			t.Errorf("%s is not the page's own", path)
		}
		again := get(t, path, "If-None-Match", resp.Header.Get("ETag"))
		if left, _ := io.ReadAll(again.Body); again.StatusCode != http.StatusNotModified || len(left) > 0 {
			t.Errorf("%s: asked again with its ETag it is %d with %d bytes", path, again.StatusCode, len(left))
		}
		packed := get(t, path, "Accept-Encoding", "gzip, br")
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if plain, err := io.ReadAll(r); err != nil || string(plain) != string(want) {
			t.Errorf("%s: unpacked it is another: %v", path, err)
		}
		if packed.Header.Get("ETag") == resp.Header.Get("ETag") {
			t.Errorf("%s: packed and plain have one ETag", path)
		}
	}
}

func TestNothingElseIsTheClerks(t *testing.T) {
	for _, path := range []string{"/process", "/fir/KTW/0001/2026", "/health", "/app", "/apps/x", "/session/x"} {
		if Owns(path) {
			t.Errorf("%s would be open", path)
		}
	}
	for _, path := range []string{"/app/nothing.js", "/app/", "/app/..%2fclerk.go", "/app/page%2fapp.js"} {
		if resp := get(t, path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}

// inline is what the content policy would refuse, or what would parse a text that somebody wrote.
var inline = regexp.MustCompile(`(?i)<style|style=|\son[a-z]+="|javascript:|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://(?:www\.w3\.org)?`)

func TestThePageHoldsNothingInlineAndNothingForeign(t *testing.T) {
	for name, a := range load() {
		for _, found := range inline.FindAllString(string(a.plain), -1) {
			if found != "http://www.w3.org" { // the name of SVG
				t.Errorf("%s holds %q", name, found)
			}
		}
		if name == index && strings.Count(string(a.plain), "<script") != 1 {
			t.Errorf("the page has more scripts than one")
		}
	}
}

var imported = regexp.MustCompile(`from '\./([a-z]+\.js)'`)

func TestEveryImportIsThere(t *testing.T) {
	assets := load()
	for name, a := range assets {
		for _, m := range imported.FindAllStringSubmatch(string(a.plain), -1) {
			if _, ok := assets[m[1]]; !ok {
				t.Errorf("%s imports %s, which is not embedded", name, m[1])
			}
		}
	}
}
