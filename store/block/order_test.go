package block

import (
	"bytes"
	"testing"

	"github.com/roentgen/roentgen"
)

// wantInOrder looks for what has to hold whatever was done: each trace stands in
// one place, what counts as dead is what the blocks have of it, and what is in
// the heads adds up.
func wantInOrder(t *testing.T, s *Store) {
	t.Helper()
	s.house.Lock()
	defer s.house.Unlock()
	s.moves.RLock()
	defer s.moves.RUnlock()
	seen := map[roentgen.TraceID]string{}
	for _, sh := range s.shards {
		wantHeadInOrder(t, s, sh, seen)
	}
	for _, b := range s.set() {
		wantBlockInOrder(t, s, b, seen)
	}
	for id, m := range s.masked {
		if m.block.gone {
			continue // it was set aside
		}
		if !m.block.dead.has(m.row) {
			t.Errorf("trace %s was pulled out of row %d of block %d, which counts", id, m.row, m.block.number)
		}
		if seen[id] != "the head" {
			t.Errorf("trace %s was pulled out of block %d and is in %q", id, m.block.number, seen[id])
		}
	}
}

func wantHeadInOrder(t *testing.T, s *Store, sh *shard, seen map[roentgen.TraceID]string) {
	t.Helper()
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	documents, standing, all, listed := 0, int64(0), int64(0), 0
	for tr := sh.mu.oldest; tr != nil; tr = tr.newer {
		listed++
	}
	if listed != len(sh.mu.traces) {
		t.Errorf("shard %d: %d traces in the order of change, %d by id", sh.number, listed, len(sh.mu.traces))
	}
	for id, tr := range sh.mu.traces {
		if s.shardOf(id) != sh {
			t.Errorf("trace %s is in shard %d", id, sh.number)
		}
		if len(tr.entities) > 0 {
			seen[id] = "the head"
		}
		if tr.pins != 0 || tr.planned != 0 {
			t.Errorf("trace %s: %d pins and %d bytes planned, and nobody writes", id, tr.pins, tr.planned)
		}
		bytes := 0
		for i := range tr.entities {
			documents++
			standing += int64(len(tr.entities[i].stands().text))
			for _, d := range tr.entities[i].copies {
				bytes += len(d.text)
			}
		}
		if bytes != tr.bytes {
			t.Errorf("trace %s has %d bytes, and says %d", id, bytes, tr.bytes)
		}
		all += int64(bytes)
	}
	if documents != sh.mu.documents || standing != sh.mu.standing || all != sh.mu.head.bytes || all != sh.bytes.Load() {
		t.Errorf("shard %d holds %d documents, %d bytes, %d with all copies; it says %d, %d, %d and %d",
			sh.number, documents, standing, all, sh.mu.documents, sh.mu.standing, sh.mu.head.bytes, sh.bytes.Load())
	}
}

func wantBlockInOrder(t *testing.T, s *Store, b *block, seen map[roentgen.TraceID]string) {
	t.Helper()
	x, err := b.index()
	if err != nil {
		t.Errorf("block %d: %v", b.number, err)
		return
	}
	e := s.catalogue.blocks[b.number]
	if e == nil {
		t.Errorf("block %d is not in the catalogue", b.number)
		return
	}
	for _, row := range e.Dead.Rows {
		if !b.dead.has(int(row)) {
			t.Errorf("row %d of block %d is dead in the catalogue and counts", row, b.number)
		}
	}
	var lost, whole loss
	noted := loss{traces: len(e.Dead.Rows)}
	for row := range x.Len() {
		r := x.Row(row)
		whole.add(lossOf(r))
		if before := x.Row(max(0, row-1)); row > 0 && (r.Start > before.Start || r.Start == before.Start && bytes.Compare(r.ID[:], before.ID[:]) <= 0) {
			t.Errorf("row %d of block %d is not behind the one before", row, b.number)
		}
		if b.dead.has(row) {
			lost.add(lossOf(r))
		} else {
			if was := seen[r.ID]; was != "" {
				t.Errorf("trace %s counts in block %d and in %s", r.ID, b.number, was)
			}
			seen[r.ID] = "a block"
		}
	}
	for _, row := range e.Dead.Rows {
		r := x.Row(int(row))
		noted.documents, noted.revision, noted.bytes = noted.documents+r.Documents, noted.revision+r.Revision, noted.bytes+int64(r.Bytes)
	}
	if lost != b.lost {
		t.Errorf("block %d has lost %+v, and says %+v", b.number, lost, b.lost)
	}
	if noted != e.Dead.loss() {
		t.Errorf("block %d has lost %+v for good, and the catalogue says %+v", b.number, noted, e.Dead.loss())
	}
	if sum := (loss{b.totals.Traces, b.totals.Documents, b.totals.Revision, int64(b.totals.Bytes)}); sum != whole {
		t.Errorf("block %d has %+v, and says %+v", b.number, whole, sum)
	}
}
