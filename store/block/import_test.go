package block

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/storetest"
)

// importSome fills the directory with five traces.
func importSome(t *testing.T, fs vfs.FS) error {
	opt := goldenOptions()
	_, err := Import(context.Background(), fs, dataDir, opt, "begin again", func(i *Importer) error {
		for n := range 5 {
			err := errors.Join(i.Document(goldenDoc(t, n, 1, goldenUser)), i.Member(storetest.TraceID(n), graph.Member{Group: "buyers", Version: 1}), i.Limited(storetest.TraceID(n)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// Wherever the power is cut or a call fails, the directory has everything or is
// not opened.
func TestImportIsWholeOrRefused(t *testing.T) {
	count := vfs.NewFault(1)
	if err := importSome(t, count); err != nil {
		t.Fatal(err)
	}
	for _, verdict := range []vfs.Verdict{{PowerOff: true}, {Err: errors.New("the disk has failed")}} {
		for at := 1; at <= count.Calls(); at++ {
			fs := vfs.NewFault(uint64(at))
			fs.SetPlan(func(c vfs.Call) vfs.Verdict {
				if c.N == at {
					return verdict
				}
				return vfs.Verdict{}
			})
			err := importSome(t, fs)
			fs.Crash(vfs.LoseSome)
			fs.SetPlan(nil)
			judgeImport(t, fs, at, err)
		}
	}
}

func judgeImport(t *testing.T, fs *vfs.Fault, at int, imported error) {
	t.Helper()
	s, _, err := Open(fs, dataDir, goldenOptions())
	var refused *datadir.Error
	if errors.As(err, &refused) {
		if imported == nil || !strings.Contains(err.Error(), "is unfinished") && !strings.Contains(err.Error(), datadir.Manifest) {
			t.Errorf("call %d: imported with %v, and then: %v", at, imported, err)
		}
		return
	}
	if err != nil {
		t.Errorf("call %d: %v", at, err)
		return
	}
	stats, err := s.Stats(context.Background())
	if err = errors.Join(err, s.Close()); err != nil || stats.Traces != 5 && (imported == nil || stats.Traces != 0) {
		t.Errorf("call %d: imported with %v, and %d of 5 traces are there: %v", at, imported, stats.Traces, err)
	}
}
