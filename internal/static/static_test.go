package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(t *testing.T, f *File, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result()
}

func TestAFileComesPlainAndCompressed(t *testing.T) {
	text := strings.Repeat("a segment, ", 100)
	f := New("text/plain", []byte(text))
	plain := ask(t, f, "GET", "/")
	if got, err := io.ReadAll(plain.Body); err != nil || string(got) != text || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: %d bytes, %v, %v", len(got), err, plain.Header)
	}
	zipped := ask(t, f, "GET", "/", "Accept-Encoding", "gzip")
	zr, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(zr); err != nil || string(got) != text {
		t.Errorf("unpacked: %q, %v", got, err)
	}
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("other bytes have the same tag")
	}
	if r := ask(t, f, "GET", "/", "If-None-Match", plain.Header.Get("ETag")); r.StatusCode != http.StatusNotModified {
		t.Errorf("what the browser holds is answered with %d, want 304", r.StatusCode)
	}
}

func TestWhatDoesNotGetSmallerStaysPlain(t *testing.T) {
	for contentType, content := range map[string]string{"text/plain": "tiny", "image/png": strings.Repeat("a picture, ", 100)} {
		r := ask(t, New(contentType, []byte(content)), "GET", "/", "Accept-Encoding", "gzip")
		if r.Header.Get("Content-Encoding") != "" || r.ContentLength != int64(len(content)) {
			t.Errorf("%s: %v", contentType, r.Header)
		}
	}
}

func TestAnAddressWithTheHashNeverChanges(t *testing.T) {
	f := New("text/plain", []byte("x"))
	for target, want := range map[string]string{"/?v=" + f.Hash(): "public, max-age=31536000, immutable", "/?v=0": "no-cache", "/": "no-cache"} {
		if got := ask(t, f, "GET", target).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

func TestFilesCanOnlyBeRead(t *testing.T) {
	f := New("text/plain", []byte("x"))
	if r := ask(t, f, "POST", "/"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, %v", r.StatusCode, r.Header)
	}
	if r := ask(t, f, "HEAD", "/"); r.StatusCode != 200 || r.ContentLength != 1 {
		t.Errorf("HEAD: %d, %v", r.StatusCode, r.Header)
	}
}
