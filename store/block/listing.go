package block

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Listed is a block as the catalogue of a data directory has it.
type Listed struct {
	Path    string
	Dead    int  // rows that count no more
	Erased  int  // of them, deleted by somebody
	Missing bool // the file is not there
}

// List reads the catalogue of the data directory dir and says which blocks it
// names, by number, and which block files it does not: those a crash left, or
// one that was just made. It changes nothing and takes no lock. Damage to the
// catalogue is an *applog.CorruptError.
func List(fsys vfs.FS, dir string) (named []Listed, others []string, err error) {
	c, err := readCatalogue(fsys, filepath.Join(dir, catalogueDir))
	if err != nil {
		return nil, nil, fmt.Errorf("read the catalogue of blocks in %s: %w; `roentgen store repair %s` makes a new one of the block files that are there", dir, err, dir)
	}
	names, err := fsys.List(filepath.Join(dir, blocksDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("list the blocks: %w", err)
	}
	there := map[uint64]bool{}
	for _, name := range names {
		n, ours := blockNumber(name)
		if there[n] = ours; ours && c.blocks[n] == nil {
			others = append(others, blockPath(dir, n))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(c.blocks)) {
		d := c.blocks[n].Dead
		named = append(named, Listed{blockPath(dir, n), len(d.Rows), d.Erased, !there[n]})
	}
	return named, others, nil
}

// readCatalogue reads the files of the log as they are.
func readCatalogue(fsys vfs.FS, dir string) (*catalogue, error) {
	names, err := fsys.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".log") })
	c := &catalogue{blocks: map[uint64]*entry{}, lapses: map[string]int{}}
	for i, name := range names {
		found, err := applog.Examine(fsys, filepath.Join(dir, name), c.read)
		if err != nil {
			return nil, err
		}
		for _, d := range found.Damage {
			if i < len(names)-1 || d.Offset+d.Bytes < found.Bytes { // else a write that was not finished
				return nil, d
			}
		}
	}
	return c, nil
}
