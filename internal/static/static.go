// Package static serves files that are in the program: hashed and compressed once, with the headers that keep a browser
// from running or fetching anything else. The console and the manual are made of them. It reads nothing from disk,
// writes nothing, and starts no goroutine.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// File is one file, plain and compressed. It never changes.
type File struct {
	contentType string
	plain, gzip []byte // gzip is nil where it is not smaller
	hash        string // of plain: 16 hexadecimal digits
	plainTag    string
	gzipTag     string // another tag: to a cache, other bytes
}

// New makes a file of its content. The caller no longer changes content.
func New(contentType string, content []byte) *File {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:8])
	f := &File{
		contentType: contentType,
		plain:       content,
		hash:        hash,
		plainTag:    `"` + hash + `"`,
		gzipTag:     `"` + hash + `-gzip"`,
	}
	if strings.HasPrefix(contentType, "image/png") {
		return f // compressed already
	}
	if f.gzip = compress(content); len(f.gzip) >= len(content) {
		f.gzip = nil
	}
	return f
}

// compress can't fail: a buffer takes everything.
func compress(content []byte) []byte {
	var out bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = zw.Write(content)
	_ = zw.Close()
	return out.Bytes()
}

// Hash is what stands behind ?v= in an address that never changes what it means.
func (f *File) Hash() string { return f.hash }

// Guard sets the headers that every answer bears, also one that there is nothing. policy is the
// Content-Security-Policy.
func Guard(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// ServeHTTP answers GET and HEAD with the file, or 304 to those who hold it.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "These files can only be read, with GET or HEAD.", http.StatusMethodNotAllowed)
		return
	}
	body, tag := f.plain, f.plainTag
	h.Set("Vary", "Accept-Encoding")
	if f.gzip != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = f.gzip, f.gzipTag
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", f.caching(r.URL.Query().Get("v")))
	if holds(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a browser that has gone is no error of ours
	}
}

// caching: an address that names the content (?v=hash) never changes what it means; any other is
// asked again each time, and answered 304 while the tag holds. The name of an older build is another.
func (f *File) caching(version string) string {
	if version == f.hash {
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
