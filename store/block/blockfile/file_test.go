package blockfile

import (
	"errors"
	"iter"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/chunk"
)

func sameDocs(a, b []chunk.Doc) bool { return reflect.DeepEqual(a, b) }

func TestABlockGivesBackWhatWentIn(t *testing.T) {
	traces := made(t, 200)
	f, fs := blockOf(t, traces)
	if !reflect.DeepEqual(f.Meta(), aMeta) || f.Len() != 200 || f.Bytes() != int64(len(fs.ReadFile("dir/7.blk"))) {
		t.Errorf("%+v, %d rows, %d bytes", f.Meta(), f.Len(), f.Bytes())
	}
	x, err := f.Index()
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range traces {
		docs, err := f.Trace(row)
		if err != nil || !sameDocs(docs, want.Docs) {
			t.Fatalf("row %d: other documents, %v", row, err)
		}
		if got := x.Row(row); !reflect.DeepEqual(got, want.Row) {
			t.Fatalf("row %d:\n got  %+v\n want %+v", row, got, want.Row)
		}
		if at, ok := x.Find(want.Row.ID); !ok || at != row || !f.Summary().HasTrace(want.Row.ID) {
			t.Fatalf("row %d is not found", row)
		}
	}
	b, err := f.Bundle()
	if err != nil || b == nil {
		t.Error(err)
	}
}

func TestRowsAreReadInOneGo(t *testing.T) {
	traces := made(t, 200)
	f, fs := blockOf(t, traces)
	if _, err := f.dict(); err != nil {
		t.Fatal(err)
	}
	reads := 0
	fs.SetPlan(func(c vfs.Call) (v vfs.Verdict) {
		if c.Op == vfs.OpRead {
			reads++
		}
		return v
	})
	next := 0
	for s, err := range f.All() {
		if err != nil || s.Row != next || s.ID != traces[next].Row.ID || !sameDocs(s.Docs, traces[next].Docs) {
			t.Fatalf("row %d: %+v, %v", next, s.Row, err)
		}
		next++
	}
	if next != 200 || reads != f.c.count || f.c.count < 10 {
		t.Errorf("%d rows, %d reads of %d chunks", next, reads, f.c.count)
	}
	for _, want := range [][]int{{}, {0}, {199}, {3, 4, 7, 150, 151, 199}, {0, 199}} {
		var got []int
		for s, err := range f.Traces(slices.Values(want)) {
			if err != nil || !sameDocs(s.Docs, traces[s.Row].Docs) {
				t.Fatalf("row %d: %v", s.Row, err)
			}
			got = append(got, s.Row)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got rows %v, want %v", got, want)
		}
	}
	for s, err := range f.All() { // and one that is left early
		if err != nil || s.Row == 30 {
			break
		}
	}
}

func TestRowsThatAreNotThereAreRefused(t *testing.T) {
	f, _ := blockOf(t, made(t, 20))
	for _, rows := range [][]int{{-1}, {20}, {5, 5}, {5, 4}} {
		var last error
		for _, err := range f.Traces(slices.Values(rows)) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), "ascending") {
			t.Errorf("rows %v: %v", rows, last)
		}
	}
}

func TestADamagedChunkTakesItsOwnTracesAlone(t *testing.T) {
	traces := made(t, 200)
	f, fs := blockOf(t, traces)
	bad, _ := f.c.chunks.find(100)
	fs.Flip("dir/7.blk", bad.offset+5, 4)
	lost := 0
	for s, err := range f.All() {
		var damage *CorruptError
		switch {
		case err == nil && sameDocs(s.Docs, traces[s.Row].Docs):
		case errors.As(err, &damage) && damage.Offset == bad.offset && damage.Part == "chunk" && s.Row >= bad.first && s.Row < bad.first+bad.rows:
			lost++
		default:
			t.Fatalf("row %d: %v", s.Row, err)
		}
	}
	if lost != bad.rows {
		t.Errorf("%d rows are lost, want %d", lost, bad.rows)
	}
	if _, err := f.Trace(bad.first + bad.rows); err != nil {
		t.Error(err)
	}
}

