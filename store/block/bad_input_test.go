package block

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/storetest"
)

const (
	firstBlock   = dataDir + "/blocks/00000001.blk"
	catalogueLog = dataDir + "/catalogue/00000001.log"
)

// TestBadDirectories tells apart what may be wrong with a data directory: by an
// error of Open, or by what Recovery and Damage say while the rest is served.
func TestBadDirectories(t *testing.T) {
	l := live(t, 11)
	cases := []struct {
		sentence string
		change   func(fs *vfs.Fault)
		refused  bool
		want     []string // in what is said
	}{
		{"another program's", func(fs *vfs.Fault) {
			fs.WriteFile(dataDir+"/"+datadir.Manifest, []byte(`{"program":"jaeger","layout":1,"store":"block"}`))
		}, true, []string{`belongs to the program "jaeger"`, "name another directory"}},
		{"a newer version's", func(fs *vfs.Fault) {
			fs.WriteFile(dataDir+"/"+datadir.Manifest, []byte(`{"program":"roentgen","layout":2,"store":"block"}`))
		}, true, []string{"layout 2", "upgrade"}},
		{"another store's", func(fs *vfs.Fault) {
			fs.WriteFile(dataDir+"/"+datadir.Manifest, []byte(`{"program":"roentgen","layout":1,"store":"memory"}`))
		}, true, []string{`holds the store "memory"`, "--store memory"}},
		{"a catalogue of a newer version", func(fs *vfs.Fault) { newer(fs, catalogueLog, 44) }, true, []string{catalogueLog, "newer", "upgrade"}},
		{"a log of a newer version", func(fs *vfs.Fault) { newer(fs, l.log(t), 44) }, true, []string{l.log(t), "newer", "upgrade"}},
		{"a block of a newer version", func(fs *vfs.Fault) { newer(fs, firstBlock, 40) }, true, []string{firstBlock, "newer version", "upgrade"}},
		{"no catalogue", func(fs *vfs.Fault) { remove(t, fs, catalogueLog) }, true, []string{"no catalogue", "roentgen store repair " + dataDir}},
		{"a damaged catalogue", func(fs *vfs.Fault) { fs.Flip(catalogueLog, 60, 1) }, true, []string{catalogueLog, "offset", "roentgen store repair " + dataDir}},
		{"a missing block", func(fs *vfs.Fault) { remove(t, fs, firstBlock) }, false, []string{firstBlock, "missing", "roentgen store repair " + dataDir}},
		{"a block cut short", func(fs *vfs.Fault) { fs.WriteFile(firstBlock, fs.ReadFile(firstBlock)[:300]) }, false, []string{firstBlock, "offset", "roentgen store repair " + dataDir + "`"}},
		{"an empty block", func(fs *vfs.Fault) { fs.WriteFile(firstBlock, nil) }, false, []string{firstBlock}},
		{"something else in the place of a block", func(fs *vfs.Fault) { fs.WriteFile(firstBlock, []byte(strings.Repeat("hello ", 100))) }, false, []string{firstBlock, "not a block"}},
		{"a damaged chunk", func(fs *vfs.Fault) { fs.Flip(firstBlock, 100, 1) }, false, []string{firstBlock, "chunk", "offset", "roentgen store repair " + dataDir + "`"}},
		{"a foreign file among blocks", func(fs *vfs.Fault) { fs.WriteFile(dataDir+"/blocks/thesis.tex", []byte("x")) }, false, []string{dataDir + "/blocks/thesis.tex"}},
		{"garbage at the end of a log", func(fs *vfs.Fault) {
			fs.WriteFile(l.log(t), append(fs.ReadFile(l.log(t)), "garbage"...))
		}, false, []string{l.log(t)}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			fs := copied(t, l.fs, 1)
			c.change(fs)
			said := openAndRead(t, l, fs, c.refused)
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("it says\n%s\nwant %q in it", said, want)
				}
			}
		})
	}
}

