package block

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// setAside copies a file to DamagedDir, durably, and returns where it is. The
// original stays for whoever calls to remove.
func (r *repairer) setAside(path string) (string, error) {
	dir := filepath.Join(r.dir, DamagedDir)
	if err := r.fs.MkdirAll(dir); err != nil {
		return "", err
	}
	to, f, err := r.createAside(filepath.Join(dir, filepath.Base(filepath.Dir(path))+"-"+filepath.Base(path)))
	if err != nil {
		return "", fmt.Errorf("set aside %s: %w", path, err)
	}
	err = errors.Join(copyFile(r.fs, path, f), f.Close())
	if err == nil {
		err = r.fs.SyncDir(dir)
	}
	if err != nil {
		// What was copied so far is of no use to anybody.
		return "", fmt.Errorf("set aside %s as %s: %w", path, to, errors.Join(err, r.fs.Remove(to)))
	}
	r.out.Aside = append(r.out.Aside, to)
	return to, nil
}

// mostAside is how many files of one name are set aside.
const mostAside = 1000

// createAside makes a file of that name or, where it is taken, of the next free.
func (r *repairer) createAside(name string) (string, vfs.File, error) {
	for n := range mostAside {
		to := name
		if n > 0 {
			to = fmt.Sprintf("%s.%d", name, n)
		}
		f, err := r.fs.Create(to)
		if !errors.Is(err, fs.ErrExist) {
			return to, f, err
		}
	}
	return "", nil, fmt.Errorf("there are %d files %s already: move them elsewhere", mostAside, name)
}

// sector is what is lost of a copy where the disk does not read, and copyBytes
// how much is read at once where it does.
const (
	sector    = 4 << 10
	copyBytes = 1 << 20
)

// copyFile copies a file as far as the disk reads it, with zeros for the rest.
func copyFile(fsys vfs.FS, path string, to vfs.File) error {
	from, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	size, err := from.Size()
	if err != nil {
		return err
	}
	buf := make([]byte, copyBytes)
	for at := int64(0); at < size; at += copyBytes {
		b := buf[:min(copyBytes, size-at)]
		if n, _ := from.ReadAt(b, at); n < len(b) {
			readSectors(from, b, at)
		}
		if _, err := to.WriteAt(b, at); err != nil {
			return err
		}
	}
	return to.Sync()
}

// readSectors reads what can be read of b.
func readSectors(from vfs.File, b []byte, at int64) {
	for i := 0; i < len(b); i += sector {
		part := b[i:min(i+sector, len(b))]
		if n, _ := from.ReadAt(part, at+int64(i)); n < len(part) {
			clear(part[n:])
		}
	}
}
