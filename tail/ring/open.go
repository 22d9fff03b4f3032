package ring

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
)

// minCapacity of a ring, in bytes of frames.
const minCapacity = 1 << 20

// Open opens the ring in the directory, or makes one there. A file that is no ring's is a *ForeignError, one of a newer
// program a *VersionError; whatever else is wrong with the bytes is counted, logged and left out.
func Open(opt Options) (*Ring, error) {
	r := &Ring{opt: opt, seed: maphash.MakeSeed(), capacity: max(minCapacity, (opt.Bytes+pageSize-1)/pageSize*pageSize)}
	if opt.Dir == "" {
		r.inMemory = true
		r.frames = &memoryArea{make([]byte, pageSize+r.capacity)}
		r.staging = newStaging(make([]byte, stagingSize))
		r.index = newIndex(r.capacity)
		return r, nil
	}
	if err := r.openFiles(); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	r.recover()
	if want := max(minCapacity, (opt.Bytes+pageSize-1)/pageSize*pageSize); want != r.capacity {
		if err := r.resize(want); err != nil {
			opt.Logger.Error("the ring keeps its size", "bytes", r.capacity, "wanted", want, "error", err)
		}
	}
	return r, nil
}

// abandon closes what openFiles had opened when it failed.
func (r *Ring) abandon() error {
	var open []io.Closer
	if r.file != nil {
		open = append(open, r.file)
	}
	if r.staging != nil {
		open = append(open, unmapper(r.staging.mapped))
	}
	return closeAll(open...)
}

// openFiles opens or makes both files. They belong together by the ring's id; where one is gone or its header is
// damaged, the other goes on.
func (r *Ring) openFiles() error {
	if !canMap {
		return ErrNoMapping
	}
	_ = os.Remove(r.path(frameFile + newSuffix)) // of a resize that was killed
	ring, anew, err := r.openFrames()
	if err != nil {
		return err
	}
	r.id, r.capacity = ring.id, int64(ring.capacity)
	r.index = newIndex(r.capacity)
	return r.openStaging(anew)
}

func (r *Ring) path(name string) string { return filepath.Join(r.opt.Dir, name) }

// openFrames opens ring.dat and returns its header, and whether the file is new.
func (r *Ring) openFrames() (h fileHeader, anew bool, err error) {
	f, err := os.OpenFile(r.path(frameFile), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return h, false, fmt.Errorf("open the ring: %w", err)
	}
	r.file, r.frames = f, NewDirect(f)
	h, err = readHeader(f, frameMagic)
	if err == nil && int64(h.capacity) != size(f)-pageSize {
		err = &CorruptError{f.Name(), 24, fmt.Sprintf("the file has %d bytes, the header says %d", size(f), pageSize+h.capacity)}
	}
	if anew, err = r.makeAnew(err); !anew {
		return h, false, err
	}
	h = fileHeader{magic: frameMagic, id: maphash.Bytes(r.seed, []byte(f.Name())), capacity: uint64(r.capacity), docs: stagingDocs}
	return h, true, writeNew(f, h, pageSize+r.capacity)
}

// makeAnew says whether a file is to be made again after that error: it is new, or damaged beyond use.
func (r *Ring) makeAnew(err error) (bool, error) {
	var corrupt *CorruptError
	if errors.As(err, &corrupt) {
		r.opt.Logger.Error("a file of the ring is made anew; what it held is lost", "error", corrupt)
		return true, nil
	}
	if errors.Is(err, errBlank) {
		return true, nil
	}
	return false, err
}

// openStaging maps staging.dat. anew: ring.dat is.
func (r *Ring) openStaging(anew bool) error {
	f, err := os.OpenFile(r.path(stagingFile), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("open the ring's staging area: %w", err)
	}
	defer f.Close() // the mapping stays
	want := fileHeader{magic: stagingMagic, id: r.id, capacity: blockSize, docs: stagingDocs}
	h, err := readHeader(f, stagingMagic)
	if err == nil && (size(f) != stagingSize || h.capacity != want.capacity || h.docs != want.docs) {
		err = &CorruptError{f.Name(), 24, "the staging area has another size"}
	}
	again, err := r.makeAnew(err)
	if err != nil {
		return err
	}
	if again {
		if err := writeNew(f, want, stagingSize); err != nil {
			return err
		}
	}
	mapped, err := mapShared(f, stagingSize)
	if err != nil {
		return err
	}
	copy(mapped, want.append(nil)) // a new ring beside an old staging area: they belong together from now on
	r.staging = newStaging(mapped)
	if r.strange = !again && h.id != r.id; r.strange {
		r.staging.oldest.Store(0)
	}
	switch {
	case anew: // no frame is there
		r.staging.high.Store(0)
	case again || r.strange: // any may be
		r.staging.high.Store(uint64(r.capacity))
	}
	return nil
}

// errBlank is a file that was not begun, or of which only the size is there.
var errBlank = errors.New("nothing is written there")

func readHeader(f *os.File, magic [8]byte) (fileHeader, error) {
	b := make([]byte, headerSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fileHeader{}, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	if [headerSize]byte(b) == [headerSize]byte{} {
		return fileHeader{}, errBlank
	}
	return parseHeader(f.Name(), b[:n], magic)
}

// writeNew empties the file, gives it its size and its blocks, and begins it.
func writeNew(f *os.File, h fileHeader, size int64) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	if err := allocate(f, size); err != nil {
		return errors.Join(err, f.Truncate(0)) // an empty file is new: half of one would fill the disk for nothing
	}
	_, err := f.WriteAt(h.append(nil), 0)
	return err
}

// size of a file that is open; -1 where even that cannot be read.
func size(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return -1
	}
	return info.Size()
}