// openAndRead returns all that is said of a directory.
func openAndRead(t *testing.T, l *lived, fs *vfs.Fault, refused bool) string {
	t.Helper()
	s, found, err := Open(fs, dataDir, testOptions())
	if refused != (err != nil) {
		t.Fatalf("open: %v", err)
	}
	if err != nil {
		return err.Error()
	}
	defer s.Close()
	for id, text := range contentOf(t, s) {
		if was := l.content[id]; was == "" || !strings.HasSuffix(was, text[strings.Index(text, "\n")+1:]) && len(was) <= len(text) {
			t.Errorf("trace %s is\n%s\nand was\n%s", id, text, was)
		}
	}
	said := append([]string{}, found.Foreign...)
	for _, err := range append(found.Spoilt, s.Damage()...) {
		said = append(said, err.Error())
	}
	for _, log := range found.Logs {
		if log.DroppedBytes > 0 {
			said = append(said, log.File)
		}
		for _, d := range log.Damage {
			said = append(said, d.Error())
		}
	}
	return strings.Join(said, "\n")
}

// log is a log with something in it.
func (l *lived) log(t *testing.T) string {
	t.Helper()
	for _, path := range slices.Backward(l.files(t)) {
		if strings.Contains(path, "wal-") && len(l.fs.ReadFile(path)) > 200 {
			return path
		}
	}
	t.Fatal("the logs are empty")
	return ""
}

