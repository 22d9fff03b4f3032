package spool

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// stored makes a spool of n documents on disk, closed, of which a few cuts are
// in flight, and returns its data files.
func stored(t *testing.T, dir string, n int) []string {
	t.Helper()
	s := open(t, Options{Dir: dir})
	appendNumbered(t, s, 0, n)
	for range 3 {
		next(t, s, Limit{Documents: 10, Age: time.Hour})
	}
	eventually(t, "files are packed", func() bool { st := s.Stats(); return st.Packed >= st.Files-4 })
	closeSpool(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(files) < 4 {
		t.Fatalf("files %v, %v", files, err)
	}
	return files
}

func edit(t *testing.T, file string, change func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// drained opens the spool and takes everything.
func drained(t *testing.T, dir string) (numbers []int, st Stats, log string) {
	t.Helper()
	byDocument := map[string]int{}
	for i := range storedDocuments {
		doc, _ := numbered(i)
		byDocument[string(doc)] = i
	}
	text := new(bytes.Buffer)
	s := open(t, Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(text, nil))})
	left := s.Stats().Documents
	for left > 0 && s.Stats().Documents > 0 {
		s.Nudge()
		cut := next(t, s, Limit{Documents: 20, Age: time.Nanosecond})
		for _, d := range cut.Documents {
			n, known := byDocument[string(d.Document)]
			if !known {
				t.Fatalf("document %.80q was never appended", d.Document)
			}
			numbers = append(numbers, n)
		}
		done(t, s, cut.Seq)
		if left--; left < -100 {
			t.Fatalf("there is no end: %+v", s.Stats())
		}
	}
	st = s.Stats()
	closeSpool(t, s)
	return numbers, st, text.String()
}

const storedDocuments = 600

func TestDamageIsCountedNamedAndSteppedOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, files []string)
		least  int // documents that are still there
		says   string
	}{
		{"nothing", func(*testing.T, []string) {}, storedDocuments, ""},
		{"one record of a raw file", func(t *testing.T, files []string) {
			edit(t, files[len(files)-1], func(b []byte) []byte { b[fileHead+recordHead+5] ^= 1; return b })
		}, storedDocuments - 1, "check of a record"},
		{"the length of a record of a raw file", func(t *testing.T, files []string) {
			edit(t, files[len(files)-1], func(b []byte) []byte { b[fileHead+3] = 0x7f; return b })
		}, storedDocuments - 40, "nothing can be read from here on"},
		{"a packed block", func(t *testing.T, files []string) {
			edit(t, files[2], func(b []byte) []byte { b[len(b)/2] ^= 0x55; b[len(b)/2+1] ^= 0x55; return b })
		}, storedDocuments - 80, "damaged"},
		{"a packed file is cut short", func(t *testing.T, files []string) {
			edit(t, files[2], func(b []byte) []byte { return b[:len(b)/2] })
		}, storedDocuments - 80, "damaged"},
		{"a header", func(t *testing.T, files []string) {
			edit(t, files[2], func(b []byte) []byte { b[20] ^= 1; return b })
		}, storedDocuments - 80, "set aside"},
		{"a file of cuts in flight is gone", func(t *testing.T, files []string) {
			if err := os.Remove(files[0]); err != nil {
				t.Fatal(err)
			}
		}, storedDocuments - 80, "are missing"},
		{"the table of cuts", func(t *testing.T, files []string) {
			edit(t, filepath.Join(filepath.Dir(files[0]), tableName), func(b []byte) []byte { b[tableHead+9] ^= 1; return b })
		}, storedDocuments, "a new epoch begins"},
		{"a file that was never made whole", func(t *testing.T, files []string) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(files[0]), "00009999"+suffix), make([]byte, smallFile), 0o600); err != nil {
				t.Fatal(err)
			}
		}, storedDocuments, ""},
		{"a packing that was not finished", func(t *testing.T, files []string) {
			if err := os.WriteFile(files[1]+unready, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, storedDocuments, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			files := stored(t, dir, storedDocuments)
			c.change(t, files)
			numbers, st, log := drained(t, dir)
			if !slices.IsSorted(numbers) || len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
				t.Errorf("documents came out of order, or twice: %v", numbers)
			}
			if len(numbers) < c.least || len(numbers) == storedDocuments != (c.least == storedDocuments) {
				t.Errorf("%d documents came out, want %d of %d", len(numbers), c.least, storedDocuments)
			}
			if st.Documents != 0 || c.least < storedDocuments && st.Damaged == (Damage{}) {
				t.Errorf("%+v", st)
			}
			if c.says == "" && log != "" || !strings.Contains(log, c.says) {
				t.Errorf("the log does not say %q: %s", c.says, log)
			}
		})
	}
}

func TestAMachineThatWentDownBeginsANewEpoch(t *testing.T) {
	dir := t.TempDir()
	stored(t, dir, 100)
	s := open(t, Options{Dir: dir})
	epoch := s.Epoch()
	closeSpool(t, s)
	edit(t, filepath.Join(dir, tableName), func(b []byte) []byte {
		h, _, _ := readTable(b)
		h.boot = [16]byte{9, 9}
		table{b}.putHeader(h)
		return b
	})
	s = open(t, Options{Dir: dir})
	if s.Epoch() == epoch || s.Stats().Documents != 100 {
		t.Fatalf("epoch %d as before, or not everything waits: %+v", epoch, s.Stats())
	}
	if cut := next(t, s, Limit{Documents: 5, Age: time.Hour}); cut.Seq != 1 || cut.Recovered || wantNumbered(t, cut, 0) != 5 {
		t.Errorf("%+v", cut)
	}
}

func TestANewerProgramsFilesAreRefused(t *testing.T) {
	for name, change := range map[string]func(dir string, files []string) string{
		"a file":    func(_ string, files []string) string { return files[0] },
		"the table": func(dir string, _ []string) string { return filepath.Join(dir, tableName) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := change(dir, stored(t, dir, 200))
			edit(t, file, func(b []byte) []byte {
				b[8] = 2
				if name == "a file" {
					le32(b[56:], headerCheck(b))
				} else {
					le32(b[48:], crcOf(b[:48]))
				}
				return b
			})
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(Options{Dir: dir, FileBytes: smallFile})
			if newer := new(VersionError); !errors.As(err, &newer) || newer.File != file {
				t.Fatalf("%v", err)
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}
