package datadir

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Unfinished is the file that stands in a data directory while somebody fills it
// who is not its store. It says in one line who, and what to do where they have
// ended before they were done. Claim refuses such a directory.
const Unfinished = "UNFINISHED"

// Begin makes an empty directory one that somebody fills for a store of that
// kind, until Finish. why goes into the file Unfinished.
func Begin(fs vfs.FS, dir, store, why string) error {
	if err := fs.MkdirAll(dir); err != nil {
		return fmt.Errorf("make the data directory %s: %w; name one that can be made and written", dir, err)
	}
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("look into the data directory %s: %w", dir, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "lost+found" })
	switch {
	case slices.Contains(names, Unfinished):
		return unfinished(fs, dir)
	case len(names) > 0:
		return &Error{dir, fmt.Sprintf("is not empty, it holds %s; name a directory that is empty or not there", names[0])}
	}
	path := filepath.Join(dir, Unfinished)
	f, err := fs.Create(path)
	if err == nil {
		err = errors.Join(fill(f, []byte(why+"\n")), f.Close())
	}
	if err == nil {
		err = fs.SyncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeManifest(fs, dir, store)
}

// Finish makes a directory that was filled, durably, one like any other.
func Finish(fs vfs.FS, dir string) error {
	err := fs.Remove(filepath.Join(dir, Unfinished))
	if err == nil {
		err = fs.SyncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("finish the data directory %s: %w", dir, err)
	}
	return nil
}

func unfinished(fs vfs.FS, dir string) error {
	text, err := readFile(fs, filepath.Join(dir, Unfinished))
	if err != nil {
		return err
	}
	return &Error{dir, "is unfinished: " + strings.TrimSpace(string(text))}
}

// Check tells whether dir is Roentgen's and holds one of these kinds of store. It
// changes nothing.
func Check(fs vfs.FS, dir string, stores ...string) error {
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("look into the data directory %s: %w", dir, err)
	}
	switch {
	case slices.Contains(names, Unfinished):
		return unfinished(fs, dir)
	case !slices.Contains(names, Manifest):
		return &Error{dir, fmt.Sprintf("has no %s, so it is not one of Roentgen's; name another directory", Manifest)}
	}
	return readManifest(fs, dir, false, stores)
}
