package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"
)

// folder keeps each object as a file that only its owner may read. Content types are not kept: the ending says them.
type folder struct {
	root  *os.Root                     // no link leads out of it
	write func(*os.File, []byte) error // so that tests can fill the disk
}

// unfinished is where files are written before they get their place. No key begins with a dot.
const unfinished = ".unfinished"

func openFolder(dir string) (store, error) {
	if dir == "" {
		return nil, errors.New("the path of the folder is empty")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(abs, unfinished), 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	return &folder{root, func(f *os.File, body []byte) error { _, err := f.Write(body); return err }}, nil
}

// put writes beside the place and renames: who reads meanwhile sees the old object or the new one.
func (f *folder) put(ctx context.Context, key, _ string, body []byte) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	temp := path.Join(unfinished, uuid.NewString())
	if err := f.create(temp, body); err != nil {
		return errors.Join(trouble(err), f.discard(temp))
	}
	dir := path.Dir(key)
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return errors.Join(trouble(err), f.discard(temp))
	}
	if err := f.root.Rename(temp, key); err != nil {
		return errors.Join(trouble(err), f.discard(temp))
	}
	for ; ; dir = path.Dir(dir) { // an entry is on disk when its folder is, and that one's entry too
		if err := f.sync(dir); err != nil {
			return trouble(err)
		}
		if dir == "." {
			return nil
		}
	}
}

func (f *folder) create(name string, body []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = f.write(file, body)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *folder) discard(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return trouble(err)
	}
	return nil
}

func (f *folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) get(_ context.Context, key string) ([]byte, error) {
	file, err := f.root.Open(key)
	if err != nil {
		return nil, trouble(err)
	}
	body, err := limited(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, trouble(err)
	}
	return body, nil
}

func limited(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxObject+1))
	if err == nil && len(body) > maxObject {
		err = fmt.Errorf("it is larger than %d MiB, so it is none of ours", maxObject>>20)
	}
	return body, err
}

func (f *folder) remove(_ context.Context, key string) error {
	err := f.root.Remove(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = f.sync(path.Dir(key))
	}
	return trouble(err)
}

// ping writes a byte: a disk that is full, or has become read-only, still answers questions.
func (f *folder) ping(context.Context) error {
	temp := path.Join(unfinished, uuid.NewString())
	err := f.create(temp, []byte{0})
	return errors.Join(trouble(err), f.discard(temp))
}

// trouble sorts the errors of a disk, and takes the path out: it holds the key.
func trouble(err error) error {
	if err == nil {
		return nil
	}
	why := err
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		why = at.Err
	case errors.As(err, &link):
		why = link.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EISDIR): // the front part of others' keys is no object
		return ErrNotFound
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: the disk is full; free some space: %w", ErrUnavailable, why)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the folder may not be written or read; give it to the user that runs this: %w", ErrUnavailable, why)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, why)
}
