//go:build unix

package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// disk keeps files in a directory.
type disk struct {
	dir  string
	lock io.Closer
	was  os.FileInfo // of the lock, by which the directory is known
}

const (
	tableName = "cuts"
	lockName  = "LOCK"
	suffix    = ".spool"
	aside     = ".damaged"
	unready   = ".tmp"
	dirMode   = 0o700 // documents are nobody else's business
	fileMode  = 0o600
)

// openDisk makes the directory and takes its lock.
func openDisk(dir string) (*disk, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, readOnly(err)
	}
	lock, err := vfs.OS{}.Lock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, readOnly(err)
	}
	was, err := os.Stat(filepath.Join(dir, lockName))
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &disk{dir: dir, lock: lock, was: was}, nil
}

// gone tells whether somebody has taken the directory away: what is mapped is
// still there, and ends with the process.
func (d *disk) gone() bool {
	is, err := os.Stat(filepath.Join(d.dir, lockName))
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(d.was, is)
}

// readOnly says ErrReadOnly where that is what err is.
func readOnly(err error) error {
	if vfs.IsReadOnly(err) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

func (d *disk) name(number uint64) string {
	return filepath.Join(d.dir, fmt.Sprintf("%08d%s", number, suffix))
}

// mapTable maps the table of cuts, which is made where it is missing or has
// another size.
func (d *disk) mapTable() (t table, err error) {
	f, err := os.OpenFile(filepath.Join(d.dir, tableName), os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return t, readOnly(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := allocate(f, tableSize); err != nil {
		return t, err
	}
	t.mem, err = unix.Mmap(int(f.Fd()), 0, tableSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return t, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return t, nil
}

// allocate takes the space on the disk: a store into a mapped hole of a full
// one would kill the process.
func allocate(f *os.File, size int64) error {
	err := preallocate(f, size)
	if err == nil {
		return nil
	}
	if vfs.IsNoSpace(err) {
		return fmt.Errorf("allocate %d bytes for %s: no space left on the disk: free some; the spool goes on by itself: %w", size, f.Name(), err)
	}
	return fmt.Errorf("allocate %d bytes for %s: %w", size, f.Name(), err)
}

// fill writes zeros behind what the file has, where the file system cannot
// promise space otherwise.
func fill(f *os.File, size int64) error {
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at < size {
		n, err := f.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at)
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

func (d *disk) prepare(h header, size int, used *file) ([]byte, error) {
	if used != nil {
		mem, err := d.reuse(h, used)
		if !errors.Is(err, fs.ErrNotExist) {
			return mem, err
		}
		if err := unix.Munmap(used.mem); err != nil {
			return nil, err
		}
		used.mem = nil
	}
	f, err := d.create(d.name(h.number))
	if err != nil {
		return nil, readOnly(err)
	}
	mem, err := mapNew(f, size)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	touch(mem)
	h.put(mem)
	return mem, nil
}

// create makes a file, and the directory again where somebody took that away:
// what comes from now on is worth as much as before.
func (d *disk) create(name string) (*os.File, error) {
	const flags = os.O_RDWR | os.O_CREATE | os.O_EXCL
	f, err := os.OpenFile(name, flags, fileMode)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(d.dir, dirMode); err != nil {
		return nil, err
	}
	return os.OpenFile(name, flags, fileMode)
}

func mapNew(f *os.File, size int) ([]byte, error) {
	if err := allocate(f, int64(size)); err != nil {
		return nil, err
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return mem, nil
}

// touch takes the page faults here, so that Append does not.
func touch(mem []byte) {
	for i := 0; i < len(mem); i += 4096 {
		mem[i] = 0
	}
}

// reuse makes a new file of one that is done with: its pages are there already.
func (d *disk) reuse(h header, used *file) ([]byte, error) {
	storeWord(used.mem, 0, 0)
	storeWord(used.mem, fileHead, 0)
	if err := os.Rename(d.name(used.number), d.name(h.number)); err != nil {
		return nil, err
	}
	h.put(used.mem)
	return used.mem, nil
}

func (d *disk) pack(number uint64, head, block []byte) (err error) {
	name := d.name(number)
	f, err := os.OpenFile(name+unready, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := writeWhole(f, head, block); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// writeWhole writes, syncs and closes f: the name must not stand before the
// bytes do.
func writeWhole(f *os.File, parts ...[]byte) (err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, p := range parts {
		if _, err := f.Write(p); err != nil {
			return err
		}
	}
	return f.Sync()
}

func (d *disk) load(number uint64, buf []byte) (b []byte, err error) {
	f, err := os.Open(d.name(number))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if int64(cap(buf)) < info.Size() {
		buf = make([]byte, info.Size())
	}
	buf = buf[:info.Size()]
	_, err = io.ReadFull(f, buf)
	return buf, err
}

// glance is the beginning of a file.
type glance struct {
	head []byte
	size int64
}

func (d *disk) peek(number uint64) (g glance, err error) {
	f, err := os.Open(d.name(number))
	if err != nil {
		return g, readOnly(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return g, err
	}
	g = glance{make([]byte, min(fileHead, info.Size())), info.Size()}
	_, err = io.ReadFull(f, g.head)
	return g, err
}

// rest unmaps the pages, not the file: they are in the kernel's cache, or on the
// disk when it wants the memory.
func (d *disk) rest(mem []byte) error { return unix.Madvise(mem, unix.MADV_DONTNEED) }

func (d *disk) release(mem []byte) error { return unix.Munmap(mem) }

func (d *disk) remove(number uint64) error {
	if err := os.Remove(d.name(number)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// close makes the next start trust the table whatever becomes of the machine.
func (d *disk) close(t table, files []*file) error {
	var errs []error
	for _, f := range files {
		if f.mapped && f.mem != nil {
			errs = append(errs, unix.Msync(f.mem, unix.MS_SYNC), unix.Munmap(f.mem))
		}
	}
	if t.mem != nil {
		if h, _, found := readTable(t.mem); found == conditionSound && errors.Join(errs...) == nil {
			h.boot = [16]byte{}
			t.putHeader(h)
		}
		errs = append(errs, unix.Msync(t.mem, unix.MS_SYNC), unix.Munmap(t.mem))
	}
	if err := (vfs.OS{}).SyncDir(d.dir); !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, d.lock.Close())...)
}
