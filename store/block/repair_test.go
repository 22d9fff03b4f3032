package block

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/bench"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/wire"
)

// repairDay is when these tests happen.
var repairDay = time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC)

var repairOptions = Options{Manual: true, Shards: 2, Now: func() time.Time { return repairDay }}

// damagedStore is a data directory with three blocks of 40 traces each, of which
// the last also holds ten traces of the first again.
func damagedStore(t *testing.T) (*vfs.Fault, []roentgen.TraceID) {
	t.Helper()
	fs := vfs.NewFault(1)
	s, _, err := Open(fs, "data", repairOptions)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var ids []roentgen.TraceID
	m := bench.Model{Seed: 3, Traces: 120, Window: time.Hour, End: repairDay.Add(-time.Minute), Shape: bench.Plain}
	for i := range m.Traces {
		docs := documents(t, &m, i)
		if i >= 80 && i < 90 { // and a document that came late to a trace of the first block
			docs = append(docs, documents(t, &m, i-80)...)
			late := *docs[len(docs)-1].Segment
			late.Document, late.User = append([]byte(`{"user":"late",`), late.Document[1:]...), "late"
			seg, err := wire.ParseDocument(late.Document, wire.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			docs[len(docs)-1].Segment = seg
		}
		if _, err := s.Append(ctx, docs); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, docs[0].Segment.Trace)
		if i%40 == 39 {
			if err := s.Flush(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return fs, ids
}

// copied is another disk with the same files.
func copied(t *testing.T, from *vfs.Fault, seed uint64) *vfs.Fault {
	t.Helper()
	to := vfs.NewFault(seed)
	for _, dir := range []string{"data", "data/blocks", "data/catalogue", "data/wal-00", "data/wal-01"} {
		names, err := from.List(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			to.WriteFile(filepath.Join(dir, name), from.ReadFile(filepath.Join(dir, name)))
		}
	}
	return to
}

func documents(t *testing.T, m *bench.Model, i int) (docs []roentgen.Stored) {
	t.Helper()
	var b bench.Trace
	m.Make(i, &b)
	b.Documents(nil, func(text []byte, _ int) {
		seg, err := wire.ParseDocument(text, wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, roentgen.Stored{Segment: seg, Received: roentgen.At(repairDay)})
	})
	return docs
}

// readable returns the traces that a store in data has, with their documents,
// and checks that each comes once.
func readable(t *testing.T, fs vfs.FS) map[roentgen.TraceID]int {
	t.Helper()
	s, found, err := Open(fs, "data", repairOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(found.Spoilt) > 0 {
		t.Fatalf("%+v", found)
	}
	got := map[roentgen.TraceID]int{}
	w := roentgen.Window{From: 0, To: roentgen.At(repairDay.Add(time.Hour))}
	for p, err := range s.Partials(context.Background(), w) {
		if err != nil {
			t.Fatal(err)
		}
		if got[p.Trace] > 0 {
			t.Fatalf("trace %s comes twice", p.Trace)
		}
		for _, part := range p.Parts {
			got[p.Trace] += len(part.Documents)
		}
	}
	return got
}

func repaired(t *testing.T, fs vfs.FS) Repaired {
	t.Helper()
	r, err := Repair(context.Background(), fs, "data", repairOptions)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// damageChunk flips a bit in the first chunk of a block and returns how many
// rows it has.
func damageChunk(t *testing.T, fs *vfs.Fault, number uint64) int {
	t.Helper()
	path := blockPath("data", number)
	f, err := blockfile.Open(fs, path, blockfile.NewCache(1))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, _ := f.Chunk(0)
	fs.Flip(path, c.Offset+10, 1)
	return c.Rows
}

func TestAWholeDirectoryNeedsNoRepair(t *testing.T) {
	fs, ids := damagedStore(t)
	if r := repaired(t, fs); r.Blocks != 3 || len(r.Replaced)+len(r.Missing)+len(r.Aside) > 0 || r.Catalogue != "" {
		t.Errorf("%+v", r)
	}
	got := readable(t, fs)
	if len(got) != len(ids) || got[ids[0]] != 4 || got[ids[20]] != 3 {
		t.Errorf("%d traces of %d; %d and %d documents", len(got), len(ids), got[ids[0]], got[ids[20]])
	}
}

func TestADamagedBlockIsReplaced(t *testing.T) {
	fs, ids := damagedStore(t)
	lost := damageChunk(t, fs, 2)
	before := string(fs.ReadFile(blockPath("data", 2)))
	r := repaired(t, fs)
	if len(r.Replaced) != 1 || r.Blocks != 3 {
		t.Fatalf("%+v", r)
	}
	b := r.Replaced[0]
	if b.Lost != lost || b.Saved != 40-lost || b.New != blockPath("data", 4) || len(b.Damage) != 1 {
		t.Errorf("%d rows of a chunk: %+v", lost, b)
	}
	if string(fs.ReadFile(b.Aside)) != before || fs.ReadFile(b.Path) != nil || !strings.HasPrefix(b.Aside, filepath.Join("data", DamagedDir)) {
		t.Errorf("%s was not set aside as %s", b.Path, b.Aside)
	}
	if got := readable(t, fs); len(got) != len(ids)-lost {
		t.Errorf("%d traces, want %d", len(got), len(ids)-lost)
	}
	if r := repaired(t, fs); len(r.Replaced) > 0 || r.Blocks != 3 {
		t.Errorf("again: %+v", r)
	}
}

// Rows that count no more do not come back.
func TestRowsThatWereReplacedStayAway(t *testing.T) {
	fs, ids := damagedStore(t)
	f, err := blockfile.Open(fs, blockPath("data", 1), blockfile.NewCache(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Parts() {
		if p.Name == "index" {
			fs.Flip(blockPath("data", 1), p.Offset+p.Bytes/2, 1)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r := repaired(t, fs)
	if len(r.Replaced) != 1 || r.Replaced[0].Saved != 30 || r.Replaced[0].Lost != 0 || !r.Replaced[0].Forgotten {
		t.Fatalf("%+v", r)
	}
	if got := readable(t, fs); len(got) != len(ids) || got[ids[0]] != 4 {
		t.Errorf("%d traces, %d documents", len(got), got[ids[0]])
	}
}

func TestABlockThatIsGoneOrNoBlockIsForgotten(t *testing.T) {
	fs, ids := damagedStore(t)
	if err := errors.Join(fs.Remove(blockPath("data", 2)), fs.SyncDir("data/blocks")); err != nil {
		t.Fatal(err)
	}
	fs.WriteFile(blockPath("data", 3), []byte("somebody's shopping list, which has come to lie here"))
	r := repaired(t, fs)
	if len(r.Missing) != 1 || r.Missing[0] != blockPath("data", 2) || len(r.Replaced) != 1 || r.Replaced[0].New != "" {
		t.Fatalf("%+v", r)
	}
	if text := string(fs.ReadFile(r.Replaced[0].Aside)); !strings.HasPrefix(text, "somebody's") {
		t.Errorf("set aside: %q", text)
	}
	if got := readable(t, fs); len(got) != 30 || got[ids[20]] != 3 {
		t.Errorf("%d traces", len(got))
	}
}

func TestACatalogueIsMadeAnew(t *testing.T) {
	for name, damage := range map[string]func(*vfs.Fault){
		"of a damaged one": func(fs *vfs.Fault) { fs.Flip("data/catalogue/00000001.log", 60, 1) },
		"where there is none": func(fs *vfs.Fault) {
			if err := errors.Join(fs.Remove("data/catalogue/00000001.log"), fs.SyncDir("data/catalogue")); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			fs, ids := damagedStore(t)
			damage(fs)
			if _, _, err := Open(fs, "data", repairOptions); err == nil || !strings.Contains(err.Error(), "roentgen store repair data") {
				t.Errorf("it opens before: %v", err)
			}
			r := repaired(t, fs)
			if r.Catalogue == "" || r.Twice != 10 || r.Blocks != 3 || (name == "of a damaged one") != (len(r.Aside) == 1) {
				t.Errorf("%+v", r)
			}
			if got := readable(t, fs); len(got) != len(ids) || got[ids[0]] != 4 || got[ids[20]] != 3 {
				t.Errorf("%d traces of %d; %d and %d documents", len(got), len(ids), got[ids[0]], got[ids[20]])
			}
		})
	}
}

// Broken off anywhere, by a power cut, and begun again, it comes to the same.
func TestARepairMayBeBrokenOff(t *testing.T) {
	whole, ids := damagedStore(t)
	lost := damageChunk(t, whole, 2)
	for _, catalogue := range []bool{false, true} {
		if catalogue {
			whole.Flip("data/catalogue/00000001.log", 60, 1)
		}
		for n := 1; ; n += 1 + n/3 { // every call would take long
			fs := copied(t, whole, uint64(n))
			fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == n} })
			_, err := Repair(context.Background(), fs, "data", repairOptions)
			calls := fs.Calls()
			fs.SetPlan(nil)
			fs.Crash(vfs.LoseSome)
			repaired(t, fs)
			if got := readable(t, fs); len(got) != len(ids)-lost || got[ids[0]] != 4 {
				t.Fatalf("catalogue %v, call %d (%v): %d traces, want %d", catalogue, n, err, len(got), len(ids)-lost)
			}
			if err == nil && calls < n {
				break
			}
		}
	}
}

func TestRepairIsRefused(t *testing.T) {
	fs, _ := damagedStore(t)
	s, _, err := Open(fs, "data", repairOptions)
	if err != nil {
		t.Fatal(err)
	}
	var locked *vfs.LockedError
	if _, err := Repair(context.Background(), fs, "data", repairOptions); !errors.As(err, &locked) || locked.PID == 0 {
		t.Errorf("beside a server: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	fs.WriteFile("other/letter.txt", []byte("Dear Sir"))
	if _, err := Repair(context.Background(), fs, "other", repairOptions); err == nil || !strings.Contains(err.Error(), "not one of Roentgen's") {
		t.Errorf("in another directory: %v", err)
	}
}

func TestListSaysWhatTheCatalogueSays(t *testing.T) {
	fs, _ := damagedStore(t)
	fs.WriteFile(blockPath("data", 9), []byte("a leftover"))
	if err := fs.Remove(blockPath("data", 2)); err != nil {
		t.Fatal(err)
	}
	named, others, err := List(fs, "data")
	want := []Listed{{blockPath("data", 1), 10, 0, false}, {blockPath("data", 2), 0, 0, true}, {blockPath("data", 3), 0, 0, false}}
	if err != nil || fmt.Sprint(named) != fmt.Sprint(want) || fmt.Sprint(others) != fmt.Sprint([]string{blockPath("data", 9)}) {
		t.Errorf("%v, %v, %v", named, others, err)
	}
	fs.Flip("data/catalogue/00000001.log", 60, 1)
	var damaged *applog.CorruptError
	if _, _, err := List(fs, "data"); !errors.As(err, &damaged) {
		t.Error(err)
	}
}
