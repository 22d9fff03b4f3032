package blockfile

import (
	"errors"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Created returns when the file was made, which is after everything in it had
// come, also of one that is damaged elsewhere. It is false where the header does
// not say.
func Created(fs vfs.FS, path string) (at roentgen.Time, ok bool, err error) {
	f, err := fs.Open(path)
	if err != nil {
		return 0, false, err
	}
	size, err := f.Size()
	var h parsedHeader
	if err == nil {
		h, err = readHeader(f, path, size)
	}
	err = errors.Join(err, f.Close())
	return h.created, err == nil && h.state == headerGood, err
}
