package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

const batchAgent = "0123456789abcdef0123456789abcdef"

// sampleBatch has one of everything.
func sampleBatch() *Batch {
	id := func(n byte) roentgen.TraceID { return roentgen.TraceID{0x67, 15: n} }
	return &Batch{
		Header: BatchHeader{Agent: batchAgent, Host: "web-1", Version: "1.0.0", Epoch: 1<<64 - 1, Seq: 7, Sent: 1764540000.25},
		Documents: []BatchDocument{
			{roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1}, []byte(`{"id":"70de5b6f19ff9a0a"}`)},
			{roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, []byte(`{}`)},
			{roentgen.Keep{}, nil},
		},
		Notices:   []Notice{{id(1), "error"}, {id(2), "slow payments"}, {id(3), "error"}},
		Rollups:   [][]byte{[]byte("one"), []byte("two")},
		Statement: []byte(`{"agent":"` + batchAgent + `"}`),
	}
}

// asRead is b as a reader gives it back.
func asRead(b *Batch) *Batch {
	out := *b
	out.Documents = nil
	for _, d := range b.Documents {
		out.Documents = append(out.Documents, BatchDocument{d.Keep, append([]byte{}, d.Document...)})
	}
	out.Header.Documents = len(b.Documents)
	seen := map[string]bool{}
	for _, n := range b.Notices {
		if !seen[n.Reason] {
			out.Header.Reasons = append(out.Header.Reasons, n.Reason)
		}
		seen[n.Reason] = true
	}
	return &out
}

func TestABatchIsReadAsItWasWritten(t *testing.T) {
	empty := &Batch{Header: BatchHeader{Agent: batchAgent, Seq: 1}}
	var w BatchWriter
	var r BatchReader
	for _, b := range []*Batch{sampleBatch(), empty, sampleBatch()} {
		body := w.Append([]byte("before"), b)
		if string(body[:6]) != "before" {
			t.Fatalf("what stood in dst is gone: %q", body[:6])
		}
		got, err := r.Read(body[6:], 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if want := asRead(b); !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v\nwant\n%+v", got, want)
		}
	}
}

