package block

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

// storeName is what the manifest of a directory with a Store says.
const storeName = "block"

// Recovery tells what Open found.
type Recovery struct {
	// Logs are those of the shards: the ends of the last writes before a crash,
	// which nobody had been told of, and damage, which is lost.
	Logs []applog.Recovery
	// Documents is how many were read back into the head, superseded ones
	// included; Unreadable how many records are whole, and this version cannot
	// make sense of them.
	Documents, Unreadable int
	// Blocks is how many were opened. Spoilt are those that could not be read
	// and are set aside, Leftovers files of blocks that a crash left unfinished
	// or unremoved, which are gone now, and Foreign files that are not ours.
	Blocks             int
	Spoilt             []error
	Leftovers, Foreign []string
}

// Open returns the store in the data directory dir, which it makes if need be.
// Of the blocks it reads the ends alone; of the logs everything, which is little
// after a clean end.
//
// It refuses a directory of another program or a newer version
// (*datadir.Error), one that another process has open (*vfs.LockedError), and
// one that cannot be written; the error names the remedy. Damage to blocks and
// logs is no reason to refuse: see Recovery. Damage to the catalogue is.
func Open(fs vfs.FS, dir string, opt Options) (*Store, Recovery, error) {
	if err := datadir.Claim(fs, dir, storeName); err != nil {
		return nil, Recovery{}, err
	}
	return openClaimed(fs, dir, opt)
}

// openClaimed opens what is in a directory that is this store's.
func openClaimed(fs vfs.FS, dir string, opt Options) (*Store, Recovery, error) {
	s := newStore(fs, dir, opt)
	var found Recovery
	err := s.open(&found)
	if err == nil {
		err = s.replay(&found)
	}
	if err == nil {
		err = s.adopt(&found)
	}
	if err != nil {
		return nil, Recovery{}, errors.Join(fmt.Errorf("open the data directory %s: %w", dir, err), s.release())
	}
	for _, sh := range s.shards {
		go sh.run()
	}
	s.keeper.start(s)
	return s, found, nil
}

func newStore(fs vfs.FS, dir string, opt Options) *Store {
	opt = opt.withDefaults()
	s := &Store{
		opt: opt, fs: fs, dir: dir,
		cache: blockfile.NewCache(opt.CacheBytes), board: graph.NewBoard(opt.GraphBytes),
		masked: map[roentgen.TraceID]maskedRow{}, aside: map[uint64]string{}, deletions: map[roentgen.TraceID]applog.Position{},
	}
	s.keeper.init()
	s.counter.init(opt)
	s.reread = newRereader(opt)
	s.blocks.Store(&[]*block{})
	return s
}

// open opens the catalogue, the blocks in it and the logs.
func (s *Store) open(found *Recovery) (err error) {
	s.catalogue, err = openCatalogue(s.fs, s.dir, applog.Options{Now: s.opt.Now})
	if err != nil {
		return err
	}
	if err := s.fs.MkdirAll(filepath.Join(s.dir, blocksDir)); err != nil {
		return err
	}
	if err := s.openBlocks(found); err != nil {
		return err
	}
	if s.catalogue.shards == 0 {
		if err := s.catalogue.commit(context.Background(), edit{Shards: s.opt.Shards}); err != nil {
			return err
		}
	}
	for n := range s.catalogue.shards {
		log, err := applog.Open(s.fs, walDir(s.dir, n), s.opt.log(s.catalogue.shards))
		if err != nil {
			return err
		}
		found.Logs = append(found.Logs, log.Recovery())
		s.shards = append(s.shards, newShard(s, n, log))
	}
	return nil
}

// openBlocks opens what the catalogue names, and removes what it does not.
func (s *Store) openBlocks(found *Recovery) error {
	names, err := s.fs.List(filepath.Join(s.dir, blocksDir))
	if err != nil {
		return fmt.Errorf("list the blocks: %w", err)
	}
	there := map[uint64]bool{}
	for _, name := range names {
		number, ours := blockNumber(name)
		path := filepath.Join(s.dir, blocksDir, name)
		switch {
		case !ours:
			found.Foreign = append(found.Foreign, path)
		case s.catalogue.blocks[number] != nil:
			there[number] = true
		case s.catalogue.shards == 0:
			return fmt.Errorf("there are blocks (%s) and no catalogue of them; restore the folder %s from a backup, or run `roentgen store repair %s`, which makes a new one", path, catalogueDir, s.dir)
		case s.catalogue.log.Recovery().DroppedBytes > 0:
			s.orphans = append(s.orphans, path)
		default:
			found.Leftovers = append(found.Leftovers, path)
			if err := s.fs.Remove(path); err != nil {
				return fmt.Errorf("remove what a crash left: %w", err)
			}
		}
	}
	return s.openNamed(there, found)
}

func blockNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, ".blk")
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, ok && err == nil && n > 0 && filepath.Base(blockPath("", n)) == name
}

func (s *Store) openNamed(there map[uint64]bool, found *Recovery) error {
	var set []*block
	for number, e := range s.catalogue.blocks {
		if !there[number] {
			s.aside[number] = "the file is missing"
			found.Spoilt = append(found.Spoilt, fmt.Errorf("block file %s is missing: restore it from a backup, or run `roentgen store repair %s` to go on without it", blockPath(s.dir, number), s.dir))
			continue
		}
		if e.Aside != "" {
			found.Spoilt = append(found.Spoilt, fmt.Errorf("block file %s was set aside (%s): `roentgen store repair %s` saves what can be read", blockPath(s.dir, number), e.Aside, s.dir))
			continue
		}
		b, err := s.openBlock(number, e.Tested)
		if isDamage(err) {
			b, err = s.openBlock(number, e.Tested) // as of the index
		}
		if err != nil && !isDamage(err) {
			return err
		}
		if err != nil {
			s.aside[number] = err.Error()
			found.Spoilt = append(found.Spoilt, err)
			continue
		}
		s.showDead(b, e.Dead)
		set = append(set, b)
	}
	for _, err := range found.Spoilt {
		s.opt.Logger.Error("a block is set aside; the rest is served", "error", err)
	}
	found.Blocks = len(set)
	s.setBlocks(set)
	return nil
}

// newestFirst sorts blocks by number.
func newestFirst(a, b *block) int {
	if a.number > b.number {
		return -1
	}
	return 1
}

// openBlock opens a block that the set does not have yet.
func (s *Store) openBlock(number uint64, tested []graph.Member) (*block, error) {
	f, err := blockfile.Open(s.fs, blockPath(s.dir, number), s.cache)
	if err != nil {
		return nil, err
	}
	if got := f.Meta().Number; got != number {
		err := &blockfile.CorruptError{File: f.Path(), Part: "meta", Reason: fmt.Sprintf("it says that it is block %d", got)}
		return nil, errors.Join(err, f.Close())
	}
	b := &block{number: number, file: f, summary: f.Summary(), totals: f.Summary().Totals(), tested: tested}
	b.users.Store(1)
	b.due = b.totals.Due
	b.oldest, b.oldestKnown = b.totals.MinStart, true
	return b, nil
}

// showDead makes the rows of a block that was just opened count no more.
func (s *Store) showDead(b *block, d dead) {
	s.putOnBoard(b)
	for _, row := range d.Rows {
		b.dead.add(int(row))
		s.board.Kill(b.number, int(row))
	}
	b.lost, b.erased = d.loss(), d.Erased
	b.oldestKnown = len(d.Rows) == 0
}

// putOnBoard makes graphs count the block.
func (s *Store) putOnBoard(b *block) {
	from, to, _ := b.summary.Bounds(roentgen.ClockStart)
	s.board.Put(b.number, from, to, b.file.Bundle)
}

// enterSet adds a block. moves is held.
func (s *Store) enterSet(b *block) {
	s.setBlocks(append([]*block{b}, s.set()...))
	s.putOnBoard(b)
}

// leaveSet takes blocks out. moves is held; the caller ends the store's use of
// them.
func (s *Store) leaveSet(gone ...*block) {
	s.setBlocks(without(s.set(), gone))
	for _, b := range gone {
		b.gone = true
		s.board.Drop(b.number)
	}
}

// changeSet puts a block in the place of those whose living traces it holds, and
// no other. moves is held.
func (s *Store) changeSet(b *block, gone []*block) {
	s.setBlocks(append([]*block{b}, without(s.set(), gone)...))
	var numbers []uint64
	for _, old := range gone {
		old.gone = true
		numbers = append(numbers, old.number)
	}
	from, to, _ := b.summary.Bounds(roentgen.ClockStart)
	s.board.Replace(numbers, b.number, from, to, b.file.Bundle)
}

func without(set, gone []*block) []*block {
	return slices.DeleteFunc(slices.Clone(set), func(b *block) bool { return slices.Contains(gone, b) })
}

func (s *Store) setBlocks(set []*block) {
	slices.SortFunc(set, newestFirst)
	s.sieves.change(s.set(), set)
	s.blocks.Store(&set)
	s.version.Add(1)
}
