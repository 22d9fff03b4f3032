package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
)

func le32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }

func crcOf(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// sampleFile is a file with some records.
func sampleFile(records int) []byte {
	mem := make([]byte, 4096)
	h := header{coding: codingRaw, number: 7, created: 1e18, plain: uint64(len(mem) - fileHead)}
	h.put(mem)
	off := fileHead
	for i := range records {
		doc, keep := numbered(i)
		storeWord(mem, off, putRecord(mem, off, h.seed(), byte(i%2), keep, uint32(i), doc))
		off += recordSize(len(doc))
	}
	return mem
}

// FuzzFile reads bytes as a file: whatever they are, the reading ends, stays
// within them, and takes no more memory than they may stand for.
func FuzzFile(f *testing.F) {
	raw := sampleFile(5)
	f.Add(raw)
	head, block := pack(header{number: 7, created: 1e18, documents: 3, records: 5}, raw[:1500&^7], nil)
	f.Add(bytes.Join([][]byte{head, block}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if b = bytes.Clone(b); len(b) >= fileHead { // what is behind the check is to be met
			le32(b[56:], headerCheck(b))
		}
		h, mem, err := unpack(b, nil)
		if err != nil {
			return
		}
		if len(mem) > fileHead+maxRatio*len(b) {
			t.Fatalf("%d bytes became %d", len(b), len(mem))
		}
		x := &file{number: h.number, seed: h.seed(), mem: mem}
		documents, records := x.vet(mem, len(mem))
		g := &gathering{at: cursor{x, fileHead}}
		for g.take(Limit{Documents: never, Bytes: never}) {
		}
		lost := int64(0)
		for _, l := range g.lost {
			lost += l.documents
		}
		if documents > records || int64(len(g.documents))+lost != documents || g.at.off != int(x.end.Load()) {
			t.Fatalf("vetted %d documents of %d records; read %d, lost %d, stopped at %d of %d", documents, records, len(g.documents), lost, g.at.off, x.end.Load())
		}
	})
}

// FuzzTable reads bytes as the table of cuts.
func FuzzTable(f *testing.F) {
	f.Add(goldenTable())
	f.Fuzz(func(t *testing.T, b []byte) {
		if b = bytes.Clone(b); len(b) == tableSize {
			le32(b[48:], crcOf(b[:48]))
			for i := range slots {
				slot := table{b}.slot(i)
				le32(slot[48:], crcOf(slot[:48]))
			}
		}
		_, cuts, found := readTable(b)
		if found != conditionSound && cuts != nil || len(cuts) > slots {
			t.Fatalf("%d cuts in a table of condition %d", len(cuts), found)
		}
	})
}

// goldenTable is a table with a cut in flight and one that is done.
func goldenTable() []byte {
	t := table{make([]byte, tableSize)}
	t.putHeader(tableHeader{epoch: 0x1122334455667788, created: 1764460800e9, boot: unknownBoot})
	t.put(bounds{seq: 1, first: position{1, 64}, last: position{1, 320}, documents: 3})
	t.put(bounds{slot: 1, seq: 2, first: position{1, 320}, last: position{2, 128}, documents: 2, rollups: 1})
	t.setState(0, slotDone)
	return t.mem
}

func TestTheFormatIsTheGoldenFiles(t *testing.T) {
	for name, got := range map[string][]byte{"00000007.spool": sampleFile(5), "cuts": goldenTable()} {
		file := filepath.Join("testdata", "v1", name)
		if os.Getenv("REWRITE_GOLDEN") != "" {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what this program writes (%v)", file, err)
		}
	}
}

func TestGoldenFilesAreRead(t *testing.T) {
	for _, name := range []string{"00000007.spool", "00000007-packed.spool"} {
		b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
		if err != nil {
			t.Fatal(err)
		}
		h, mem, err := unpack(b, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := &file{number: 7, created: h.created, seed: h.seed(), mem: mem}
		if documents, records := x.vet(mem, len(mem)); documents != 3 || records != 5 {
			t.Errorf("%s: %d documents of %d records, want 3 of 5", name, documents, records)
		}
		r, ok := x.read(fileHead)
		if doc, keep := numbered(0); !ok || !bytes.Equal(r.payload, doc) || r.keep != keep {
			t.Errorf("%s: the first record is %q, kept %v", name, r.payload, r.keep)
		}
	}
	_, cuts, found := readTable(goldenTable())
	if found != conditionSound || len(cuts) != 2 || !cuts[0].done || cuts[1].done || cuts[1].last != (position{2, 128}) {
		t.Errorf("%v %+v", found, cuts)
	}
}