func TestADamagedPartFailsWhatNeedsIt(t *testing.T) {
	text := func() []byte {
		_, fs := blockOf(t, made(t, 50))
		return fs.ReadFile("dir/7.blk")
	}()
	for k, reading := range map[kind]func(*File) error{
		kindDict:   func(f *File) error { _, err := f.Trace(0); return err },
		kindIndex:  func(f *File) error { _, err := f.Index(); return err },
		kindBundle: func(f *File) error { _, err := f.Bundle(); return err },
	} {
		fs := vfs.NewFault(1)
		fs.WriteFile("dir/7.blk", text)
		f := opened(t, fs)
		fs.Flip("dir/7.blk", f.c.parts[k].offset+f.c.parts[k].length/2, 1)
		for range 2 { // an error is not kept, and comes again
			if err := reading(f); !isCorrupt(err) || !strings.Contains(err.Error(), k.String()) {
				t.Errorf("%s: %v", k, err)
			}
		}
		fs.Flip("dir/7.blk", f.c.parts[k].offset+f.c.parts[k].length/2, 1)
		if err := reading(f); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	for _, k := range []kind{kindChunks, kindSummary, kindMeta} {
		fs := vfs.NewFault(1)
		fs.WriteFile("dir/7.blk", text)
		f := opened(t, fs)
		fs.Flip("dir/7.blk", f.c.parts[k].offset, 1)
		if _, err := Open(fs, "dir/7.blk", NewCache(1)); !isCorrupt(err) {
			t.Errorf("%s: %v", k, err)
		}
	}
}

func TestABlockIsRemoved(t *testing.T) {
	f, fs := blockOf(t, made(t, 5))
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
	fs.Crash(vfs.LoseAll)
	if fs.ReadFile("dir/7.blk") != nil {
		t.Error("it is still there")
	}
}

func TestWhatCannotBeABlockIsRefusedAndLeavesNoFile(t *testing.T) {
	traces := made(t, 5)
	bad := errors.New("the source is dry")
	for name, c := range map[string]struct {
		traces iter.Seq2[Trace, error]
		want   string
	}{
		"no traces":      {each(nil), "at least one trace"},
		"twice the same": {each([]Trace{traces[0], traces[0]}), "does not come behind"},
		"wrong order":    {each([]Trace{traces[1], traces[0]}), "does not come behind"},
		"an error":       {func(yield func(Trace, error) bool) { _ = yield(traces[0], nil) && yield(Trace{}, bad) }, "the source is dry"},
	} {
		fs := vfs.NewFault(1)
		if _, err := Write(fs, "b", aMeta, c.traces, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if fs.ReadFile("b") != nil {
			t.Errorf("%s: there is a file", name)
		}
	}
	fs := vfs.NewFault(1)
	fs.WriteFile("b", []byte("something"))
	if _, err := Write(fs, "b", aMeta, each(traces), Options{}); !errors.Is(err, os.ErrExist) || string(fs.ReadFile("b")) != "something" {
		t.Errorf("over a file: %v", err)
	}
}

// Whatever call fails, there is an error, and either no file or, where it could
// not be removed, one that is no block; without an error the block is there
// after a power cut.
func TestEveryCallMayFailWhileABlockIsWritten(t *testing.T) {
	traces := made(t, 30)
	for _, cause := range []error{syscall.EIO, syscall.ENOSPC} {
		for n := 1; ; n++ {
			fs := vfs.NewFault(uint64(n))
			fs.SetPlan(func(c vfs.Call) (v vfs.Verdict) {
				if c.N == n {
					v.Err, v.Short = cause, c.Bytes/2
				}
				return v
			})
			_, err := Write(fs, "dir/7.blk", aMeta, each(traces), Options{})
			calls := fs.Calls()
			fs.SetPlan(nil)
			if err == nil {
				if calls >= n {
					t.Fatalf("call %d of %d failed, and Write did not", n, calls)
				}
				fs.Crash(vfs.LoseAll)
				opened(t, fs)
				break
			}
			if !errors.Is(err, cause) || vfs.IsNoSpace(err) != (cause == syscall.ENOSPC) {
				t.Errorf("call %d: %v", n, err)
			}
			if fs.ReadFile("dir/7.blk") != nil {
				t.Errorf("call %d: the file is still there", n)
			}
		}
	}
}

func TestAPowerCutLeavesABlockOrNone(t *testing.T) {
	traces := made(t, 30)
	for n := 1; ; n++ {
		fs := vfs.NewFault(uint64(n))
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == n} })
		_, err := Write(fs, "dir/7.blk", aMeta, each(traces), Options{})
		calls := fs.Calls()
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		if r := Verify(fs, "dir/7.blk"); err == nil && !r.Good() {
			t.Fatalf("call %d: written, and %v %v", n, r.Err, r.Damage)
		}
		if err == nil && calls < n {
			break
		}
	}
}

// The figures that Open promises: two reads, and little that stays.
func TestAnOpenBlockIsSmall(t *testing.T) {
	f, _ := blockOf(t, made(t, 500))
	small := len(f.c.chunks) + int(f.c.parts[kindSummary].raw)
	if small > 6_000 {
		t.Errorf("%d bytes of 500 traces stay in memory", small)
	}
}