func remove(t *testing.T, fs *vfs.Fault, path string) {
	t.Helper()
	if err := fs.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// newer raises the version in a header of so many bytes, which stands behind the
// magic and is checked by the last four.
func newer(fs *vfs.Fault, path string, header int) {
	b := fs.ReadFile(path)
	b[8] = 9
	binary.LittleEndian.PutUint32(b[header-4:], crc32.Checksum(b[:header-4], crc32.MakeTable(crc32.Castagnoli)))
	fs.WriteFile(path, b)
}

// TestTwoProcesses has the second one told of the first.
func TestTwoProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, _, err := Open(vfs.OS{}, dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Open(vfs.OS{}, dir, testOptions())
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() || !strings.Contains(err.Error(), dir) {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, _, err = Open(vfs.OS{}, dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestADiskThatCannotBeUsed tells a read-only one from one without locks.
func TestADiskThatCannotBeUsed(t *testing.T) {
	l := live(t, 11)
	for _, c := range []struct {
		op   vfs.Op
		err  error
		want error
	}{{vfs.OpLock, syscall.EROFS, applog.ErrReadOnly}, {vfs.OpLock, syscall.ENOLCK, syscall.ENOLCK}} {
		fs := copied(t, l.fs, 1)
		fs.SetPlan(func(call vfs.Call) vfs.Verdict {
			if call.Op == c.op {
				return vfs.Verdict{Err: c.err}
			}
			return vfs.Verdict{}
		})
		if _, _, err := Open(fs, dataDir, testOptions()); !errors.Is(err, c.want) || !strings.Contains(err.Error(), dataDir) {
			t.Errorf("%v: %v, want %v", c.err, err, c.want)
		}
	}
}

// TestALyingDisk cuts the power of a disk that has synced nothing since some
// moment. Nobody can promise what is there then; what is read is right.
func TestALyingDisk(t *testing.T) {
	for seed := range uint64(12) {
		l := live(t, 20+seed)
		fs := copied(t, l.fs, seed)
		s := mustOpen(t, fs, testOptions())
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{Lie: c.N > int(seed)*4} })
		r := storetest.NewRandom(20 + seed)
		for range 30 {
			d := r.Document().Stored(t)
			l.sent[string(d.Segment.Document)] = true
			if _, err := s.Append(context.Background(), []roentgen.Stored{d}); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.Flush(context.Background()), s.Compact(context.Background())); err != nil {
			t.Fatal(err)
		}
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		_ = s.Close() // of a dead process
		l.content = nil
		l.wantHonest(t, "a lying disk", fs)
	}
}

// TestAFullHead cannot write blocks, while the logs have room.
func TestAFullHead(t *testing.T) {
	for _, manual := range []bool{true, false} {
		fs, opt := vfs.NewFault(1), testOptions()
		opt.Manual, opt.HeadBytes = manual, 2_000
		s, r := mustOpen(t, fs, opt), storetest.NewRandom(9)
		r.Traces = 50
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			if strings.Contains(c.Name, blocksDir) && (c.Op == vfs.OpCreate || c.Op == vfs.OpWrite) {
				return vfs.Verdict{Err: syscall.ENOSPC, Short: c.Bytes / 2}
			}
			return vfs.Verdict{}
		})
		var err error
		for n := 0; err == nil && n < 1000; n++ {
			_, err = s.Append(context.Background(), []roentgen.Stored{r.Document().Stored(t)})
		}
		if roentgen.KindOf(err) != roentgen.Unavailable || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("manual %v: the head is full: %v, want an error of kind unavailable that is ENOSPC", manual, err)
		}
		if got := contentOf(t, s); len(got) == 0 {
			t.Error("nothing can be read while the disk is full")
		}
		fs.SetPlan(nil)
		for n := 0; err != nil && n < 1_000_000; n++ { // until the keeper has tried again
			_, err = s.Append(context.Background(), []roentgen.Stored{r.Document().Stored(t)})
		}
		if err != nil {
			t.Errorf("manual %v: there is space again: %v", manual, err)
		}
		want := contentOf(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, fs, opt)
		if got := contentOf(t, s); !maps.Equal(got, want) {
			t.Errorf("manual %v: %d traces after a restart, want %d", manual, len(got), len(want))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestASnapshotIsAStore copies a store again and again while it is written to
// and keeps house, and opens what was copied.
func TestASnapshotIsAStore(t *testing.T) {
	opt := testOptions()
	opt.Manual, opt.HeadBytes, opt.MaxTraceBytes = false, 3_000, -1
	s := mustOpen(t, vfs.NewFault(1), opt)
	defer s.Close()
	acked, done := &ackedDocuments{}, make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() { acked.write(t, s, done) })
	work.Go(func() {
		for n := 0; !closed(done); n++ {
			if err := s.Compact(context.Background()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for n := range 6 {
		acked.wait(t, 40*(n+1))
		before := acked.all()
		snap, err := s.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		to := vfs.NewFault(uint64(n))
		for _, f := range snap.Files {
			b := make([]byte, f.Bytes)
			if _, err := f.ReadAt(b, 0); err != nil && len(b) > 0 {
				t.Fatalf("copy %s: %v", f.Name, err)
			}
			to.WriteFile(filepath.Join(dataDir, f.Name), b)
		}
		if err := snap.Close(); err != nil {
			t.Fatal(err)
		}
		wantAll(t, to, opt, before)
	}
	close(done)
	work.Wait()
	wantInOrder(t, s)
	if d := s.Damage(); len(d) > 0 {
		t.Errorf("damage: %v", d)
	}
}

func closed(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// ackedDocuments are those of which a store has said that it has them.
type ackedDocuments struct {
	mu    sync.Mutex
	texts []string
	ended atomic.Bool // nothing is written any more
}

func (a *ackedDocuments) write(t *testing.T, s *Store, done chan struct{}) {
	defer a.ended.Store(true)
	r := storetest.NewRandom(77)
	for n := 0; !closed(done); n++ {
		d := r.Document()
		d.Trace, d.ID = n%60, n
		doc := d.Stored(t)
		if _, err := s.Append(context.Background(), []roentgen.Stored{doc}); err != nil {
			t.Error(err)
			return
		}
		a.mu.Lock()
		a.texts = append(a.texts, string(doc.Segment.Document))
		a.mu.Unlock()
	}
}

func (a *ackedDocuments) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.texts)
}

func (a *ackedDocuments) wait(t *testing.T, n int) {
	t.Helper()
	for len(a.all()) < n {
		if a.ended.Load() {
			t.FailNow()
		}
		runtime.Gosched()
	}
}

// wantAll opens a store and wants these documents in it, and nothing amiss.
func wantAll(t *testing.T, fs *vfs.Fault, opt Options, texts []string) {
	t.Helper()
	opt.Manual = true
	s, found, err := Open(fs, dataDir, opt)
	if err != nil {
		t.Fatalf("open a copy: %v", err)
	}
	if len(found.Spoilt)+found.Unreadable+len(found.Foreign) > 0 {
		t.Errorf("a copy has %+v", found)
	}
	there := strings.Join(slices.Collect(maps.Values(contentOf(t, s))), "")
	for _, text := range texts {
		if !strings.Contains(there, text) {
			t.Errorf("a copy lacks %s", text)
		}
	}
	wantInOrder(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestASnapshotWithoutABlock copies what is there.
func TestASnapshotWithoutABlock(t *testing.T) {
	l := live(t, 11)
	fs := copied(t, l.fs, 1)
	remove(t, fs, firstBlock)
	s := mustOpen(t, fs, testOptions())
	defer s.Close()
	snap, err := s.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.Close(); err != nil {
		t.Error(err)
	}
}
