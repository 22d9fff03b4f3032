package ring

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// goldenFrame is a frame of three documents of which the second is taken.
func goldenFrame() []byte {
	docs := []string{`{"name":"checkout"}`, `{"name":"payments"}`, `{"name":"stock"}`}
	raw := []byte(docs[0] + docs[1] + docs[2])
	f := frame{number: 7, oldest: 3, first: 1772010000e9, last: 1772010001e9, docs: 3, raw: len(raw), ring: 0x1895}
	b := make([]byte, f.headSize()+s2.MaxEncodedLen(len(raw)))
	f.block = len(s2.Encode(b[f.headSize():], raw))
	putFrame(b, f, func(i int) (roentgen.TraceID, uint32) {
		length := uint32(len(docs[i]))
		if i == 1 {
			length |= takenBit
		}
		return trace(i), length
	})
	return b[:f.size()]
}

func goldenStaging() []byte {
	s := newStaging(make([]byte, stagingSize))
	s.put(trace(0), []byte(`{"name":"checkout"}`))
	s.put(trace(1), []byte(`{"name":"payments"}`))
	s.taken(trace(1))
	return append(append([]byte{}, s.entries[:2*stagedEntry]...), s.docs[:s.used]...)
}

func golden(t *testing.T, name string, made []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", "v1", name)
	if *rewrite {
		write(t, path, made)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Bytes that version 1 has written are read as they were meant.
func TestGoldenFiles(t *testing.T) {
	h := fileHeader{magic: frameMagic, id: 0x1895, capacity: 512 << 20, docs: stagingDocs}
	b := golden(t, "header", h.append(nil))
	if got, err := parseHeader("f", b, frameMagic); err != nil || got != h || string(b) != string(h.append(nil)) {
		t.Errorf("header: %+v, %v", got, err)
	}
	b = golden(t, "frame", goldenFrame())
	f, err := parseFrame(b, 0x1895)
	if err != nil || f.number != 7 || f.oldest != 3 || f.first != 1772010000e9 || f.last != 1772010001e9 || f.docs != 3 {
		t.Fatalf("frame: %+v, %v", f, err)
	}
	if err := f.parseEntries(b[:f.headSize()]); err != nil {
		t.Error(err)
	}
	raw, err := f.decode(nil, b[f.headSize():])
	if err != nil || string(raw) != `{"name":"checkout"}{"name":"payments"}{"name":"stock"}` {
		t.Errorf("documents of the frame: %s, %v", raw, err)
	}
	for i, wantTaken := range []bool{false, true, false} {
		e := b[frameHeader+i*frameEntry:]
		if roentgen.TraceID(e[:16]) != trace(i) || (e[frameEntry-1]&takenByte != 0) != wantTaken {
			t.Errorf("entry %d: % x", i, e[:frameEntry])
		}
	}
	if b := golden(t, "staged", goldenStaging()); string(b) != string(goldenStaging()) {
		t.Errorf("staged: % x", b)
	}
}
