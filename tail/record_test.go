package tail

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

// goldenRecords are one of each kind.
func goldenRecords() []record {
	head := roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.05}
	return []record{
		{kind: recordUnsent, id: traceOf(1), reason: "fault"},
		{kind: recordKeep, keep: byTrigger, own: true, open: true, id: traceOf(2), reason: "slow-upi"},
		{kind: recordKeep, keep: head, id: traceOf(3), reason: "head 0.05"},
		{kind: recordClosed, id: traceOf(2)},
		{kind: recordSent, n: 1},
	}
}

func goldenLog() []byte {
	b := appendLogHeader(nil, 3, time.Unix(1772010000, 0))
	for _, r := range goldenRecords() {
		b = r.append(b)
	}
	return b
}

// A log that version 1 has written is read as it was meant.
func TestGoldenLog(t *testing.T) {
	path := filepath.Join("testdata", "v1", "decisions")
	if *rewrite {
		if err := os.WriteFile(path, goldenLog(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != string(goldenLog()) {
		t.Fatalf("the bytes of version 1 have changed: %v", err)
	}
	for i, want := range goldenRecords() {
		if got, ok := parseRecord(b[logHeaderSize+i*recordSize:][:recordSize]); !ok || got != want {
			t.Errorf("record %d: %+v, %v", i, got, ok)
		}
	}
	tl := openLog(t, b)
	defer tl.Close()
	if un := tl.Unsent(10); len(un) != 1 || un[0].Trace != traceOf(2) || un[0].Reason != "slow-upi" {
		t.Errorf("unsent: %v", un)
	}
	var keeps []roentgen.Keep
	for trace := 1; trace <= 3; trace++ {
		tl.Offer(segment(trace, ""), document(trace, 1), MarkUndecided, 0, func(_ []byte, k roentgen.Keep) { keeps = append(keeps, k) })
	}
	if len(keeps) != 2 || keeps[0] != byTrigger || keeps[1] != goldenRecords()[2].keep {
		t.Errorf("kept: %v", keeps)
	}
}

// openLog opens a tail with that log of decisions.
func openLog(t *testing.T, log []byte) *Tail {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, logName(3)), log, 0o600); err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
}

// FuzzLog reads any bytes as records: each is left out, or does what its bytes say.
func FuzzLog(f *testing.F) {
	f.Add(goldenLog()[logHeaderSize:], true)
	f.Add(goldenLog()[logHeaderSize:logHeaderSize+100], false)
	f.Add(record{kind: recordSent, n: 1 << 63}.append(nil), false)
	f.Fuzz(func(t *testing.T, b []byte, right bool) {
		b, whole := bytes.Clone(b), 0
		book, m := &book{}, &memory{}
		for ; len(b) >= recordSize; b = b[recordSize:] {
			if right { // the fuzzer does not hit checksums
				le.PutUint32(b[4:], recordCheck(b))
			}
			rec, ok := parseRecord(b)
			if !ok {
				continue
			}
			whole++
			book.apply(rec, m, byFirstBytes{})
			if again, ok := parseRecord(rec.append(nil)); !ok || again.id != rec.id || again.reason != rec.reason || again.kind != rec.kind {
				t.Fatalf("%+v comes back as %+v", rec, again)
			}
			known := m.find(rec.id, le.Uint64(rec.id[:]))
			if rec.kind == recordKeep && (known == nil || known.open != rec.open || known.reason != rec.keep.Reason) {
				t.Fatalf("%+v is remembered as %+v", rec, known)
			}
			if rec.kind == recordClosed && known != nil && known.open {
				t.Fatal("a closed decision is open")
			}
		}
		if len(book.mu.unsent) > whole || m.len() > whole {
			t.Fatalf("%d notices and %d decisions of %d records", len(book.mu.unsent), m.len(), whole)
		}
	})
}

// byFirstBytes is a poor hash that can be foretold.
type byFirstBytes struct{}

func (byFirstBytes) hash(d *decision) uint64 { return le.Uint64(d.id[:]) }

// FuzzTriggers: any text is refused with kind Invalid, or gives triggers that can be used.
func FuzzTriggers(f *testing.F) {
	f.Add("version: 1\ntriggers:\n- {name: slow, when: slower than 2s, quota: 5/m, burst: 2}\ncapture: [a]\notlp_rate: .5\ntold: {quota: 1/s}")
	f.Add("version: 1\ntriggers:\n- name: x\n  when: 'filter: service(\"a\") { fault }'")
	f.Add("&a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		ts, err := ParseTriggers([]byte(text))
		if err != nil {
			if roentgen.KindOf(err) != roentgen.Invalid {
				t.Fatalf("%v is %s", err, roentgen.KindOf(err))
			}
			return
		}
		for _, tr := range ts.Triggers {
			if tr.Name == "" || len(tr.Name) > MaxReason || !(tr.Quota >= 0) || !(tr.Burst >= 1) || tr.condition.kind == onNothing {
				t.Fatalf("%+v", tr)
			}
		}
		ts.First(segment(1, "slow"), func() *roentgen.Rows { return rowsOf(segment(1, "slow")) })
	})
}
