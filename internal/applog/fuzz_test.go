package applog

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// FuzzOpen puts any bytes on the disk. Opening must refuse them with a named
// error or make a log of them that shows the same after a power cut, and
// goes on.
func FuzzOpen(f *testing.F) {
	for _, name := range goldenFiles()[:1] {
		b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint32(60), byte(4), true)
		f.Add(b[:200], uint32(60), byte(0), false)
		f.Add(b[:headerSize+10], uint32(9), byte(1), true)
	}
	f.Add([]byte("Dear diary"), uint32(0), byte(0), true)
	f.Fuzz(func(t *testing.T, content []byte, at uint32, mask byte, last bool) {
		fs := vfs.NewFault(1)
		fs.WriteFile(file(1), content)
		if len(content) > 0 {
			fs.Flip(file(1), int64(at)%int64(len(content)), mask)
		}
		if !last {
			fs.WriteFile(file(2), header{number: 2, created: aDay, prevEnd: int64(len(content))}.encode())
		}
		checkAnyBytes(t, fs)
	})
}

func checkAnyBytes(t *testing.T, fs *vfs.Fault) {
	l, err := Open(fs, testDir, Options{})
	if err != nil {
		var foreign *ForeignError
		var newer *VersionError
		if !errors.As(err, &foreign) && !errors.As(err, &newer) {
			t.Fatalf("refused without a name: %v", err)
		}
		return
	}
	shown, _ := replayed(t, l)
	mustAppend(t, l, "after")
	fs.Crash(vfs.LoseAll)
	l.Close()
	l = mustOpen(t, fs, Options{})
	if r := l.Recovery(); r.DroppedBytes != 0 {
		t.Errorf("the repair did not last: %+v", r)
	}
	got, _ := replayed(t, l)
	wantEqual(t, got, append(shown, "after"))
	mustClose(t, l)
}

// FuzzFrames hands any bytes to the scanner as the frames of a file whose
// checksum the fuzzer cannot know but may hit: findings must cover the bytes
// without holes or overlaps, and what holds must be what a writer would write.
func FuzzFrames(f *testing.F) {
	const seed = 0x1895
	b := appendFrame(nil, seed, headerSize, frame{kind: 7}, Record{Payload: []byte("one")})
	b = appendFrame(b, seed, headerSize+int64(len(b)), frame{kind: 8, distance: 27}, Record{Payload: []byte("two")})
	f.Add(b)
	f.Add(append([]byte("garbage in front that is a bit longer"), b...))
	f.Fuzz(func(t *testing.T, content []byte) {
		file := append(make([]byte, headerSize), content...)
		fs := vfs.NewFault(1)
		fs.WriteFile("f", file)
		h, err := fs.Open("f")
		if err != nil {
			t.Fatal(err)
		}
		at := int64(headerSize)
		for scan := newScanner(h, seed, headerSize, int64(len(file))); at < int64(len(file)); {
			found, err := scan.next()
			if err != nil || found.off != at || found.end <= at {
				t.Fatalf("at %d: found [%d, %d), %v", at, found.off, found.end, err)
			}
			at = found.end
			if found.reason == "" {
				again := appendFrame(nil, seed, found.off, found.frame, Record{Payload: found.payload})
				if string(again) != string(file[found.off:found.end]) {
					t.Fatalf("at %d: the frame does not write as it reads", found.off)
				}
			}
		}
		if at != int64(len(file)) {
			t.Fatalf("findings end at %d of %d", at, len(file))
		}
	})
}
