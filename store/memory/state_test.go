package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/state"
	"github.com/roentgen/roentgen/state/statetest"
)

var stateLog = filepath.Join(dataDir, stateDir, "00000001.log")

func TestPromiseOfStateWithoutDisk(t *testing.T) {
	statetest.Run(t, func(*testing.T) state.Store { return NewState() })
}

func mustOpenState(t *testing.T, fs vfs.FS) *State {
	t.Helper()
	s, err := OpenState(fs, dataDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestPromiseOfStateWithLog(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Store { return mustOpenState(t, vfs.NewFault(1)) })
}

// TestDurabilityOfState ends each life in another way.
func TestDurabilityOfState(t *testing.T) {
	statetest.RunDurable(t, func(t *testing.T) statetest.Disk {
		fs, lives := vfs.NewFault(1), 0
		return statetest.Disk{
			Open: func() (state.Store, error) { return OpenState(fs, dataDir) },
			End: func(t *testing.T, s state.Store) {
				switch lives++; lives % 3 {
				case 0:
					fs.Kill()
				case 1:
					fs.Crash(vfs.LoseSome)
				}
				if err := s.(*State).Close(); err != nil && lives%3 == 2 {
					t.Fatal(err)
				}
			},
		}
	})
}

// bigValue makes the log worth writing anew after a few changes.
func bigValue(n int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%08d", n), 300_000/8) }

func TestTheLogOfAStateIsWrittenAnew(t *testing.T) {
	fs := vfs.NewFault(1)
	s := mustOpenState(t, fs)
	gone, err := s.Put(context.Background(), "gone", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(context.Background(), "gone", gone); err != nil {
		t.Fatal(err)
	}
	version := uint64(0)
	for n := range 40 {
		if version, err = s.Put(context.Background(), "a", bigValue(n), version); err != nil {
			t.Fatal(err)
		}
	}
	if fs.ReadFile(stateLog) != nil {
		t.Error("the first file is still there")
	}
	size := int64(0)
	for _, f := range s.log.Files() {
		size += f.Bytes
	}
	if size > 3<<20 {
		t.Errorf("the log of one item of 300 kB has %d bytes", size)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpenState(t, fs)
	item, err := s.Get(context.Background(), "a")
	if err != nil || item.Version != version || !bytes.Equal(item.Value, bigValue(39)) || s.last != version {
		t.Errorf("version %d, want %d; last %d; %v", item.Version, version, s.last, err)
	}
}

// The highest version may be one of which nothing else is left.
func TestVersionsOutliveTheHistory(t *testing.T) {
	fs, ctx := vfs.NewFault(1), context.Background()
	s := mustOpenState(t, fs)
	if _, err := s.Put(ctx, "stays", nil, 0); err != nil {
		t.Fatal(err)
	}
	v, err := s.Put(ctx, "goes", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "goes", v); err != nil {
		t.Fatal(err)
	}
	s.logged = 2 * rewriteBytes
	if err := errors.Join(s.rewrite(ctx), s.Close()); err != nil {
		t.Fatal(err)
	}
	if fs.ReadFile(stateLog) != nil {
		t.Fatal("the history is still there")
	}
	s = mustOpenState(t, fs)
	if again, err := s.Put(ctx, "goes", nil, 0); err != nil || again <= v+1 {
		t.Errorf("version %d after %d and a deletion, %v", again, v, err)
	}
}

// stateLife changes two items until something goes wrong, and returns the
// numbers of the values that were acknowledged last and sent last.
func stateLife(t *testing.T, fs vfs.FS) (acked, sent [2]int) {
	t.Helper()
	s, err := OpenState(fs, dataDir)
	if err != nil {
		return acked, sent
	}
	var versions [2]uint64
	for n := 1; n <= 14; n++ {
		i := n % 2
		sent[i] = n
		v, err := s.Put(context.Background(), fmt.Sprint(i), bigValue(n), versions[i])
		if err != nil {
			break
		}
		versions[i], acked[i] = v, n
	}
	_ = s.Close() // the disk may be gone
	return acked, sent
}

func TestNoChangeOfStateIsLostWhereverTheDiskFails(t *testing.T) {
	for _, verdict := range []vfs.Verdict{{PowerOff: true}, {Err: syscall.EIO}, {Err: syscall.ENOSPC}} {
		dry := vfs.NewFault(1)
		stateLife(t, dry)
		if dry.ReadFile(stateLog) != nil {
			t.Fatal("the log is not written anew in this test")
		}
		for n := 1; n <= dry.Calls(); n++ {
			fs := vfs.NewFault(uint64(n))
			fs.SetPlan(func(c vfs.Call) vfs.Verdict {
				if c.N == n {
					return verdict
				}
				return vfs.Verdict{}
			})
			acked, sent := stateLife(t, fs)
			fs.SetPlan(nil)
			fs.Crash(vfs.LoseSome)
			wantLast(t, fmt.Sprintf("%+v at call %d", verdict, n), fs, acked, sent)
		}
	}
}

func wantLast(t *testing.T, when string, fs vfs.FS, acked, sent [2]int) {
	t.Helper()
	s, err := OpenState(fs, dataDir)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	defer s.Close()
	for i := range acked {
		item, err := s.Get(context.Background(), fmt.Sprint(i))
		switch {
		case err == nil && (bytes.Equal(item.Value, bigValue(acked[i])) || bytes.Equal(item.Value, bigValue(sent[i]))):
		case acked[i] == 0 && roentgen.KindOf(err) == roentgen.NotFound:
		default:
			t.Errorf("%s: item %d is %.8s, %v; acknowledged %d, sent %d", when, i, item.Value, err, acked[i], sent[i])
		}
	}
}

func TestADamagedStateIsRefused(t *testing.T) {
	fs := vfs.NewFault(1)
	s := mustOpenState(t, fs)
	for _, key := range []string{"first", "second"} {
		if _, err := s.Put(context.Background(), key, []byte("value"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fs.Flip(stateLog, int64(bytes.Index(fs.ReadFile(stateLog), []byte("first"))), 1)
	if _, err := OpenState(fs, dataDir); err == nil || !strings.Contains(err.Error(), "restore its folder state from a backup") {
		t.Errorf("opened: %v", err)
	}
}

func TestAClosedStateRefuses(t *testing.T) {
	for _, s := range []*State{NewState(), mustOpenState(t, vfs.NewFault(1))} {
		ctx := context.Background()
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		_, get := s.Get(ctx, "a")
		_, list := s.List(ctx, "")
		_, put := s.Put(ctx, "a", nil, 0)
		for call, err := range map[string]error{"get": get, "list": list, "put": put, "delete": s.Delete(ctx, "a", 1)} {
			if roentgen.KindOf(err) != roentgen.Unavailable {
				t.Errorf("%s: %v, want an error of kind unavailable", call, err)
			}
		}
	}
}

func TestStateRecordsWithoutSenseAreRefused(t *testing.T) {
	for _, c := range []struct {
		kind    byte
		payload string
		want    string
	}{
		{kindVersion + 1, "12345678", "newer version"},
		{kindPut, "1234567", "no version"},
		{kindPut, "12345678", "no key"},
		{kindDelete, "12345678\x05\x00abcd", "no key"},
	} {
		if _, err := readChange(c.kind, []byte(c.payload)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("kind %d, %q: %v", c.kind, c.payload, err)
		}
	}
}
