package block

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

// renew sets a damaged catalogue aside and begins a new one.
func (r *repairer) renew(names []string, files []uint64, why error) (err error) {
	// Nobody else may begin to write to the log meanwhile; a server that is
	// started now finds the lock held.
	lock, err := r.fs.Lock(filepath.Join(r.dir, catalogueDir, "LOCK"))
	if err != nil {
		return err
	}
	err = r.moveCatalogue()
	if err = errors.Join(err, lock.Close()); err != nil {
		return err
	}
	if r.catalogue, err = openCatalogue(r.fs, r.dir, applog.Options{Now: r.opt.Now}); err != nil {
		return err
	}
	r.begin(names, files, why.Error())
	return nil
}

// moveCatalogue sets all files of the catalogue aside.
func (r *repairer) moveCatalogue() error {
	dir := filepath.Join(r.dir, catalogueDir)
	logs, err := r.fs.List(dir)
	if err != nil {
		return err
	}
	logs = slices.DeleteFunc(logs, func(name string) bool { return !strings.HasSuffix(name, ".log") })
	for _, name := range logs {
		if _, err := r.setAside(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	// A crash must not leave some of the files readable: a log without its
	// beginning or its end is a catalogue without some blocks, and Open removes
	// block files that the catalogue does not name.
	for _, name := range logs {
		if err := r.spoil(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, name := range logs {
		if err := r.fs.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return r.fs.SyncDir(dir)
}

// logHeader is how long the header of a log file is at least; without it no
// record of the file can be checked.
const logHeader = 44

// spoil destroys the header of a log file that was set aside.
func (r *repairer) spoil(path string) error {
	f, err := r.fs.OpenWrite(path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, logHeader), 0)
	return errors.Join(err, f.Sync(), f.Close())
}

// begin fills a catalogue with the blocks that are there, in memory.
func (r *repairer) begin(names []string, files []uint64, why string) {
	r.fresh, r.out.Catalogue = true, why
	for _, n := range files {
		r.catalogue.apply(edit{Add: []entry{{Number: n}}})
	}
	shards := 0
	for _, name := range names {
		if strings.HasPrefix(name, "wal-") {
			shards++
		}
	}
	if shards == 0 {
		shards = r.opt.Shards
	}
	r.catalogue.shards = shards
}

// finish writes a catalogue that is new.
func (r *repairer) finish() error {
	if !r.fresh {
		return r.buryTwice()
	}
	if err := r.findTwice(); err != nil {
		return err
	}
	c := r.catalogue
	e := edit{Highest: c.highest, Shards: c.shards}
	for _, n := range slices.Sorted(maps.Keys(c.blocks)) {
		e.Add = append(e.Add, *c.blocks[n])
	}
	r.fresh = false
	return r.commit(e)
}

// buryTwice is findTwice for a catalogue that is there: a trace of a block that
// was set aside may have begun anew.
func (r *repairer) buryTwice() error {
	if len(r.younger) == 0 {
		return nil
	}
	e := edit{Dead: map[uint64]dead{}}
	err := r.eachTwice(func(n uint64, d dead) { e.Dead[n] = d })
	if err != nil || len(e.Dead) == 0 {
		return err
	}
	return r.commit(e)
}

// findTwice makes rows count no more whose trace stands in a block of a higher
// number too: it was pulled into the head and written again, or merged.
func (r *repairer) findTwice() error {
	return r.eachTwice(func(n uint64, d dead) { r.catalogue.blocks[n].Dead.join(d) })
}

// eachTwice hands the rows of each block to fn whose trace stands in a younger
// one too. A block that took the place of a damaged one is as old as that.
func (r *repairer) eachTwice(fn func(number uint64, d dead)) error {
	seen := map[roentgen.TraceID]struct{}{}
	cache := blockfile.NewCache(r.opt.CacheBytes)
	numbers := r.numbers()
	slices.SortFunc(numbers, func(a, b uint64) int { return cmp.Compare(r.age(b), r.age(a)) })
	for _, n := range numbers {
		d, err := r.twiceIn(cache, n, seen)
		if err != nil {
			return fmt.Errorf("look for traces that stand in two blocks: %w", err)
		}
		if len(d.Rows) > 0 {
			fn(n, d)
			r.out.Twice += len(d.Rows)
		}
	}
	return nil
}

func (r *repairer) age(number uint64) uint64 {
	if old, ok := r.younger[number]; ok {
		return old
	}
	return number
}

func (r *repairer) twiceIn(cache *blockfile.Cache, number uint64, seen map[roentgen.TraceID]struct{}) (d dead, err error) {
	f, err := blockfile.Open(r.fs, blockPath(r.dir, number), cache)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	x, err := f.Index()
	if err != nil {
		return d, err
	}
	for row := range x.Len() {
		if _, dead := slices.BinarySearch(r.catalogue.blocks[number].Dead.Rows, uint32(row)); dead {
			continue
		}
		id := x.ID(row)
		if _, twice := seen[id]; twice {
			d.add(row, lossOf(x.Row(row)), false)
		}
		seen[id] = struct{}{}
	}
	return d, nil
}
