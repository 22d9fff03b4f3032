package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
)

// readBackup goes through an archive, hands each file of the data directory to
// take, and holds what was read against the list at its end.
func readBackup(from io.Reader, take func(name string, content io.Reader) error) (backupIndex, error) {
	archive := tar.NewReader(from)
	sums := map[string]backupFile{}
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return backupIndex{}, errors.New("the archive ends without its list of files: it was cut short; make it again")
		}
		if err != nil {
			return backupIndex{}, fmt.Errorf("read the archive: %w; it is no backup of Roentgen, or was cut short", err)
		}
		if h.Name == backupList {
			return checkBackup(archive, sums)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(h.Name)) {
			return backupIndex{}, fmt.Errorf("the archive holds %q, which no backup does", h.Name)
		}
		hash := xxhash.New()
		err = take(h.Name, io.TeeReader(archive, hash))
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the archive ends within %s: it was cut short; make it again", h.Name)
		}
		if err != nil {
			return backupIndex{}, err
		}
		sums[h.Name] = backupFile{h.Name, h.Size, fmt.Sprintf("%016x", hash.Sum64())}
	}
}

// largestBackupList bounds the list: a file takes about a hundred bytes.
const largestBackupList = 256 << 20

func checkBackup(list io.Reader, sums map[string]backupFile) (index backupIndex, err error) {
	if err := json.NewDecoder(io.LimitReader(list, largestBackupList)).Decode(&index); err != nil {
		return index, fmt.Errorf("read the list of files: %w; the archive was cut short", err)
	}
	switch {
	case index.Program != "roentgen":
		return index, fmt.Errorf("the archive is of the program %q", index.Program)
	case index.Version > backupVersion:
		return index, fmt.Errorf("the archive was made by a newer version of Roentgen (%d, this program reads up to %d); upgrade", index.Version, backupVersion)
	case len(index.Files) != len(sums):
		return index, fmt.Errorf("the archive holds %d files and lists %d; make it again", len(sums), len(index.Files))
	}
	for _, want := range index.Files {
		if sums[want.Name] != want {
			return index, fmt.Errorf("%s is damaged: %d bytes with the hash %s, want %d with %s; use another backup", want.Name, sums[want.Name].Bytes, sums[want.Name].XXHash, want.Bytes, want.XXHash)
		}
	}
	return index, nil
}

func (b backupIndex) bytes() (n int64) {
	for _, f := range b.Files {
		n += f.Bytes
	}
	return n
}
