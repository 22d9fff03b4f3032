package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden file again")

func mustOpen(t testing.TB, name string) *Ledger {
	t.Helper()
	l, damage, err := Open(name)
	if err != nil || len(damage) > 0 {
		t.Fatal(err, damage)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// killed is the file as a kill would leave it now: another copy of its bytes.
func killed(t testing.TB, l *Ledger) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ledger")
	if err := os.WriteFile(name, l.page, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCountsSurviveAKill(t *testing.T) {
	l := mustOpen(t, filepath.Join(t.TempDir(), "ledger"))
	l.Counter(Received, "udp").Add(7)
	l.Counter(Lost, "spool_full").Add(2)
	l.SetCursor(99)
	again := mustOpen(t, killed(t, l))
	b := again.Read(Waiting{Ring: 3, Spool: 1, Queue: 1}, map[Key]int64{{Dropped, "unsampled"}: 2})
	if b.Received["udp"] != 8 || b.Lost["spool_full"] != 2 || b.Dropped["unsampled"] != 2 || b.Difference != 8-2-2-3-1-1 {
		t.Errorf("%+v", b)
	}
	if again.Agent() != l.Agent() || again.Cursor() != 99 || again.WasClosed() {
		t.Error("id, cursor or the mark of the end did not survive")
	}
}

func TestABatchIsSettledOnce(t *testing.T) {
	l := mustOpen(t, filepath.Join(t.TempDir(), "ledger"))
	settle := func(l *Ledger, seq uint64, want bool) {
		t.Helper()
		booked, err := l.Settle(1, seq, map[Key]int64{{Kind: Stored}: 5, {Rejected, "InvalidSegment"}: 1})
		if err != nil || booked != want {
			t.Errorf("batch %d: booked %v, %v", seq, booked, err)
		}
	}
	settle(l, 1, true)
	settle(l, 1, false)
	settle(l, 4, true)
	settle(l, 3, true)
	settle(l, 3, false)
	again := mustOpen(t, killed(t, l))
	settle(again, 4, false)
	settle(again, 2, true)
	settle(again, 2, false)
	settle(again, 5, true)
	if b := again.Read(Waiting{}, nil); b.Stored != 25 || b.Rejected["InvalidSegment"] != 5 {
		t.Errorf("%+v", b)
	}
	if booked, err := again.Settle(2, 1, map[Key]int64{{Kind: Stored}: 1}); !booked || err != nil {
		t.Error("the first batch of another epoch was taken for an old one")
	}
	if _, err := again.Settle(2, 200, map[Key]int64{{Kind: Stored}: 1}); err == nil {
		t.Error("a batch far ahead was booked")
	}
}

// TestAKillWithinASettlementLeavesAllOfItOrNothing stops after every word that
// a settlement writes.
func TestAKillWithinASettlementLeavesAllOfItOrNothing(t *testing.T) {
	before := mustOpen(t, "")
	outcomes := map[Key]int64{{Kind: Stored}: 5, {Kind: Duplicate}: 3, {Rejected, "x"}: 2}
	if _, err := before.Settle(1, 1, outcomes); err != nil {
		t.Fatal(err)
	}
	after := bytes.Clone(before.page)
	if _, err := before.Settle(1, 2, outcomes); err != nil {
		t.Fatal(err)
	}
	done := bytes.Clone(before.page)
	// The words in the order in which commitLocked and finish write them.
	var order []int
	n := int(binary.LittleEndian.Uint64(done[offCount:]))
	for i := range n {
		order = append(order, offChanges+16*i, offChanges+16*i+8)
	}
	order = append(order, offCount, offNewEpoch, offNewLow, offNewAbove)
	holds := len(order)
	for i := range n {
		slot := int(binary.LittleEndian.Uint64(done[offChanges+16*i:]))
		order = append(order, offSlots+slot*slotBytes)
	}
	order = append(order, offEpoch, offLow, offAbove)
	for stop := range len(order) + 1 {
		page := bytes.Clone(after)
		for _, off := range order[:min(stop, holds)] {
			copy(page[off:off+8], done[off:])
		}
		if stop > holds {
			binary.LittleEndian.PutUint64(page[offState:], 1)
			for _, off := range order[holds:stop] {
				copy(page[off:off+8], done[off:])
			}
		}
		name := filepath.Join(t.TempDir(), "ledger")
		if err := os.WriteFile(name, page, 0o600); err != nil {
			t.Fatal(err)
		}
		l := mustOpen(t, name)
		want := int64(5)
		if stop > holds {
			want = 10
		}
		booked, err := l.Settle(1, 2, outcomes)
		if b := l.Read(Waiting{}, nil); err != nil || b.Stored != 10 || b.Duplicate != 6 || b.Rejected["x"] != 4 || booked != (want == 5) {
			t.Fatalf("stopped after word %d: booked again %v, %v, %+v", stop, booked, err, b)
		}
	}
}

func TestWhatAKillLeftIsBooked(t *testing.T) {
	l := mustOpen(t, "")
	l.Counter(Received, "udp").Add(10)
	if d := l.Mend(false, Waiting{Ring: 4, Spool: 3}, nil); d != 3 {
		t.Errorf("difference %d", d)
	}
	if d := l.Mend(false, Waiting{Ring: 4, Spool: 5}, nil); d != -2 {
		t.Errorf("difference %d", d)
	}
	b := l.Read(Waiting{Ring: 4, Spool: 5}, nil)
	if b.Difference != 0 || b.Lost[CauseKilled] != 3 || b.Received[DoorAgain] != 2 {
		t.Errorf("%+v", b)
	}
	l.Counter(Received, "udp").Add(1)
	l.Mend(true, Waiting{Ring: 4, Spool: 5}, nil)
	if b := l.Read(Waiting{Ring: 4, Spool: 5}, nil); b.Lost[CauseUnexplained] != 1 || b.Difference != 0 {
		t.Errorf("%+v", b)
	}
}

func TestOneProcessAtATimeHasThePage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ledger")
	l := mustOpen(t, name)
	if _, _, err := Open(name); err == nil || !strings.Contains(err.Error(), "another agent") {
		t.Errorf("a second agent: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if again := mustOpen(t, name); !again.WasClosed() {
		t.Error("the page does not know that it was closed in order")
	}
}

func TestMoreNamesThanSlots(t *testing.T) {
	l := mustOpen(t, filepath.Join(t.TempDir(), "ledger"))
	for i := range 1000 {
		l.Counter(Rejected, fmt.Sprintf("code%d", i)).Add(1)
		if _, err := l.Settle(1, uint64(i+1), map[Key]int64{{Rejected, fmt.Sprintf("a code that is longer than any slot has room for %d", i)}: 1}); err != nil {
			t.Fatal(err)
		}
	}
	again := mustOpen(t, killed(t, l))
	if n := sum(again.Read(Waiting{}, nil).Rejected); n != 2000 {
		t.Errorf("%d of 2000 are in the books", n)
	}
}

func TestDamage(t *testing.T) {
	l := mustOpen(t, "")
	l.Counter(Received, "udp").Add(4)
	whole := bytes.Clone(l.page)
	for name, c := range map[string]struct {
		off  int
		want string
	}{
		"magic": {3, "does not begin"}, "version": {offVersion, "version"}, "id": {offAgent, "checksum"},
		"journal": {offState, "settlement"},
	} {
		page := bytes.Clone(whole)
		page[c.off] ^= 0x55
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, page, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Open(file)
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
	page := bytes.Clone(whole)
	page[offSlots+slotName] ^= 1
	file := filepath.Join(t.TempDir(), "slot")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	again, damage, err := Open(file)
	if err != nil || len(damage) != 1 {
		t.Fatal(err, damage)
	}
	defer again.Close()
	again.Counter(Received, "udp").Add(1)
	if b := again.Read(Waiting{}, nil); b.Received["udp"] != 1 {
		t.Errorf("%+v", b)
	}
}

// FuzzOpen opens any page and counts on it.
func FuzzOpen(f *testing.F) {
	l, _, err := Open("")
	if err != nil {
		f.Fatal(err)
	}
	l.Counter(Received, "udp").Add(4)
	if _, err := l.Settle(1, 1, map[Key]int64{{Kind: Stored}: 1}); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(l.page[:2048]))
	f.Add([]byte("RGLEDGER"))
	f.Add([]byte{})
	name := filepath.Join(f.TempDir(), "ledger")
	f.Fuzz(func(t *testing.T, b []byte) {
		page := make([]byte, pageBytes)
		copy(page, b)
		if err := os.WriteFile(name, page, 0o600); err != nil {
			t.Fatal(err)
		}
		l, _, err := Open(name)
		if err != nil {
			return
		}
		defer l.Close()
		before := l.Read(Waiting{}, nil).Stored
		if _, err := l.Settle(2, 1, map[Key]int64{{Kind: Stored}: 1}); err == nil {
			if after := l.Read(Waiting{}, nil).Stored; l.page.get(offEpoch) == 2 && after-before != 1 && after-before != 0 {
				t.Errorf("stored went from %d to %d", before, after)
			}
		}
		l.Read(Waiting{}, nil)
	})
}

func TestGoldenPage(t *testing.T) {
	l := mustOpen(t, "")
	l.page.format([16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	l.Counter(Received, "udp").Add(1000)
	l.Counter(Lost, CauseKilled).Add(1)
	if _, err := l.Settle(77, 1, map[Key]int64{{Kind: Stored}: 900}); err != nil {
		t.Fatal(err)
	}
	l.SetCursor(12)
	golden := filepath.Join("testdata", "v1", "ledger")
	if *rewrite {
		if err := os.WriteFile(golden, l.page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(l.page, want) {
		t.Error("the page differs from the golden file")
	}
	again := mustOpen(t, killed(t, &Ledger{page: want}))
	if b := again.Read(Waiting{}, nil); b.Received["udp"] != 1000 || b.Stored != 900 || b.Difference != 99 {
		t.Errorf("%+v", b)
	}
}

func BenchmarkCounter(b *testing.B) {
	l, _, err := Open(filepath.Join(b.TempDir(), "ledger"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c := l.Counter(Received, "udp")
	for b.Loop() {
		c.Add(1)
	}
}
