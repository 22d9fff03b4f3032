package memory

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// manifestName is the file that says whose a data directory is.
const manifestName = "roentgen.json"

// dirVersion is the layout of the directory: a manifest, and the logs traces
// and state.
const dirVersion = 1

type manifest struct {
	Program string `json:"program"`
	Layout  int    `json:"layout"`
	Store   string `json:"store"`
}

// claim makes sure that dir is ours, or empty and then ours.
func claim(fs vfs.FS, dir string) error {
	if err := fs.MkdirAll(dir); err != nil {
		return fmt.Errorf("make the data directory %s: %w; name one that can be made and written", dir, err)
	}
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("look into the data directory %s: %w", dir, err)
	}
	if slices.Contains(names, manifestName) {
		known, err := readManifest(fs, dir)
		if err != nil || known {
			return err
		}
		// A crash left an unfinished manifest in a directory with nothing else.
		if len(names) > 1 {
			return fmt.Errorf("the data directory %s has an unreadable %s beside other files; restore that file from a backup, or name another directory", dir, manifestName)
		}
		if err := fs.Remove(filepath.Join(dir, manifestName)); err != nil {
			return fmt.Errorf("remove the unfinished %s in %s: %w", manifestName, dir, err)
		}
		names = nil
	}
	if len(names) > 0 {
		return fmt.Errorf("the directory %s holds %s and no %s, so it is not one of Roentgen's; name an empty directory", dir, names[0], manifestName)
	}
	return writeManifest(fs, dir)
}

// readManifest returns false for a file that was never finished.
func readManifest(fs vfs.FS, dir string) (known bool, err error) {
	path := filepath.Join(dir, manifestName)
	f, err := fs.Open(path)
	if err != nil {
		return false, fmt.Errorf("open %s: %w", path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<16))
	if err != nil {
		return false, fmt.Errorf("read %s: %w", path, err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil || m.Program == "" {
		return false, nil
	}
	switch {
	case m.Program != "roentgen":
		return false, fmt.Errorf("%s says that the directory belongs to %q; name another", path, m.Program)
	case m.Layout > dirVersion:
		return false, fmt.Errorf("%s was written by a newer version of Roentgen (layout %d, this program reads up to %d); upgrade, or name another directory", path, m.Layout, dirVersion)
	case m.Store != "memory":
		return false, fmt.Errorf("%s says that the directory holds the store %q; start with --store %s, or name another directory", path, m.Store, m.Store)
	}
	return true, nil
}

func writeManifest(fs vfs.FS, dir string) error {
	path := filepath.Join(dir, manifestName)
	text, err := json.Marshal(manifest{Program: "roentgen", Layout: dirVersion, Store: "memory"})
	if err != nil {
		return err
	}
	f, err := fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w; make the directory writable for this user or name another", path, err)
	}
	defer f.Close()
	if _, err := f.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	if err := fs.SyncDir(dir); err != nil {
		return fmt.Errorf("sync the data directory %s: %w", dir, err)
	}
	return nil
}