func TestTheBytesOfABatchStayAsTheyWere(t *testing.T) {
	body := AppendBatch(nil, sampleBatch())
	plain, err := s2.Decode(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	// What the compressor makes of it may change with its version; what it
	// made once has to stay readable.
	golden(t, "testdata/batch/v1.plain", plain)
	if *rewrite {
		golden(t, "testdata/batch/v1.batch", body)
	}
	old, err := os.ReadFile("testdata/batch/v1.batch")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadBatch(old, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if want := asRead(sampleBatch()); !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

func TestReasonsWithoutAnIndexAreCalledOther(t *testing.T) {
	b := &Batch{Header: BatchHeader{Agent: batchAgent, Seq: 1}}
	for i := range 300 {
		b.Notices = append(b.Notices, Notice{roentgen.TraceID{1, byte(i), byte(i >> 8)}, fmt.Sprintf("trigger %d", i)})
	}
	b.Notices = append(b.Notices, Notice{roentgen.TraceID{9}, "trigger 3"}, Notice{roentgen.TraceID{9}, strings.Repeat("x", 300)})
	got, err := ReadBatch(AppendBatch(nil, b), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{0: "trigger 0", 254: "trigger 254", 255: "other", 299: "other", 300: "trigger 3", 301: "other"} {
		if got.Notices[i].Reason != want {
			t.Errorf("notice %d: %q, want %q", i, got.Notices[i].Reason, want)
		}
	}
}

// plainBatch writes records by hand.
func plainBatch(records ...[]byte) []byte {
	out := []byte(batchMagic)
	for _, r := range records {
		out = appendRecord(out, r[0], r[1:])
	}
	return out
}

func sealed(plain []byte) []byte {
	return appendCompressed(nil, withEnd(plain))
}

func withEnd(plain []byte) []byte {
	sum := crc32.Checksum(plain, castagnoli())
	return appendRecord(plain, recordEnd, binary.LittleEndian.AppendUint32(nil, sum))
}

func TestWhatIsNoBatchIsRefusedByName(t *testing.T) {
	head := []byte("\x01" + `{"agent":"` + batchAgent + `","seq":1}`)
	one := []byte("\x01" + `{"agent":"` + batchAgent + `","seq":1,"documents":1,"reasons":["error"]}`)
	doc := func(reason byte, p float64) []byte {
		return append(binary.LittleEndian.AppendUint64([]byte{recordDocument, reason}, math.Float64bits(p)), "{}"...)
	}
	good := AppendBatch(nil, sampleBatch())
	for _, c := range []struct {
		title string
		body  []byte
		want  string
	}{
		{"nothing", nil, "not one s2 block"},
		{"no block", []byte("{\"documents\":1}"), "read a batch"},
		{"a block that stops", good[:len(good)-1], "damaged"},
		{"a longer text than allowed", appendCompressed(nil, make([]byte, 4<<20+1)), "at most 4194304"},
		{"another magic", appendCompressed(nil, []byte("RGA1....")), "RGB1"},
		{"another version", appendCompressed(nil, []byte("RGB2....")), "RGB2, and this server reads RGB1: upgrade"},
		{"no end", appendCompressed(nil, plainBatch(head)), "without its end"},
		{"bytes behind the end", appendCompressed(nil, append(withEnd(plainBatch(head)), 0)), "follow its end"},
		{"no header", sealed(plainBatch([]byte("\x05{}"))), "the header comes first"},
		{"two headers", sealed(plainBatch(head, head)), "the header comes first, and once"},
		{"a header that is no JSON", sealed(plainBatch([]byte("\x01{"))), "header of a batch"},
		{"an agent without a name", sealed(plainBatch([]byte("\x01{}"))), "32 lower-case hex digits"},
		{"seq 0", sealed(plainBatch([]byte("\x01" + `{"agent":"` + batchAgent + `"}`))), "count from 1"},
		{"a record of the future", sealed(plainBatch(head, []byte("\x07x"))), "type 7 at offset 61 is unknown to this server: upgrade"},
		{"two statements", sealed(plainBatch(head, []byte("\x05{}"), []byte("\x05{}"))), "a second statement"},
		{"a document too few", sealed(plainBatch(one)), "speaks of 1 documents, and 0"},
		{"a document without its keep", sealed(plainBatch(one, []byte("\x02abc"))), "at least 9"},
		{"a reason of the future", sealed(plainBatch(one, doc(9, 1))), "reason 9, which is unknown to this server: upgrade"},
		{"a probability that is none", sealed(plainBatch(one, doc(1, math.NaN()))), "NaN"},
		{"a probability above 1", sealed(plainBatch(one, doc(1, 1.5))), "1.5"},
		{"half a notice", sealed(plainBatch(one, append([]byte{recordNotices}, make([]byte, 16)...))), "multiple of 17"},
		{"a notice without a reason", sealed(plainBatch(head, append([]byte{recordNotices}, make([]byte, 17)...))), "reason 0 of 0"},
		{"a notice of no trace", sealed(plainBatch(one, append([]byte{recordNotices}, make([]byte, 17)...))), "names no trace"},
		{"too many notices", sealed(plainBatch(one, bytes.Repeat([]byte{recordNotices}, 17*(MaxBatchNotices+1)+1))), "65537 notices, at most 65536"},
		{"a statement too long", sealed(plainBatch(head, bytes.Repeat([]byte{recordStatement}, MaxStatementBytes+2))), "statement has"},
		{"a length beyond the end", appendCompressed(nil, append(plainBatch(head), 2, 255, 255, 255, 255)), "are left"},
	} {
		_, err := ReadBatch(c.body, 4<<20)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.title, err, c.want)
		}
		kind := roentgen.Invalid
		if strings.Contains(c.want, "upgrade") {
			kind = roentgen.Unavailable
		}
		if err != nil && roentgen.KindOf(err) != kind {
			t.Errorf("%s: kind %s", c.title, roentgen.KindOf(err))
		}
	}
}

func TestADamagedBatchIsRefused(t *testing.T) {
	plain, err := s2.Decode(nil, AppendBatch(nil, sampleBatch()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range plain {
		bad := bytes.Clone(plain)
		bad[i] ^= 0x10
		if _, err := ReadBatch(appendCompressed(nil, bad), 1<<20); err == nil {
			t.Errorf("a wrong bit in byte %d is not seen", i)
		}
	}
}

func samplePage() *NoticePage {
	return &NoticePage{Next: 1 << 40, Oldest: 9, Notices: []Notice{
		{roentgen.TraceID{1}, "error"}, {roentgen.TraceID{2}, ""}, {roentgen.TraceID{3}, strings.Repeat("ä", 127)},
	}}
}

func TestAPageOfNoticesIsReadAsItWasWritten(t *testing.T) {
	body := AppendNoticePage(nil, samplePage())
	golden(t, "testdata/batch/notices-v1.page", body)
	got, err := ReadNoticePage(body)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, samplePage()) {
		t.Errorf("read %+v", got)
	}
	for n := range len(body) {
		if _, err := ReadNoticePage(body[:n]); err == nil {
			t.Errorf("a page of %d bytes of %d is read", n, len(body))
		}
	}
	if _, err := ReadNoticePage(append(body, 0)); err == nil {
		t.Error("a byte behind the page is not seen")
	}
}

func FuzzReadBatch(f *testing.F) {
	plain, err := s2.Decode(nil, AppendBatch(nil, sampleBatch()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add([]byte(batchMagic))
	f.Fuzz(func(t *testing.T, plain []byte) {
		b, err := ReadBatch(appendCompressed(nil, plain), 1<<20)
		if err != nil {
			if kind := roentgen.KindOf(err); kind != roentgen.Invalid && kind != roentgen.Unavailable {
				t.Fatalf("kind %s: %v", roentgen.KindOf(err), err)
			}
			return
		}
		again, err := ReadBatch(AppendBatch(nil, b), 2<<20)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again.Header.Reasons, b.Header.Reasons = nil, nil // those that no notice has are not written
		if !reflect.DeepEqual(again, b) {
			t.Fatalf("read\n%+v\nthen\n%+v", b, again)
		}
	})
}

func FuzzReadBatchBody(f *testing.F) {
	f.Add(AppendBatch(nil, sampleBatch()))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := ReadBatch(body, 1<<16); err != nil && roentgen.KindOf(err) != roentgen.Invalid && roentgen.KindOf(err) != roentgen.Unavailable {
			t.Fatalf("kind %s: %v", roentgen.KindOf(err), err)
		}
	})
}

func FuzzReadNoticePage(f *testing.F) {
	f.Add(AppendNoticePage(nil, samplePage()))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ReadNoticePage(body)
		if err == nil && !bytes.Equal(AppendNoticePage(nil, p), body) {
			t.Fatalf("read %+v, which is written otherwise", p)
		}
	})
}

// benchBatch has 500 documents of 2.2 kB that repeat as those of services do.
func benchBatch() *Batch {
	b := &Batch{Header: BatchHeader{Agent: batchAgent, Host: "web-1", Seq: 1}}
	for i := range 500 {
		doc := fmt.Appendf(nil, `{"trace_id":"1-67a0b1c2-%024x","id":"%016x","name":"checkout","start_time":1764540000.%06d`, i*7919, i*104729, i)
		for j := range 12 {
			doc = fmt.Appendf(doc, `,"m%d":{"http":{"request":{"method":"GET","url":"https://example.com/orders/%d/lines"},"response":{"status":200,"content_length":%d}}}`, j, i*31+j, i*j)
		}
		b.Documents = append(b.Documents, BatchDocument{roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, append(doc, '}')})
	}
	return b
}

func BenchmarkAppendBatch(b *testing.B) {
	batch, w, dst := benchBatch(), new(BatchWriter), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		dst = w.Append(dst[:0], batch)
	}
	b.SetBytes(int64(len(w.plain)))
	b.ReportMetric(float64(len(dst))/float64(len(w.plain)), "ratio")
}

func BenchmarkReadBatch(b *testing.B) {
	body, r := AppendBatch(nil, benchBatch()), new(BatchReader)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Read(body, 4<<20); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(r.plain)))
}
