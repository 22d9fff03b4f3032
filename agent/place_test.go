package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestACopiedStateIsAnotherAgent(t *testing.T) {
	open := func(dir string) *State {
		t.Helper()
		s, err := OpenState(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	dir := t.TempDir()
	first := open(dir)
	if again := open(dir); again.Copied || again.Agent() != first.Agent() {
		t.Errorf("after a restart: copied %v, agent %s and not %s", again.Copied, again.Agent(), first.Agent())
	}
	copied := copyState(t, dir)
	second := open(copied)
	if !second.Copied || second.Agent() == first.Agent() {
		t.Errorf("the copy: copied %v, agent %s as before", second.Copied, second.Agent())
	}
	if third := open(copied); third.Copied || third.Agent() != second.Agent() {
		t.Errorf("the copy, restarted: copied %v, agent %s and not %s", third.Copied, third.Agent(), second.Agent())
	}
	if err := os.Remove(filepath.Join(dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	if anew := open(dir); anew.Copied || anew.Agent() == first.Agent() {
		t.Errorf("without its ledger: copied %v, agent %s", anew.Copied, anew.Agent())
	}
}

// TestACopyKeepsItsBooks has a copy go on where its original stood.
func TestACopyKeepsItsBooks(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	a := startAgent(t, h, dir, nil)
	trace := newTrace()
	a.send(t, plain, document(trace, ""), document(trace, ""))
	h.await(t, trace, 2)
	a.balanced(t)
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	copied := copyState(t, dir)
	one, other := startAgent(t, h, dir, nil), startAgent(t, h, copied, nil)
	one.send(t, plain, document(trace, ""))
	other.send(t, plain, document(trace, ""))
	h.await(t, trace, 4)
	held := newTrace()
	one.send(t, undecided, document(held, ""))
	other.send(t, undecided, document(held, `"fault":true`))
	h.await(t, held, 2)
	for _, r := range []*running{one, other} {
		if s := r.balanced(t); s.Stored != 4 || len(nonZero(s.Lost)) > 0 {
			t.Errorf("%+v", s.Books)
		}
	}
	if !strings.Contains(other.log.String(), "is a copy") || strings.Contains(one.log.String(), "is a copy") {
		t.Error("the log of the copy says nothing of it, or that of the original does")
	}
}

func TestAStateDirectoryThatCannotBeUsedIsExplained(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenState(file); err == nil || !strings.Contains(err.Error(), "--state") {
		t.Errorf("a file: %v", err)
	}
	if _, err := OpenState("/proc/agent"); err == nil || !strings.Contains(err.Error(), "--state") {
		t.Errorf("no place for directories: %v", err)
	}
}

func TestATroubleIsToldOnceAMinute(t *testing.T) {
	var s spell
	now := time.Unix(1000, 0)
	told := 0
	for range 150 {
		if s.begins(now, "disk") {
			told++
		}
		now = now.Add(time.Second)
	}
	if told != 3 {
		t.Errorf("told %d times in 150 seconds", told)
	}
	if !s.begins(now, "network") || !s.ends() || s.ends() || !s.begins(now, "network") {
		t.Error("another trouble, or one after an end, was not told")
	}
}
