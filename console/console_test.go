package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is the handler of all tests: making one compresses every file.
var served = sync.OnceValue(Handler)

func ask(t *testing.T, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	served().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("read the body: %v", err)
	}
	return string(b)
}

func TestEveryFileTheyNameIsServedWithItsType(t *testing.T) {
	for path, want := range map[string]struct{ contentType, content string }{
		"/":                 {"text/html; charset=utf-8", indexHTML},
		"/index.html":       {"text/html; charset=utf-8", indexHTML},
		"/app.js":           {"text/javascript; charset=utf-8", appJS},
		"/app.css":          {"text/css; charset=utf-8", appCSS},
		"/layout.worker.js": {"text/javascript; charset=utf-8", layoutWorkerJS},
	} {
		r := ask(t, "GET", path)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != want.contentType {
			t.Errorf("GET %s: %d %s, want 200 %s", path, r.StatusCode, r.Header.Get("Content-Type"), want.contentType)
		}
		if got := body(t, r); got != want.content || got == "" {
			t.Errorf("GET %s: %d bytes, want the file's %d", path, len(got), len(want.content))
		}
	}
}

func TestUnknownPathsAreNotFoundAndStillGuarded(t *testing.T) {
	for _, path := range []string{"/favicon.ico", "/dist/app.js", "/web/build.go", "/..%2fconsole.go", "/app.js/", "/api/x", "//"} {
		r := ask(t, "GET", path)
		if r.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, r.StatusCode)
		}
		if r.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("GET %s: no content security policy", path)
		}
	}
	r := ask(t, "GET", "/%3Cscript%3E")
	if got := r.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
		t.Errorf("a path with markup is answered as %s, want text/plain", got)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		r := ask(t, method, "/app.js")
		if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d Allow %q, want 405 GET, HEAD", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
	r := ask(t, "HEAD", "/app.js")
	if r.StatusCode != http.StatusOK || body(t, r) != "" || r.ContentLength <= 0 {
		t.Errorf("HEAD: %d with length %d, want 200 with a length and no body", r.StatusCode, r.ContentLength)
	}
}

func TestThePolicyAllowsThisServerAlone(t *testing.T) {
	r := ask(t, "GET", "/")
	got := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
		"worker-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the policy %q lacks %s", got, want)
		}
	}
	for _, bad := range []string{"unsafe", "http:", "https:", "blob:"} {
		if strings.Contains(got, bad) {
			t.Errorf("the policy %q has %s", got, bad)
		}
	}
	if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers: %v", r.Header)
	}
}

func TestThePageHasNothingThatThePolicyBlocks(t *testing.T) {
	for _, bad := range []string{" style=", "<style", " onclick", " onload", "javascript:", "http://localhost", "https://"} {
		if strings.Contains(indexHTML, bad) {
			t.Errorf("index.html has %q", bad)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(indexHTML) {
		t.Error("index.html has a script of its own")
	}
}

func TestThePageNamesFilesByTheirContent(t *testing.T) {
	names := regexp.MustCompile(`(?:src|href)="(app\.(?:js|css)\?v=[0-9a-f]{16})"`).FindAllStringSubmatch(indexHTML, -1)
	if len(names) != 2 {
		t.Fatalf("index.html names %d files with a version, want 2; build the console again (console/web/README.md)", len(names))
	}
	for _, n := range names {
		r := ask(t, "GET", "/"+n[1])
		if got := r.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("GET %s: Cache-Control %q, want immutable; index.html is of another build than the file", n[1], got)
		}
	}
}

func TestOtherAddressesAreAskedAgain(t *testing.T) {
	for _, target := range []string{"/", "/app.js", "/app.js?v=0000000000000000", "/layout.worker.js"} {
		if got := ask(t, "GET", target).Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("GET %s: Cache-Control %q, want no-cache", target, got)
		}
	}
}

func TestWhatTheBrowserHoldsIsNotSentAgain(t *testing.T) {
	tag := ask(t, "GET", "/app.js").Header.Get("ETag")
	zipped := ask(t, "GET", "/app.js", "Accept-Encoding", "gzip").Header.Get("ETag")
	if tag == "" || tag == zipped {
		t.Fatalf("tags %s and %s, want two", tag, zipped)
	}
	for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		r := ask(t, "GET", "/app.js", "If-None-Match", held)
		if r.StatusCode != http.StatusNotModified || body(t, r) != "" {
			t.Errorf("If-None-Match %s: %d, want 304", held, r.StatusCode)
		}
		if r.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("If-None-Match %s: no policy", held)
		}
	}
	for _, held := range []string{`"other"`, zipped, ""} {
		if r := ask(t, "GET", "/app.js", "If-None-Match", held); r.StatusCode != http.StatusOK {
			t.Errorf("If-None-Match %s: %d, want 200", held, r.StatusCode)
		}
	}
}

func TestCompressedForThoseWhoTakeIt(t *testing.T) {
	for accept, want := range map[string]bool{
		"gzip": true, "deflate, gzip;q=0.5, br": true, "GZIP": true, "*": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.0, *": false, "*;q=0": false, "gzipped": false,
	} {
		r := ask(t, "GET", "/app.js", "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %t, want %t", accept, got, want)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary %q", accept, r.Header.Get("Vary"))
		}
	}
	r := ask(t, "GET", "/app.js", "Accept-Encoding", "gzip")
	zr, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatalf("read as gzip: %v", err)
	}
	if plain, err := io.ReadAll(zr); err != nil || string(plain) != appJS {
		t.Errorf("unpacked to %d bytes, %v; want %d", len(plain), err, len(appJS))
	}
}

// The budget: 150 kB compressed for the first load, without the worker.
func TestTheFirstLoadFitsItsBudget(t *testing.T) {
	const budget = 150_000
	size := 0
	for _, path := range []string{"/", "/app.js", "/app.css"} {
		size += len(body(t, ask(t, "GET", path, "Accept-Encoding", "gzip")))
	}
	if size > budget {
		t.Errorf("the first load is %d bytes compressed, more than %d", size, budget)
	}
	t.Logf("first load: %d bytes compressed", size)
}

func TestTheBuildHasNoPathOfAMachine(t *testing.T) {
	for name, content := range map[string]string{"app.js": appJS, "app.css": appCSS, "layout.worker.js": layoutWorkerJS} {
		for _, bad := range []string{"/node_modules/", "src/", "sourceMappingURL", "/home/", "/root/"} {
			if strings.Contains(content, bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}
