package applog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// threeFiles makes a log of three files with the records r1 to r9, three in
// each file, every one in a batch of its own.
func threeFiles(t testing.TB) (*vfs.Fault, []string, []Position) {
	t.Helper()
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{Now: steadyClock()})
	var want []string
	var at []Position
	for i := range 9 {
		if i == 3 || i == 6 {
			if _, err := l.Rotate(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		want = append(want, fmt.Sprintf("r%d %s", i+1, strings.Repeat("x", i*5)))
		at = append(at, mustAppend(t, l, want[i]))
	}
	mustClose(t, l)
	return fs, want, at
}

func without(all []string, drop ...int) []string {
	var kept []string
	for i, s := range all {
		keep := true
		for _, d := range drop {
			keep = keep && d != i
		}
		if keep {
			kept = append(kept, s)
		}
	}
	return kept
}

func TestDamageIsReportedAndTheRecordsAroundItAreKept(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	for _, c := range []struct {
		title string
		hurt  func(fs *vfs.Fault, at []Position)
		lost  []int  // indices of records
		tell  string // in the one damage that is reported
		where uint64 // its file
	}{
		{"a payload in an old file", func(fs *vfs.Fault, at []Position) {
			fs.Flip(file(1), at[1].Offset+frameHeaderSize, 4)
		}, []int{1}, "checksum of a record", 1},
		{"a frame header in an old file", func(fs *vfs.Fault, at []Position) {
			fs.Flip(file(1), at[1].Offset+5, 4)
		}, []int{1}, "no record begins here", 1},
		{"the last record of an old file", func(fs *vfs.Fault, at []Position) {
			fs.Flip(file(2), at[5].Offset+frameHeaderSize, 4)
		}, []int{5}, "checksum", 2},
		{"the middle of the last file", func(fs *vfs.Fault, at []Position) {
			fs.Flip(file(3), at[7].Offset, 4)
		}, []int{7}, "no record begins here", 3},
		{"two records in a row", func(fs *vfs.Fault, at []Position) {
			fs.Flip(file(1), at[0].Offset+2, 4)
			fs.Flip(file(1), at[1].Offset+2, 4)
		}, []int{0, 1}, "no record begins here", 1},
		{"a file header", func(fs *vfs.Fault, _ []Position) {
			fs.Flip(file(2), 25, 4)
		}, nil, "header is damaged", 2},
		{"the checksum of a file header", func(fs *vfs.Fault, _ []Position) {
			fs.Flip(file(3), headerSize-1, 4)
		}, nil, "header is damaged", 3},
		{"the version in a file header", func(fs *vfs.Fault, _ []Position) {
			fs.Flip(file(1), 9, 4)
		}, nil, "header is damaged", 1},
		{"the magic of a file header", func(fs *vfs.Fault, _ []Position) {
			fs.Flip(file(1), 2, 4)
		}, nil, "header is damaged", 1},
		{"a file header that is zeros", func(fs *vfs.Fault, _ []Position) {
			b := fs.ReadFile(file(1))
			fs.WriteFile(file(1), append(zeros(headerSize), b[headerSize:]...))
		}, []int{0, 1, 2}, "destroyed", 1},
		{"a file that is missing", func(fs *vfs.Fault, _ []Position) {
			if err := fs.Remove(file(2)); err != nil {
				t.Fatal(err)
			}
		}, []int{3, 4, 5}, "missing", 2},
		{"an old file that lost its last record", func(fs *vfs.Fault, at []Position) {
			fs.WriteFile(file(2), fs.ReadFile(file(2))[:at[5].Offset])
		}, []int{5}, "when the next one was begun", 2},
		{"an old file that is empty", func(fs *vfs.Fault, _ []Position) {
			fs.WriteFile(file(1), nil)
		}, []int{0, 1, 2}, "", 1},
	} {
		t.Run(c.title, func(t *testing.T) {
			fs, want, at := threeFiles(t)
			c.hurt(fs, at)
			for range 2 { // once more: damage does not go away by being reported
				l := mustOpen(t, fs, Options{})
				wantDamage(t, l.Recovery(), c.where, c.tell)
				got, _ := replayed(t, l)
				wantEqual(t, got, without(want, c.lost...))
				mustAppend(t, l, "new")
				want = append(want, "new")
				mustClose(t, l)
			}
		})
	}
}

func wantDamage(t *testing.T, r Recovery, number uint64, tell string) {
	t.Helper()
	if len(r.Damage) == 0 || r.DroppedBytes != 0 {
		t.Fatalf("recovery: %+v", r)
	}
	for _, d := range r.Damage {
		if d.File == file(number) && strings.Contains(d.Error(), tell) {
			return
		}
	}
	t.Errorf("damage %v, want %q in file %d", r.Damage, tell, number)
}

func TestReplayReportsTheDamageThatItMeets(t *testing.T) {
	fs, want, at := threeFiles(t)
	l := mustOpen(t, fs, Options{})
	fs.Flip(file(1), at[1].Offset+frameHeaderSize, 1) // while the log is open
	got, damage := replayed(t, l)
	wantEqual(t, got, without(want, 1))
	if len(damage) != 1 || damage[0].Offset != at[1].Offset || damage[0].Bytes != FrameBytes(len(want[1])) {
		t.Errorf("damage: %v", damage)
	}
	_, _, err := l.Read(at[1], nil)
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) {
		t.Errorf("Read of a damaged record: %v", err)
	}
}

