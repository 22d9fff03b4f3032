// Package console serves the web console: four files, built from web and embedded, with the headers
// that keep a browser from running or fetching anything else. It knows no other room; the pages meet
// the server over HTTP like anyone else, at X-Ray's actions and under /api/.
//
// Everything is read, hashed and compressed once, by Handler. Nothing here writes, waits or starts a
// goroutine.
package console

import (
	_ "embed"
	"net/http"
	"strconv"

	"github.com/roentgen/roentgen/internal/static"
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
	text := func(contentType, content string) *static.File { return static.New(contentType, []byte(content)) }
	page := text("text/html; charset=utf-8", indexHTML)
	return &handler{assets: map[string]*static.File{
		"/":                 page,
		"/index.html":       page,
		"/app.js":           text("text/javascript; charset=utf-8", appJS),
		"/app.css":          text("text/css; charset=utf-8", appCSS),
		"/layout.worker.js": text("text/javascript; charset=utf-8", layoutWorkerJS),
	}}
}

type handler struct {
	assets map[string]*static.File // by path; never changed
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	static.Guard(w.Header(), policy)
	f, ok := h.assets[r.URL.Path]
	if !ok {
		http.Error(w, "The console has no page "+strconv.Quote(r.URL.Path)+"; it begins at /.", http.StatusNotFound)
		return
	}
	f.ServeHTTP(w, r)
}
