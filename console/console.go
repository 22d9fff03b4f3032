// Package console serves the web console: four files, built from web and embedded, with the headers
// that keep a browser from running or fetching anything else. It knows no other room; the pages meet
// the server over HTTP like anyone else, at X-Ray's actions and under /api/.
//
// Everything is read, hashed and compressed once, by Handler. Nothing here writes, waits or starts a
// goroutine.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

//go:embed dist/index.html
var indexHTML string

//go:embed dist/app.js
var appJS string

//go:embed dist/app.css
var appCSS string

//go:embed dist/layout.worker.js
var layoutWorkerJS string

// policy lets the page load and reach this server alone, and nothing frame it. Styles set by script
// through the DOM are no inline styles to it; style attributes in markup are, and are blocked.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

// Handler answers GET and HEAD of "/" and of the files that the page names, and 404 to all else.
// Mount it at "/", below everything that has a path of its own.
func Handler() http.Handler {
	page := newAsset("text/html; charset=utf-8", indexHTML)
	return &handler{assets: map[string]*asset{
		"/":                 page,
		"/index.html":       page,
		"/app.js":           newAsset("text/javascript; charset=utf-8", appJS),
		"/app.css":          newAsset("text/css; charset=utf-8", appCSS),
		"/layout.worker.js": newAsset("text/javascript; charset=utf-8", layoutWorkerJS),
	}}
}

type handler struct {
	assets map[string]*asset // by path; never changed
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	a, ok := h.assets[r.URL.Path]
	switch {
	case !ok:
		http.Error(w, "The console has no page "+strconv.Quote(r.URL.Path)+"; it begins at /.", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The console's files can only be read, with GET or HEAD.", http.StatusMethodNotAllowed)
	default:
		a.serve(w, r)
	}
}

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// asset is one file, plain and compressed.
type asset struct {
	contentType string
	plain, gzip []byte
	hash        string // of plain: 16 hexadecimal digits, as web/build.go writes it into index.html
	plainTag    string
	gzipTag     string // another tag: to a cache, other bytes
}

func newAsset(contentType, content string) *asset {
	sum := sha256.Sum256([]byte(content))
	hash := hex.EncodeToString(sum[:8])
	return &asset{
		contentType: contentType,
		plain:       []byte(content),
		gzip:        compress(content),
		hash:        hash,
		plainTag:    `"` + hash + `"`,
		gzipTag:     `"` + hash + `-gzip"`,
	}
}

// compress can't fail: a buffer takes everything.
func compress(content string) []byte {
	var out bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = zw.Write([]byte(content))
	_ = zw.Close()
	return out.Bytes()
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, tag := a.plain, a.plainTag
	h.Set("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.gzip, a.gzipTag
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", a.caching(r.URL.Query().Get("v")))
	if holds(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a browser that has gone is no error of ours
	}
}

// caching: an address that names the content (?v=hash) never changes what it means; any other is
// asked again each time, and answered 304 while the tag holds. The name of an older build is another.
func (a *asset) caching(version string) string {
	if version == a.hash {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3) as far as gzip goes: named, or covered by "*",
// and not with a weight of zero.
func takesGzip(header string) bool {
	star := false
	for _, part := range strings.Split(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return !zero(weight)
		case "*":
			star = !zero(weight)
		}
	}
	return star
}

func zero(weight string) bool {
	value, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(weight, " ", "")), "q=")
	q, err := strconv.ParseFloat(value, 64)
	return ok && err == nil && q == 0
}

// holds compares If-None-Match weakly, as RFC 9110, 13.1.2 has it.
func holds(values []string, tag string) bool {
	for _, part := range strings.Split(strings.Join(values, ","), ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}