// Every byte of a log is hit once: one record at most is lost, and something
// is reported.
func TestNoFlippedBitIsOverlookedOrCostsMoreThanItsRecord(t *testing.T) {
	fs, want, _ := threeFiles(t)
	for number := uint64(1); number <= 3; number++ {
		whole := fs.ReadFile(file(number))
		for off := range whole {
			fs.Flip(file(number), int64(off), 1<<(off%8))
			l := mustOpen(t, fs, Options{})
			r := l.Recovery()
			if len(r.Damage) == 0 && r.DroppedBytes == 0 {
				t.Errorf("file %d, byte %d: nothing is reported", number, off)
			}
			got, _ := replayed(t, l)
			if lost := len(want) - len(got); lost > 1 || off < headerSize && lost > 0 || !isSubsequence(got, want) {
				t.Errorf("file %d, byte %d: got %.20q", number, off, got)
			}
			mustClose(t, l)
			fs.WriteFile(file(number), whole)
		}
	}
}

// The last file is cut at every length: the whole records in front of the cut
// are there, the torn rest is reported, and the next opening finds nothing.
func TestATornTailIsCutOff(t *testing.T) {
	fs, want, at := threeFiles(t)
	whole := fs.ReadFile(file(3))
	for size := range whole {
		fs.WriteFile(file(3), whole[:size])
		l := mustOpen(t, fs, Options{})
		n, end := 6, int64(headerSize)
		for i := 6; i < 9 && at[i].After(len(want[i])).Offset <= int64(size); i++ {
			n, end = i+1, at[i].After(len(want[i])).Offset
		}
		if size < headerSize {
			end = 0
		}
		r := l.Recovery()
		if torn := int64(size) - end; r.DroppedBytes != torn || torn > 0 && (r.File != file(3) || r.Offset != end) || r.Damage != nil {
			t.Errorf("cut at %d: %+v", size, r)
		}
		mustAppend(t, l, "new")
		wantRecords(t, l, append(want[:n:n], "new")...)
		mustClose(t, l)
		l = mustOpen(t, fs, Options{})
		if r := l.Recovery(); r.DroppedBytes != 0 || r.Damage != nil {
			t.Errorf("cut at %d, opened again: %+v", size, r)
		}
		mustClose(t, l)
	}
}

// A power cut may keep the end of the last write and lose its beginning.
func TestAHoleInTheLastWriteIsMetOnce(t *testing.T) {
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{})
	mustAppend(t, l, "first")
	at := mustAppend(t, l, "lost", "lost too", "kept")
	mustClose(t, l)
	b := fs.ReadFile(file(1))
	clear(b[at.Offset:at.After(4).After(8).Offset])
	fs.WriteFile(file(1), b)

	l = mustOpen(t, fs, Options{})
	r := l.Recovery()
	if r.Offset != at.Offset || r.DroppedBytes != FrameBytes(4)+FrameBytes(8) || r.Damage != nil {
		t.Errorf("recovery: %+v", r)
	}
	mustAppend(t, l, "next")
	wantRecords(t, l, "first", "kept", "next")
	mustClose(t, l)
	l = mustOpen(t, fs, Options{})
	if r := l.Recovery(); r.DroppedBytes != 0 || r.Damage != nil {
		t.Errorf("opened again: %+v", r)
	}
	if f := l.Files()[0]; f.Records != 3 {
		t.Errorf("%d records counted, want 3", f.Records)
	}
	wantRecords(t, l, "first", "kept", "next")
}

