package ring

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// filled makes a ring of that many documents, one a trace, and returns its directory and where its frames are.
func filled(t testing.TB, documents int) (dir string, frames []int64) {
	t.Helper()
	dir = t.TempDir()
	r := open(t, dir, 1<<20)
	for n := range documents {
		r.Put(trace(n), document(n, 3000))
	}
	for n := r.live.oldest; n < r.live.next; n++ {
		frames = append(frames, pageSize+r.live.get(n).at)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, frames
}

// flip changes one byte of a file.
func flip(t testing.TB, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x10
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}

// reopen opens with a log that is read, and takes everything.
func reopen(t *testing.T, dir string, documents int) (s Stats, lost []int, log string) {
	t.Helper()
	var text bytes.Buffer
	r, err := Open(Options{Dir: dir, Bytes: 1 << 20, Now: clock(), Logger: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for n := range documents {
		got := taken(r, trace(n))
		switch {
		case len(got) == 0:
			lost = append(lost, n)
		case len(got) > 1 || got[0] != string(document(n, 3000)):
			t.Fatalf("of trace %d left %.40q", n, got)
		}
	}
	s = checkSums(t, r)
	if s.Waiting != 0 || int(s.Held) != documents || int(s.Damaged) != len(lost) {
		t.Errorf("%d documents are lost, the ring says %+v", len(lost), s)
	}
	return s, lost, text.String()
}

// Damage costs the documents that it hits, is counted, and is named.
func TestDamage(t *testing.T) {
	const documents, perFrame = 150, 43
	for name, c := range map[string]struct {
		file string
		at   func(frames []int64) int64
		lost int
		says string
	}{
		"in the documents of a frame":   {frameFile, func(f []int64) int64 { return f[1] + 3000 }, perFrame, "documents is wrong"},
		"in the entries of a frame":     {frameFile, func(f []int64) int64 { return f[1] + 200 }, perFrame, "documents that the ring held are lost"},
		"in the head of a frame":        {frameFile, func(f []int64) int64 { return f[1] + 9 }, perFrame, "documents that the ring held are lost"},
		"in the head of the last frame": {frameFile, func(f []int64) int64 { return f[len(f)-1] + 9 }, perFrame, "documents that the ring held are lost"},
		"in the header of the ring":     {frameFile, func([]int64) int64 { return 20 }, 3 * perFrame, "made anew"},
		"in a staged document":          {stagingFile, func([]int64) int64 { return pageSize + stagingDocs*stagedEntry + 4000 }, 1, "staging area"},
		"in a staged entry":             {stagingFile, func([]int64) int64 { return pageSize + 3*stagedEntry }, 1, "staging area"},
		"in the header of the staging":  {stagingFile, func([]int64) int64 { return 17 }, -1, "made anew"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, frames := filled(t, documents)
			flip(t, filepath.Join(dir, c.file), c.at(frames))
			if c.lost < 0 {
				wantStagingLost(t, dir, documents)
				return
			}
			_, lost, log := reopen(t, dir, documents)
			if len(lost) != c.lost || !strings.Contains(log, c.says) || !strings.Contains(log, dir) {
				t.Errorf("%d documents are lost, want %d; the log says %s", len(lost), c.lost, log)
			}
		})
	}
}

// wantStagingLost: with the staging area its sums are gone, but not the documents in frames.
func wantStagingLost(t *testing.T, dir string, documents int) {
	t.Helper()
	r := open(t, dir, 1<<20)
	defer r.Close()
	if s := checkSums(t, r); s.Waiting != 3*43 || s.Held != s.Waiting {
		t.Errorf("%+v", s)
	}
	if got := taken(r, trace(5)); len(got) != 1 || got[0] != string(document(5, 3000)) {
		t.Errorf("%.40q", got)
	}
	if got := taken(r, trace(documents-1)); len(got) != 0 {
		t.Errorf("%.40q", got)
	}
}

// A kill in the middle of writing a frame leaves half of it: the documents are still staged.
func TestTornFrame(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, 1<<20)
	for n := range 43 { // one more would be a frame
		r.Put(trace(n), document(n, 3000))
	}
	if r.live.len() != 0 {
		t.Fatal("there is a frame already")
	}
	defer r.Close()
	before, err := os.ReadFile(filepath.Join(dir, stagingFile))
	if err != nil {
		t.Fatal(err)
	}
	r.Put(trace(43), document(43, 3000))
	whole, err := os.ReadFile(filepath.Join(dir, frameFile))
	if err != nil {
		t.Fatal(err)
	}
	le.PutUint64(before[liveOffset+5*8:], 1<<20) // as on a later round: frames are looked for everywhere
	for _, cut := range []int{0, 1, 10, 64, 300, 2000, 20_000, 100_000} {
		torn := t.TempDir()
		b := bytes.Clone(whole)
		clear(b[pageSize+cut:])
		write(t, filepath.Join(torn, frameFile), b)
		write(t, filepath.Join(torn, stagingFile), before)
		if _, lost, log := reopen(t, torn, 43); len(lost) > 0 || log != "" {
			t.Errorf("cut after %d bytes: %v are lost; the log says %s", cut, lost, log)
		}
	}
	// Whole, and still staged: it was written, and the kill came before that was noted.
	both := t.TempDir()
	write(t, filepath.Join(both, frameFile), whole)
	write(t, filepath.Join(both, stagingFile), before)
	if _, lost, log := reopen(t, both, 43); len(lost) > 0 || log != "" {
		t.Errorf("%v are lost; the log says %s", lost, log)
	}
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreGone(t *testing.T) {
	for _, name := range []string{frameFile, stagingFile} {
		dir, _ := filled(t, 150)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		r := open(t, dir, 1<<20)
		s := checkSums(t, r)
		want := map[string]int64{frameFile: 150 - 3*43, stagingFile: 3 * 43}[name]
		if s.Waiting != want {
			t.Errorf("without %s %d documents wait, want %d: %+v", name, s.Waiting, want, s)
		}
		for n := range 200 { // and it goes on
			r.Put(trace(1000+n), document(n, 3000))
		}
		for n := range 200 {
			if got := taken(r, trace(1000+n)); len(got) != 1 {
				t.Errorf("without %s, then put: %d documents left", name, len(got))
			}
		}
		checkSums(t, r)
		r.Close()
	}
}

func TestForeignAndNewerFilesAreRefused(t *testing.T) {
	for _, name := range []string{frameFile, stagingFile} {
		dir, _ := filled(t, 10)
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[8] = 2
		write(t, path, b)
		_, err = Open(Options{Dir: dir, Bytes: 1 << 20, Now: clock(), Logger: quiet()})
		var newer *VersionError
		if !errors.As(err, &newer) || newer.File != path || newer.Version != 2 || !strings.Contains(err.Error(), "use the newer program") {
			t.Errorf("%s of version 2: %v", name, err)
		}
		write(t, path, []byte("Dear diary, today I was taken for a ring. It was a long day, and nobody noticed."))
		_, err = Open(Options{Dir: dir, Bytes: 1 << 20, Now: clock(), Logger: quiet()})
		var foreign *ForeignError
		if !errors.As(err, &foreign) || foreign.File != path {
			t.Errorf("a diary as %s: %v", name, err)
		}
	}
}

func TestAFullDiskIsSaidAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(Options{Dir: dir, Bytes: 1 << 43, Now: clock(), Logger: quiet()})
	if !vfs.IsNoSpace(err) || !strings.Contains(err.Error(), fmt.Sprint(pageSize+1<<43)) {
		t.Fatalf("eight tebibytes: %v", err)
	}
	r := open(t, dir, 1<<20) // the next one finds nothing half done
	defer r.Close()
	r.Put(trace(1), document(1, 100))
	if got := taken(r, trace(1)); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// A ring that cannot have the size that was asked for keeps the one it has, with what it holds.
func TestAResizeThatDoesNotFit(t *testing.T) {
	dir, _ := filled(t, 150)
	var log bytes.Buffer
	r, err := Open(Options{Dir: dir, Bytes: 1 << 43, Now: clock(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Stats(); s.Capacity != 1<<20 || s.Waiting != 150 || !strings.Contains(log.String(), "the ring keeps its size") {
		t.Errorf("%+v; the log says %s", s, log.String())
	}
	r.Close()
	if _, err := os.Stat(filepath.Join(dir, frameFile+newSuffix)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the attempt is still there: %v", err)
	}
	if _, lost, _ := reopen(t, dir, 150); len(lost) > 0 {
		t.Errorf("%v are lost", lost)
	}
}

// A disk that does not take a frame costs the documents of it.
func TestFailedWrite(t *testing.T) {
	r := open(t, t.TempDir(), 1<<20)
	disk := r.frames
	r.frames = failing{disk}
	for n := range 60 {
		r.Put(trace(n), document(n, 3000))
	}
	r.frames = disk
	for n := range 60 {
		r.Put(trace(60+n), document(60+n, 3000))
	}
	if s := checkSums(t, r); s.Damaged != 43 || s.Held != 120 {
		t.Errorf("%+v", s)
	}
	left := 0
	for n := range 120 {
		left += len(taken(r, trace(n)))
	}
	if left != 120-43 {
		t.Errorf("%d documents left", left)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

type failing struct{ area }

func (failing) WriteAt([]byte, int64) (int, error) { return 0, errors.New("input/output error") }
