// Package datadir says whose a data directory is. A manifest in it names the
// program, the arrangement of the directory and the store that it holds; a
// directory of somebody else, or of a newer version, is refused before anything
// is written there. It keeps nothing open.
package datadir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Manifest is the file that says whose a data directory is.
const Manifest = "roentgen.json"

// What this program writes.
const (
	program = "roentgen"
	layout  = 1
)

// manifest is what it says. Layout numbers the arrangement of the directory and
// the kinds of record in it.
type manifest struct {
	Program string `json:"program"`
	Layout  int    `json:"layout"`
	Store   string `json:"store"`
}

// ours is the manifest that this program writes for a directory with that kind
// of store. Layout 1 is this file, the log state, and what the store keeps: of
// memory the log traces, of block the logs wal-00 and so on, catalogue and the
// folder blocks.
func ours(store string) manifest { return manifest{Program: program, Layout: layout, Store: store} }

// Error says why a data directory cannot be used.
type Error struct {
	Dir    string
	Reason string // what is wrong, and what to do
}

// Error tells which directory and why.
func (e *Error) Error() string {
	return fmt.Sprintf("the data directory %s %s", e.Dir, e.Reason)
}

// Claim makes sure that dir is Roentgen's and holds one of these kinds of store;
// an empty one is given to the first of them. A directory that holds anything
// else is refused with *Error before anything is written there.
func Claim(fs vfs.FS, dir string, stores ...string) error {
	if err := fs.MkdirAll(dir); err != nil {
		return fmt.Errorf("make the data directory %s: %w; name one that can be made and written", dir, err)
	}
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("look into the data directory %s: %w", dir, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "lost+found" }) // of a file system of its own
	switch {
	case slices.Contains(names, Unfinished):
		return unfinished(fs, dir)
	case slices.Contains(names, Manifest):
		return readManifest(fs, dir, len(names) == 1, stores)
	case len(names) > 0:
		return &Error{dir, fmt.Sprintf("holds %s and no %s, so it is not one of Roentgen's; name an empty directory", names[0], Manifest)}
	}
	return writeManifest(fs, dir, stores[0])
}

// readManifest checks the manifest, and writes it again where a crash left it
// unfinished: then it stands alone, because the logs come after it.
func readManifest(fs vfs.FS, dir string, alone bool, stores []string) error {
	path := filepath.Join(dir, Manifest)
	text, err := readFile(fs, path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err == nil {
		return m.check(dir, stores)
	}
	if !alone || !beginning(text, stores) {
		return &Error{dir, fmt.Sprintf("has a %s that cannot be read; restore that file from a backup, or name another directory", Manifest)}
	}
	if err := fs.Remove(path); err != nil {
		return fmt.Errorf("remove the unfinished %s: %w", path, err)
	}
	return writeManifest(fs, dir, stores[0])
}

// check tells what a readable manifest says against the directory.
func (m manifest) check(dir string, stores []string) error {
	switch {
	case m.Program != program:
		return &Error{dir, fmt.Sprintf("belongs to the program %q, says its %s; name another directory", m.Program, Manifest)}
	case m.Layout > layout:
		return &Error{dir, fmt.Sprintf("was written by a newer version of Roentgen (layout %d, this program reads up to %d); upgrade, or name another directory", m.Layout, layout)}
	case m.Layout < 1:
		return &Error{dir, fmt.Sprintf("has a %s without a layout; restore that file from a backup, or name another directory", Manifest)}
	case !slices.Contains(stores, m.Store) && m.Store == "memory":
		return &Error{dir, fmt.Sprintf("holds the store %q, not %q; make a new directory of it with `roentgen store convert %s --to NEW`, start with --store %s, or name another directory", m.Store, stores[0], dir, m.Store)}
	case !slices.Contains(stores, m.Store):
		return &Error{dir, fmt.Sprintf("holds the store %q, not %q; start with --store %s, or name another directory", m.Store, stores[0], m.Store)}
	}
	return nil
}

// beginning tells whether text is what a crash may leave of our manifest: a
// part of it, with zeros in the place of the rest.
func beginning(text []byte, stores []string) bool {
	return slices.ContainsFunc(stores, func(store string) bool {
		whole := ours(store).text()
		return len(text) <= len(whole) && bytes.HasPrefix(whole, bytes.TrimRight(text, "\x00"))
	})
}

// Text is the manifest of a directory with that kind of store.
func Text(store string) []byte { return ours(store).text() }

func (m manifest) text() []byte {
	return fmt.Appendf(nil, "{\"program\":%q,\"layout\":%d,\"store\":%q}\n", m.Program, m.Layout, m.Store)
}

func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<16))
	return text, errors.Join(err, f.Close())
}

func writeManifest(fs vfs.FS, dir, store string) error {
	path := filepath.Join(dir, Manifest)
	f, err := fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w; make the directory writable for this user or name another", path, err)
	}
	if err := errors.Join(fill(f, Text(store)), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := fs.SyncDir(dir); err != nil {
		return fmt.Errorf("sync the data directory %s: %w", dir, err)
	}
	return nil
}

// fill makes text the durable content of f.
func fill(f vfs.File, text []byte) error {
	if _, err := f.WriteAt(text, 0); err != nil {
		return err
	}
	return f.Sync()
}