// A block of another file that a crash brought back must not pass as a record.
func TestAStaleBlockIsNoRecord(t *testing.T) {
	fs, _, at := threeFiles(t)
	two, three := fs.ReadFile(file(2)), fs.ReadFile(file(3))
	fs.WriteFile(file(3), append(three[:at[6].Offset:at[6].Offset], two[at[3].Offset:]...))
	l := mustOpen(t, fs, Options{})
	got, _ := replayed(t, l)
	if len(got) != 6 || l.Recovery().DroppedBytes == 0 {
		t.Errorf("got %.20q, %+v", got, l.Recovery())
	}
}

// Nor must a record of the same file in another place.
func TestARecordInAnotherPlaceIsNoRecord(t *testing.T) {
	fs, want, at := threeFiles(t)
	b := fs.ReadFile(file(3))
	fs.WriteFile(file(3), append(b, b[at[8].Offset:]...))
	l := mustOpen(t, fs, Options{})
	if r := l.Recovery(); r.Offset != int64(len(b)) || r.DroppedBytes != FrameBytes(len(want[8])) {
		t.Errorf("recovery: %+v", r)
	}
	wantRecords(t, l, want...)
}

func TestFilesThatAreNotOursAreRefusedAndLeftAlone(t *testing.T) {
	newer := func() []byte {
		b := header{number: 3, created: aDay}.encode()
		b[8] = 9
		b = append(b[:headerSize-4], "more"...)
		b[12] = byte(len(b) + 4)
		return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crcTable))
	}()
	for _, c := range []struct {
		title   string
		content []byte
		as      any
		tell    string
	}{
		{"a text", []byte("Dear diary, today I wrote a file with an unfortunate name."), new(*ForeignError), "move it elsewhere"},
		{"a short text", []byte("Dear diary"), new(*ForeignError), "move it elsewhere"},
		{"a newer log", newer, new(*VersionError), "written by a newer version 9; this program reads up to 1; upgrade"},
	} {
		t.Run(c.title, func(t *testing.T) {
			for _, number := range []uint64{1, 3} {
				fs, _, _ := threeFiles(t)
				fs.WriteFile(file(number), c.content)
				_, err := Open(fs, testDir, Options{})
				if !errors.As(err, c.as) || !strings.Contains(err.Error(), c.tell) {
					t.Errorf("as file %d: %v", number, err)
				}
				if string(fs.ReadFile(file(number))) != string(c.content) {
					t.Errorf("as file %d: it was changed", number)
				}
			}
		})
	}
}

func TestFilesWithOtherNamesAreNotTheLogs(t *testing.T) {
	fs, want, _ := threeFiles(t)
	for _, name := range []string{"/notes.txt", "/4.log", "/00000000.log", "/00000004.log.bak", "/0000000x.log"} {
		fs.WriteFile(testDir+name, []byte("hello"))
	}
	wantRecords(t, mustOpen(t, fs, Options{}), want...)
}

// A disk that cannot be read today may be readable tomorrow: nothing is cut.
func TestAReadErrorAtOpeningDestroysNothing(t *testing.T) {
	for number := uint64(1); number <= 3; number++ {
		for skip := range 2 {
			fs, want, _ := threeFiles(t)
			reads := 0
			fs.SetPlan(func(c vfs.Call) vfs.Verdict {
				if c.Op != vfs.OpRead || c.Name != file(number) {
					return vfs.Verdict{}
				}
				if reads++; reads > skip {
					return vfs.Verdict{Err: syscall.EIO}
				}
				return vfs.Verdict{}
			})
			l := mustOpen(t, fs, Options{})
			if len(l.Recovery().Damage) == 0 || l.Recovery().DroppedBytes != 0 {
				t.Errorf("file %d: %+v", number, l.Recovery())
			}
			mustAppend(t, l, "new")
			mustClose(t, l)
			fs.SetPlan(nil)
			wantRecords(t, mustOpen(t, fs, Options{}), append(want, "new")...)
		}
	}
}

func isSubsequence(got, of []string) bool {
	i := 0
	for _, g := range got {
		for i < len(of) && of[i] != g {
			i++
		}
		if i == len(of) {
			return false
		}
		i++
	}
	return true
}
