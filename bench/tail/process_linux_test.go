package tail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/bench"
)

func testProgram(t *testing.T, address string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &program{name: "the child", path: self, env: append(os.Environ(), childAddress+"="+address), log: filepath.Join(t.TempDir(), "log"), ready: "http://" + address + "/"}
}

func TestAProgramIsKilledStartedAgainFrozenAndStopped(t *testing.T) {
	free, err := freeAddresses(t.Context(), "127.0.0.1", 1)
	if err != nil {
		t.Fatal(err)
	}
	p := testProgram(t, free[0])
	for range 2 {
		if err := p.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.memory().Highest == 0 {
			t.Error("it takes no memory")
		}
		if err := p.kill(); err != nil {
			t.Fatal(err)
		}
		if answers(t.Context(), p.ready) {
			t.Error("it answers although it was killed")
		}
	}
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := freeze(p); err != nil {
		t.Fatal(err)
	}
	if err := thaw(p); err != nil {
		t.Fatal(err)
	}
	v, err := readView(t.Context(), p.ready)
	if err != nil || v.received != 7 || v.policy != 3 || v.shed != 1 || v.lost["killed"] != 4 || v.horizon != 61.5 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
	if p.cpu() <= 0 {
		t.Error("three lives took no processor time")
	}
}

func TestAProgramThatDoesNotComeUpSaysWhy(t *testing.T) {
	err := testProgram(t, "nowhere").start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "there is nowhere to listen") {
		t.Errorf("%v", err)
	}
}

func TestASmallDiskCanBeFilled(t *testing.T) {
	dir := t.TempDir()
	undo, err := smallDisk(dir, 1<<20)
	if err != nil { // not root: the report says so, and a fault less is done
		if os.Geteuid() == 0 {
			t.Logf("root may not mount here: %v", err)
		}
		return
	}
	defer func() {
		if err := undo(); err != nil {
			t.Error(err)
		}
	}()
	filler := filepath.Join(dir, "filler")
	if err := fill(filler); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), make([]byte, 64<<10), 0o600); err == nil {
		t.Error("there is room on a full disk")
	}
	if n, err := bench.Allocated(dir); err != nil || n < 900_000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := remove(filler); err != nil {
		t.Error(err)
	}
}
