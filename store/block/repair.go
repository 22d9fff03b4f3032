package block

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

// Repaired is what Repair found and did.
type Repaired struct {
	Blocks   int             // that were read through
	Replaced []ReplacedBlock // those that were damaged
	// Missing are files that the catalogue named and that are not there. It names
	// them no more.
	Missing []string
	// Catalogue says why the catalogue was made anew; empty: it was not.
	Catalogue string
	Twice     int      // rows that then turned out to stand in a later block too
	Aside     []string // where the files are now that were set aside
}

// ReplacedBlock is a damaged block and what became of it.
type ReplacedBlock struct {
	Path  string
	Aside string // where the damaged file is now
	New   string // path of the block in its place; empty: nothing could be saved
	Saved int    // traces
	Lost  int    // traces that counted, as far as that is known
	// Forgotten is true where it is not known any more which traces groups had
	// admitted; they are tested anew.
	Forgotten bool
	Damage    []blockfile.Finding
}

// DamagedDir is the folder of a data directory in which Repair sets files
// aside.
const DamagedDir = "damaged"

// Repair reads all blocks of a data directory through and puts new ones in the
// place of those that are damaged, with what can be read of them; where the
// catalogue is damaged or missing, it makes a new one of the blocks that are
// there. What was damaged is set aside in DamagedDir, before anything else
// changes, and stays there until the store that is opened next finds all of it
// past its retention. Logs are not touched: Open repairs their ends.
//
// No store may have the directory open (*vfs.LockedError). Repair may be broken
// off at any point and begun again.
func Repair(ctx context.Context, fsys vfs.FS, dir string, opt Options) (Repaired, error) {
	r := &repairer{ctx: ctx, fs: fsys, dir: dir, opt: opt.withDefaults(), younger: map[uint64]uint64{}}
	err := r.run()
	if r.catalogue != nil {
		err = errors.Join(err, r.catalogue.log.Close())
	}
	if err != nil {
		err = fmt.Errorf("repair the data directory %s: %w", dir, err)
	}
	return r.out, err
}

// repairer repairs one directory.
type repairer struct {
	ctx       context.Context
	fs        vfs.FS
	dir       string
	opt       Options
	catalogue *catalogue
	fresh     bool              // the catalogue is new, and written at the end
	younger   map[uint64]uint64 // of blocks that took another's place, the number of that
	remove    []string          // files that are set aside and go once the catalogue does not name them
	out       Repaired
}

func (r *repairer) run() error {
	names, err := r.fs.List(r.dir)
	if err != nil {
		return err
	}
	if !slices.Contains(names, datadir.Manifest) {
		return fmt.Errorf("it has no %s, so it is not one of Roentgen's", datadir.Manifest)
	}
	if err := datadir.Claim(r.fs, r.dir, storeName); err != nil {
		return err
	}
	if err := r.openCatalogue(names); err != nil {
		return err
	}
	for _, number := range r.numbers() {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err := r.block(number); err != nil {
			return err
		}
	}
	return r.finish()
}

// openCatalogue opens the catalogue, or begins a new one in memory.
func (r *repairer) openCatalogue(names []string) (err error) {
	files, err := r.blockFiles()
	if err != nil {
		return err
	}
	r.catalogue, err = openCatalogue(r.fs, r.dir, applog.Options{Now: r.opt.Now})
	var damaged *applog.CorruptError
	var foreign *applog.ForeignError // of which even the beginning is destroyed
	switch {
	case errors.As(err, &damaged) || errors.As(err, &foreign):
		return r.renew(names, files, err)
	case err == nil && r.catalogue.shards == 0 && len(files) > 0:
		r.begin(names, files, "there was none")
	}
	return err
}

// blockFiles returns the numbers of the block files that are there.
func (r *repairer) blockFiles() (numbers []uint64, err error) {
	names, err := r.fs.List(filepath.Join(r.dir, blocksDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, name := range names {
		if n, ours := blockNumber(name); ours {
			numbers = append(numbers, n)
		}
	}
	return numbers, err
}

// numbers returns the blocks that the catalogue names.
func (r *repairer) numbers() (all []uint64) {
	for n := range r.catalogue.blocks {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// block reads one block through and replaces it where it is damaged.
func (r *repairer) block(number uint64) error {
	path := blockPath(r.dir, number)
	report := r.reading().Verify(r.fs, path)
	var foreign *blockfile.ForeignError
	switch {
	case report.Good():
		r.out.Blocks++
		return nil
	case errors.Is(report.Err, fs.ErrNotExist):
		r.out.Missing = append(r.out.Missing, path)
		return r.commit(edit{Remove: []uint64{number}})
	case errors.As(report.Err, &foreign):
		report.Damage = []blockfile.Finding{{Part: "file", Text: "it is not a block"}}
	case report.Err != nil:
		return report.Err
	}
	r.out.Blocks++
	return r.replace(path, number, report)
}

func (r *repairer) reading() blockfile.Reading {
	return blockfile.Reading{Limits: r.opt.Limits, Graph: r.opt.Graph}
}

// replace saves what can be read of a damaged block.
func (r *repairer) replace(path string, number uint64, report blockfile.Report) error {
	old := r.catalogue.blocks[number]
	out := ReplacedBlock{Path: path, Damage: report.Damage}
	var err error
	if out.Aside, err = r.setAside(path); err != nil {
		return err
	}
	e := edit{Remove: []uint64{number}}
	if report.Err == nil {
		next := r.catalogue.next()
		saved, err := r.salvage(path, next, old)
		if err != nil {
			return err
		}
		out.Saved, out.Forgotten = len(saved.Rows), saved.Forgotten
		out.Lost = max(0, saved.Traces-len(old.Dead.Rows)-out.Saved)
		if out.Saved > 0 {
			out.New = blockPath(r.dir, next)
			r.younger[next] = number
			e.Add = []entry{{Number: next, Tested: old.Tested}}
			if out.Forgotten {
				e.Add[0].Tested = nil
			}
		}
	}
	r.out.Replaced = append(r.out.Replaced, out)
	r.remove = append(r.remove, path)
	return r.commit(e)
}

// salvage writes the rows of a block that can be read and count.
func (r *repairer) salvage(path string, number uint64, old *entry) (blockfile.Saved, error) {
	keep := func(row int) bool {
		_, dead := slices.BinarySearch(old.Dead.Rows, uint32(row))
		return !dead
	}
	// A repair that was broken off may have left a file of that number, which
	// no catalogue names.
	if err := r.fs.Remove(blockPath(r.dir, number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return blockfile.Saved{}, err
	}
	return blockfile.Salvage(r.fs, path, r.reading(), keep, func(m blockfile.Meta, traces iter.Seq2[blockfile.Trace, error]) error {
		m.Number = number
		_, err := blockfile.Write(r.fs, blockPath(r.dir, number), m, traces, blockfile.Options{})
		return err
	})
}

// commit changes the catalogue, and then removes the files that are set aside
// and that it names no more.
func (r *repairer) commit(e edit) error {
	if r.fresh {
		r.catalogue.apply(e)
		return nil
	}
	if err := r.catalogue.commit(r.ctx, e); err != nil {
		return err
	}
	return r.removeAside()
}

func (r *repairer) removeAside() error {
	for _, path := range r.remove {
		if err := r.fs.Remove(path); err != nil {
			return fmt.Errorf("remove what was set aside: %w", err)
		}
		if err := r.fs.SyncDir(filepath.Dir(path)); err != nil {
			return fmt.Errorf("sync the directory of what was set aside: %w", err)
		}
	}
	r.remove = nil
	return nil
}
