package vfs

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"
)

// pages returns n sectors filled with c.
func pages(n int, c string) string { return strings.Repeat(c, n*sectorBytes) }

// synced makes a file of durable content.
func synced(t *testing.T, f *Fault, name, content string) File {
	t.Helper()
	h := create(t, f, name, content)
	if err := errors.Join(h.Sync(), f.SyncDir("d")); err != nil {
		t.Fatal(err)
	}
	return h
}

func write(t *testing.T, h File, content string, off int64) {
	t.Helper()
	if _, err := h.WriteAt([]byte(content), off); err != nil {
		t.Fatal(err)
	}
}

func TestAPowerCutKeepsWhatWasSynced(t *testing.T) {
	f := NewFault(1)
	h := synced(t, f, "d/x", pages(2, "a"))
	write(t, h, pages(2, "b"), sectorBytes)
	create(t, f, "d/new", "never named on the disk")
	f.Crash(LoseAll)
	if got := string(f.ReadFile("d/x")); got != pages(2, "a") {
		t.Errorf("%d bytes, want the synced ones", len(got))
	}
	if f.ReadFile("d/new") != nil {
		t.Error("a name that was not synced survived")
	}
	if _, err := h.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("a handle outlived the power cut")
	}
}

func TestAKillKeepsThePageCache(t *testing.T) {
	f := NewFault(1)
	h := create(t, f, "d/x", "never synced")
	if _, err := f.Lock("d/LOCK"); err != nil {
		t.Fatal(err)
	}
	f.Kill()
	if string(f.ReadFile("d/x")) != "never synced" {
		t.Error("the page cache is gone")
	}
	if err := h.Sync(); err == nil {
		t.Error("a handle outlived its process")
	}
	if l, err := f.Lock("d/LOCK"); err != nil {
		t.Errorf("a lock outlived its process: %v", err)
	} else if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestAPowerCutMayTearAWriteBySectors(t *testing.T) {
	kinds := map[string]bool{}
	for seed := range uint64(100) {
		f := NewFault(seed)
		h := synced(t, f, "d/x", pages(4, "a"))
		write(t, h, pages(4, "b"), 0)
		f.Crash(LoseSome)
		got := f.ReadFile("d/x")
		var kind []byte
		for s := range 4 {
			sector := got[s*sectorBytes:][:sectorBytes]
			if !bytes.Equal(sector, bytes.Repeat(sector[:1], sectorBytes)) {
				t.Fatalf("seed %d: a sector is torn", seed)
			}
			kind = append(kind, sector[0])
		}
		kinds[string(kind)] = true
	}
	if len(kinds) != 16 {
		t.Errorf("%d of 16 ways to tear four sectors were met in 100 crashes", len(kinds))
	}
}

func TestAFailedSyncLosesItsPagesForGood(t *testing.T) {
	f := NewFault(1)
	h := synced(t, f, "d/x", pages(1, "a"))
	write(t, h, pages(1, "b"), 0)
	f.SetPlan(func(c Call) Verdict {
		if c.N == 1 && c.Op == OpSync {
			return Verdict{Err: syscall.EIO}
		}
		return Verdict{}
	})
	if err := h.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("sync: %v", err)
	}
	want(t, h, pages(1, "b")) // as a process sees it
	if err := h.Sync(); err != nil {
		t.Fatalf("second sync: %v", err)
	}
	f.Crash(LoseAll)
	if string(f.ReadFile("d/x")) != pages(1, "a") {
		t.Error("a sync after a failed one saved its pages")
	}
}

func TestALyingSyncKeepsPagesForTheNext(t *testing.T) {
	f := NewFault(1)
	h := synced(t, f, "d/x", "a")
	lie := true
	f.SetPlan(func(Call) Verdict { return Verdict{Lie: lie} })
	write(t, h, "b", 0)
	if err := h.Sync(); err != nil {
		t.Fatal(err)
	}
	if string(f.mu.disk["d/x"].disk) != "a" {
		t.Error("a lie reached the disk")
	}
	lie = false
	if err := h.Sync(); err != nil {
		t.Fatal(err)
	}
	f.Crash(LoseAll)
	if string(f.ReadFile("d/x")) != "b" {
		t.Error("the pages of a lie were lost to an honest sync")
	}
}

func TestARemovalThatWasNotSyncedComesBack(t *testing.T) {
	f := NewFault(1)
	synced(t, f, "d/x", "a")
	if err := f.Remove("d/x"); err != nil {
		t.Fatal(err)
	}
	if f.ReadFile("d/x") != nil {
		t.Error("still there")
	}
	f.Crash(LoseAll)
	if string(f.ReadFile("d/x")) != "a" {
		t.Error("did not come back")
	}
}

func TestAPlanFailsTheCallItNames(t *testing.T) {
	f := NewFault(1)
	h := create(t, f, "d/x", "")
	f.SetPlan(func(c Call) Verdict {
		if c.N == 2 {
			return Verdict{Err: syscall.ENOSPC, Short: 2}
		}
		return Verdict{PowerOff: c.N == 4}
	})
	write(t, h, "abc", 0)
	if n, err := h.WriteAt([]byte("def"), 3); n != 2 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("short write: %d, %v", n, err)
	}
	write(t, h, "!", 5)
	for range 2 {
		if _, err := h.WriteAt([]byte("x"), 0); !errors.Is(err, errPowerOff) {
			t.Errorf("write without power: %v", err)
		}
	}
	if f.Calls() != 5 {
		t.Errorf("%d calls were counted, want 5", f.Calls())
	}
	if got := string(f.ReadFile("d/x")); got != "abcde!" {
		t.Errorf("content %q", got)
	}
}

func TestTheSameSeedLosesTheSame(t *testing.T) {
	run := func() string {
		f := NewFault(42)
		h := synced(t, f, "d/x", pages(8, "a"))
		write(t, h, pages(9, "b"), 100)
		create(t, f, "d/y", "y")
		f.Writeback()
		write(t, h, pages(3, "c"), 700)
		f.Crash(LoseSome)
		return string(f.ReadFile("d/x")) + string(f.ReadFile("d/y"))
	}
	if once, again := run(), run(); once != again {
		t.Error("two runs differ")
	}
}

func TestFlipsReachCacheAndDisk(t *testing.T) {
	f := NewFault(1)
	synced(t, f, "d/x", "abc")
	f.Flip("d/x", 1, 1)
	if string(f.ReadFile("d/x")) != "acc" {
		t.Error("the cache is untouched")
	}
	f.Crash(LoseAll)
	if string(f.ReadFile("d/x")) != "acc" {
		t.Error("the disk is untouched")
	}
}
