package test

import (
	"fmt"
	"path/filepath"
	"testing"
)

// lives fills a data directory with a block in each of that many lives, and
// returns the traces of each.
func lives(t *testing.T, data string, n int) (ids [][]string) {
	t.Helper()
	for range n {
		s := launch(t, data)
		ids = append(ids, s.putTraces(t, 200))
		s.stop(t)
	}
	return ids
}

// TestRetentionWhenTheServerStarts removes what grew too old while it was off.
func TestRetentionWhenTheServerStarts(t *testing.T) {
	data := t.TempDir()
	old := lives(t, data, 2)
	s := startServer(t, data, "--retention", "1ms")
	eventually(t, func() error {
		if there, n := s.metric(t, "roentgen_store_documents"), s.metric(t, "roentgen_store_evicted_total"); there != 0 || n != 400 {
			return fmt.Errorf("%v documents are there and %v evicted", there, n)
		}
		return nil
	})
	if gone := s.missing(t, old[0]); len(gone) != 200 {
		t.Errorf("%d of 200 traces are gone", len(gone))
	}
	eventually(t, func() error { return wantNoBlocks(data) })
}

func wantNoBlocks(data string) error {
	left, err := filepath.Glob(filepath.Join(data, "blocks", "*"))
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%q are left", left)
	}
	return err
}

// TestMaxDiskBytes removes the oldest blocks first.
func TestMaxDiskBytes(t *testing.T) {
	data := t.TempDir()
	ids := lives(t, data, 3)
	all := size(t, filesIn(t, data, "blocks", "*.blk")...)
	s := startServer(t, data, "--max-disk-bytes", fmt.Sprint(all/2))
	eventually(t, func() error {
		if s.metric(t, "roentgen_store_evicted_total") == 0 {
			return fmt.Errorf("nothing is evicted")
		}
		left, _ := filepath.Glob(filepath.Join(data, "blocks", "*.blk"))
		if n := size(t, left...); n > all/2 {
			return fmt.Errorf("blocks of %d bytes are left, want %d at most", n, all/2)
		}
		return nil
	})
	if gone := s.missing(t, ids[0]); len(gone) != 200 {
		t.Errorf("%d of the 200 oldest traces are gone", len(gone))
	}
	s.wantAll(t, ids[2])
}
