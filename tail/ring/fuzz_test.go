package ring

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/s2"
)

// FuzzFrame hands any bytes to the reader of frames: it says no, or what it says fits the bytes. The checksums are
// made right first, for the fuzzer will not hit them.
func FuzzFrame(f *testing.F) {
	f.Add(goldenFrame(), true)
	f.Add(goldenFrame()[:80], true)
	f.Add(goldenFrame(), false)
	f.Fuzz(func(t *testing.T, b []byte, right bool) {
		if right && len(b) >= frameHeader {
			le.PutUint64(b[56:], 0x1895)
		}
		fr, err := parseFrame(b, 0x1895)
		if err != nil || fr.headSize() > len(b) {
			return
		}
		if right {
			le.PutUint32(b[4:], frameCheck(b[:fr.headSize()]))
		}
		before := string(b)
		if fr.parseEntries(b[:fr.headSize()]) != nil || fr.size() > len(b) {
			return
		}
		if before != string(b) {
			t.Fatal("reading changed the frame")
		}
		block := b[fr.headSize():fr.size()]
		if right {
			fr.blockCheck = checksum(block)
		}
		raw, err := fr.decode(nil, block)
		if err == nil && len(raw) != fr.raw {
			t.Fatalf("%d bytes, want %d", len(raw), fr.raw)
		}
		// A block of n bytes cannot claim more than s2 can make of it.
		if n, derr := s2.DecodedLen(block); err == nil && (derr != nil || n != fr.raw) {
			t.Fatal(n, derr)
		}
	})
}

// FuzzStaging puts any bytes where staged documents are: what is restored can be taken, and the rest is counted.
func FuzzStaging(f *testing.F) {
	f.Add(goldenStaging(), uint64(2))
	f.Add(goldenStaging(), uint64(3))
	f.Add([]byte{}, uint64(1<<40))
	f.Fuzz(func(t *testing.T, b []byte, count uint64) {
		mapped := make([]byte, stagingSize)
		entries := copy(mapped[pageSize:], b[:min(len(b), 40*stagedEntry)])
		copy(mapped[pageSize+stagingDocs*stagedEntry:], b[entries:])
		s := newStaging(mapped)
		s.count.Store(count)
		damaged, _ := s.restore()
		left := 0
		for _, id := range s.ids {
			if !id.IsZero() {
				left += s.take(id, func([]byte) {})
				s.taken(id)
			}
		}
		if s.waiting != 0 || s.n > stagingDocs || s.used > len(s.docs) {
			t.Fatalf("%d wait after all was taken; %d documents, %d bytes", s.waiting, s.n, s.used)
		}
		if count <= stagingDocs && damaged+left > int(count) {
			t.Fatalf("of %d documents %d are damaged and %d left", count, damaged, left)
		}
		if s.fits(10) {
			s.put(trace(1), []byte("0123456789"))
		}
	})
}

// FuzzOpen changes bytes of a ring anywhere. It opens, or is refused with a name; what leaves was put, and the sums
// balance.
func FuzzOpen(f *testing.F) {
	f.Add(false, uint32(20), byte(1))
	f.Add(false, uint32(pageSize+70), byte(0x80))
	f.Add(false, uint32(pageSize+44), byte(0xff))
	f.Add(true, uint32(liveOffset), byte(1))
	f.Add(true, uint32(liveOffset+8), byte(1))
	f.Add(true, uint32(liveOffset+24), byte(4))
	f.Add(true, uint32(liveOffset+40), byte(0x40))
	from, _ := filled(f, 60)
	f.Fuzz(func(t *testing.T, staged bool, at uint32, mask byte) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		path, size := filepath.Join(dir, frameFile), int64(200<<10) // behind that the ring is empty
		if staged {
			path, size = filepath.Join(dir, stagingFile), stagingSize
		}
		flipMask(t, path, int64(at)%size, mask)
		r, err := Open(Options{Dir: dir, Bytes: 1 << 20, Now: clock(), Logger: quiet()})
		if err != nil {
			return // foreign or newer, see TestForeignAndNewerFilesAreRefused
		}
		defer r.Close()
		for n := range 60 {
			for _, doc := range taken(r, trace(n)) {
				if doc != string(document(n, 3000)) {
					t.Fatalf("of trace %d left %.40q", n, doc)
				}
			}
		}
		r.Put(trace(100), document(100, 3000))
		if got := taken(r, trace(100)); len(got) != 1 {
			t.Fatalf("%d documents left after the damage", len(got))
		}
		if at := at % stagingSize; !staged || at < liveOffset || at >= pageSize { // sums that are hit are hit
			checkSums(t, r)
		}
	})
}

func flipMask(t *testing.T, path string, at int64, mask byte) {
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
	b[0] ^= mask
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}
