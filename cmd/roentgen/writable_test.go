package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func askReady(h *health, path string) (int, string) {
	mux := http.NewServeMux()
	h.register(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// TestAFullDiskIsToldToThoseWhoWriteAlone goes through what may be wrong.
func TestAFullDiskIsToldToThoseWhoWriteAlone(t *testing.T) {
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	var refused, disk error
	var at time.Time
	share, tries := 0.0, 0
	w := &writable{
		refusing: func() (time.Time, error) { return at, refused },
		shed:     func() float64 { return share },
		try:      func() error { tries++; return disk },
		now:      func() time.Time { return now },
	}
	h := &health{probe: func(context.Context) error { return nil }, writes: w.check}
	want := func(title string, code int, says string) {
		t.Helper()
		if got, text := askReady(h, "/readyz?writes=1"); got != code || !strings.Contains(text, says) {
			t.Errorf("%s: %d %q, want %d %q", title, got, text, code, says)
		}
		for _, path := range []string{"/readyz", "/readyz?writes=0", "/healthz"} {
			if got, text := askReady(h, path); got != http.StatusOK {
				t.Errorf("%s: %s answers %d %q: who only reads is sent away", title, path, got, text)
			}
		}
	}
	want("all is well", 200, "for documents too")
	want("asked again at once", 200, "for documents too")
	if tries != 1 {
		t.Errorf("the disk was tried %d times within a second, want once", tries)
	}
	disk, now = fmt.Errorf("a full one: %w", syscall.ENOSPC), now.Add(writableFor)
	want("a full disk", 503, "a full one")
	disk, now = nil, now.Add(writableFor)
	want("there is space again", 200, "for documents too")
	refused, at = errors.New("the head is full"), now
	want("the store refuses", 503, "turned away: the head is full")
	now = now.Add(refusedFor)
	want("nobody has tried for long", 200, "for documents too")
	refused, share = nil, 0.99
	want("some is shed", 200, "for documents too")
	share = 1
	want("everything is shed", 503, "by UDP is dropped")
	if got, text := askReady(h, "/readyz?writes=yes"); got != http.StatusBadRequest {
		t.Errorf("another value: %d %q", got, text)
	}
	share = 0
	h.draining.Store(true)
	for _, path := range []string{"/readyz", "/readyz?writes=1"} {
		if got, _ := askReady(h, path); got != 503 {
			t.Errorf("%s while the server stops: %d", path, got)
		}
	}
}

func TestTheDiskIsTriedAndLeftAsItWas(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, probeFile), []byte("of a server that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tryDisk(dir); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v is left", left, err)
	}
	if err := tryDisk(filepath.Join(dir, "nowhere")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a directory that is not there: %v", err)
	}
}
