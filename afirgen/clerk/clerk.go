// Package clerk is the web page at which a clerk files a complaint, goes through its five reviews and prints the report.
//
// The page is plain HTML, CSS and JavaScript, embedded in the program: nothing is built and nothing is loaded from
// elsewhere. It speaks to the backend over HTTP like any other caller and holds no word of the domain that the backend
// does not know. The package opens no socket and starts no goroutine; it never sees a key or a complaint.
package clerk

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

//go:embed page
var page embed.FS

const index = "index.html"

// Owns reports whether path is the page's own: open without a key, and under the content policy of a page.
func Owns(path string) bool { return path == "/" || strings.HasPrefix(path, "/app/") }

// Routes returns the page and its parts. It panics where an embedded file cannot be read, which the program's build
// rules out.
func Routes() []web.Route {
	assets := load()
	return []web.Route{
		{Method: http.MethodGet, Path: "/{$}", Handle: func(w http.ResponseWriter, r *http.Request) error {
			return assets[index].serve(w, r)
		}},
		{Method: http.MethodGet, Path: "/app/{file}", Handle: func(w http.ResponseWriter, r *http.Request) error {
			a, ok := assets[r.PathValue("file")]
			if !ok {
				return web.Fail(http.StatusNotFound, contract.NotFound, "the page has no such part")
			}
			return a.serve(w, r)
		}},
	}
}

// asset is one file, as it is and compressed.
type asset struct {
	contentType, tag string
	plain, packed    []byte
}

func load() map[string]asset {
	entries, err := page.ReadDir("page")
	must(err)
	assets := make(map[string]asset, len(entries))
	for _, entry := range entries {
		content, err := page.ReadFile(path.Join("page", entry.Name()))
		must(err)
		sum := sha256.Sum256(content)
		assets[entry.Name()] = asset{
			contentType: contentType(entry.Name()), tag: hex.EncodeToString(sum[:12]), plain: content, packed: pack(content),
		}
	}
	return assets
}

// contentType does not ask mime alone, which reads the machine's own tables.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func pack(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	must(err)
	_, err = w.Write(content)
	must(err)
	must(w.Close())
	return b.Bytes()
}

// serve answers with the file, or with 304 where the browser has this very one. no-cache has it ask every time, so that
// a new version of the program is a new page at once; it holds nothing personal, so that it may be kept.
func (a asset) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	body, tag := a.plain, a.tag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, tag = a.packed, a.tag+"-gzip"
	}
	tag = `"` + tag + `"`
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a caller who does not read the answer is no error of ours
	return nil
}

func must(err error) {
	if err != nil {
		panic("reading the clerk's page, which is embedded: " + err.Error())
	}
}
