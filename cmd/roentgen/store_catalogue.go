package main

import (
	"fmt"
	"path/filepath"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block"
)

// catalogued is what the catalogue of blocks says against the files.
type catalogued struct {
	named  map[string]block.Listed // by path
	others map[string]bool         // paths of block files that it does not name
	err    error                   // why it cannot be read
}

// catalogueOf reads the catalogue of the directory at path, if that is one with
// blocks.
func catalogueOf(path string) (c catalogued) {
	m, err := readManifest(filepath.Join(path, "roentgen.json"))
	if err != nil || m.Store != "block" {
		return c // it is said of the manifest
	}
	named, others, err := block.List(vfs.OS{}, path)
	c.err, c.named, c.others = err, map[string]block.Listed{}, map[string]bool{}
	for _, n := range named {
		c.named[n.Path] = n
	}
	for _, o := range others {
		c.others[o] = true
	}
	return c
}

// says what is to be said of a block file, empty for most.
func (c catalogued) says(path string) string {
	switch n := c.named[path]; {
	case c.others[path]:
		return "the catalogue does not name it: a crash left it, and the next start removes it, or it was just made"
	case n.Erased > 0:
		return fmt.Sprintf("%s of its traces count no more, %s of them deleted", grouped(int64(n.Dead)), grouped(int64(n.Erased)))
	case n.Dead > 0:
		return fmt.Sprintf("%s of its traces count no more", grouped(int64(n.Dead)))
	}
	return ""
}

// missing returns an entry for each block whose file is not there, and one for
// a catalogue that cannot be read.
func (c catalogued) missing() (all []verified) {
	if c.err != nil {
		all = append(all, verified{Path: "catalogue", Kind: kindLog, Damage: []string{c.err.Error()}})
	}
	for path, n := range c.named {
		if n.Missing {
			all = append(all, verified{Path: path, Kind: kindBlock, Damage: []string{"the file is missing, and the catalogue names it"}})
		}
	}
	return all
}
