package memory

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

// manifestName is the file that says whose a data directory is.
const manifestName = "roentgen.json"

// manifest is what it says. Layout numbers the arrangement of the directory and
// the kinds of record in it.
type manifest struct {
	Program string `json:"program"`
	Layout  int    `json:"layout"`
	Store   string `json:"store"`
}

// ours is the manifest that this program writes: layout 1 is this file and the
// logs traces and state.
func ours() manifest { return manifest{Program: "roentgen", Layout: 1, Store: "memory"} }

// DirectoryError says why a data directory cannot be used.
type DirectoryError struct {
	Dir    string
	Reason string // what is wrong, and what to do
}

// Error tells which directory and why.
func (e *DirectoryError) Error() string {
	return fmt.Sprintf("the data directory %s %s", e.Dir, e.Reason)
}

// claim makes sure that dir is ours, or empty and then ours(). A directory that
// holds anything else is refused before anything is written there.
func claim(fs vfs.FS, dir string) error {
	if err := fs.MkdirAll(dir); err != nil {
		return fmt.Errorf("make the data directory %s: %w; name one that can be made and written", dir, err)
	}
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("look into the data directory %s: %w", dir, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "lost+found" }) // of a file system of its own
	switch {
	case slices.Contains(names, manifestName):
		return readManifest(fs, dir, len(names) == 1)
	case len(names) > 0:
		return &DirectoryError{dir, fmt.Sprintf("holds %s and no %s, so it is not one of Roentgen's; name an empty directory", names[0], manifestName)}
	}
	return writeManifest(fs, dir)
}

// readManifest checks the manifest, and writes it again where a crash left it
// unfinished: then it stands alone, because the logs come after it.
func readManifest(fs vfs.FS, dir string, alone bool) error {
	path := filepath.Join(dir, manifestName)
	text, err := readFile(fs, path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err == nil {
		return m.check(dir)
	}
	if !alone || !unfinished(text) {
		return &DirectoryError{dir, fmt.Sprintf("has a %s that cannot be read; restore that file from a backup, or name another directory", manifestName)}
	}
	if err := fs.Remove(path); err != nil {
		return fmt.Errorf("remove the unfinished %s: %w", path, err)
	}
	return writeManifest(fs, dir)
}

// check tells what a readable manifest says against the directory.
func (m manifest) check(dir string) error {
	switch {
	case m.Program != ours().Program:
		return &DirectoryError{dir, fmt.Sprintf("belongs to the program %q, says its %s; name another directory", m.Program, manifestName)}
	case m.Layout > ours().Layout:
		return &DirectoryError{dir, fmt.Sprintf("was written by a newer version of Roentgen (layout %d, this program reads up to %d); upgrade, or name another directory", m.Layout, ours().Layout)}
	case m.Layout < 1:
		return &DirectoryError{dir, fmt.Sprintf("has a %s without a layout; restore that file from a backup, or name another directory", manifestName)}
	case m.Store != ours().Store:
		return &DirectoryError{dir, fmt.Sprintf("holds the store %q, not %q; start with --store %s, or name another directory", m.Store, ours().Store, m.Store)}
	}
	return nil
}

// unfinished tells whether text is what a crash may leave of our manifest: a
// part of it, with zeros in the place of the rest.
func unfinished(text []byte) bool {
	return len(text) <= len(ours().text()) && bytes.HasPrefix(ours().text(), bytes.TrimRight(text, "\x00"))
}

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

func writeManifest(fs vfs.FS, dir string) error {
	path := filepath.Join(dir, manifestName)
	f, err := fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w; make the directory writable for this user or name another", path, err)
	}
	if err := errors.Join(fill(f, ours().text()), f.Close()); err != nil {
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
