package block

import (
	"bytes"
	"errors"
	"testing"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store/storetest"
)

// FuzzDecodeBatch wants every batch to be read or refused by name, and what was
// read to be what would be written.
func FuzzDecodeBatch(f *testing.F) {
	r := storetest.NewRandom(1)
	var raw []byte
	for range 3 {
		raw = appendEntry(raw, r.Document().Stored(f))
	}
	for _, b := range [][]byte{raw, raw[:len(raw)-1], raw[:20], nil} {
		_, record := batchRecord(b, nil)
		f.Add(append(record.Head, record.Payload...))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := s2.DecodedLen(b[min(1, len(b)):]); err == nil && n > 1<<20 {
			return // the decoder takes what is claimed, up to largestBatch: too slow to search in
		}
		var again []byte
		err := decodeBatch(b, func(text []byte, d roentgen.Stored) error {
			d.Segment = &roentgen.Segment{Document: text}
			again = appendEntry(again, d)
			return nil
		})
		var refused *recordError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("%v, want a recordError", err)
		}
		if err != nil {
			return
		}
		_, record := batchRecord(again, nil)
		var once []byte
		if err := decodeBatch(append([]byte{recordVersion}, record.Payload...), func(text []byte, d roentgen.Stored) error {
			d.Segment = &roentgen.Segment{Document: text}
			once = appendEntry(once, d)
			return nil
		}); err != nil || !bytes.Equal(once, again) {
			t.Fatalf("written again it is another batch: %v", err)
		}
	})
}

// A batch holds what went in, and nothing that was not whole.
func TestABatchHoldsItsDocuments(t *testing.T) {
	r := storetest.NewRandom(2)
	var docs []roentgen.Stored
	var raw []byte
	for range 20 {
		d := r.Document().Stored(t)
		docs, raw = append(docs, d), appendEntry(raw, d)
	}
	_, record := batchRecord(raw, nil)
	n := 0
	err := decodeBatch(append(record.Head, record.Payload...), func(text []byte, d roentgen.Stored) error {
		want := docs[n]
		if !bytes.Equal(text, want.Segment.Document) || d.Received != want.Received || d.Keep != want.Keep {
			t.Errorf("document %d is %s %v %v", n, text, d.Received, d.Keep)
		}
		n++
		return nil
	})
	if err != nil || n != len(docs) {
		t.Errorf("%d documents of %d, %v", n, len(docs), err)
	}
}
