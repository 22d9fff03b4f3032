package ring

import (
	"errors"
	"fmt"
	"os"
)

const newSuffix = ".new"

// resize copies the newest frames that fit into a file of another size, which then takes the place of the old one. A
// kill in between leaves the old one.
func (r *Ring) resize(capacity int64) error {
	path := r.path(frameFile)
	f, err := os.OpenFile(path+newSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	h := fileHeader{magic: frameMagic, id: r.id, capacity: uint64(capacity), docs: stagingDocs}
	places, end, err := r.copyFrames(f, h)
	if err == nil {
		r.staging.high.Store(uint64(max(r.capacity, capacity))) // of either file
		err = os.Rename(path+newSuffix, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("copy the ring into one of %d bytes: %w", capacity, err), f.Close(), os.Remove(path+newSuffix))
	}
	r.moveTo(f, capacity, places, end)
	return nil
}

// copyFrames returns where the frames are now, by number, and where the last one ends. They lie one behind the other;
// those that are not there did not fit.
func (r *Ring) copyFrames(to *os.File, h fileHeader) (places map[uint64]int64, end int64, err error) {
	if err := writeNew(to, h, pageSize+int64(h.capacity)); err != nil {
		return nil, 0, err
	}
	places = map[uint64]int64{}
	for n, room := r.firstToFit(int64(h.capacity)), []byte(nil); n < r.live.next; n++ {
		f := r.live.get(n)
		if f.size == 0 {
			continue
		}
		room = grown(room, int(f.size))
		if _, err := r.frames.ReadAt(room, pageSize+f.at); err != nil {
			return nil, 0, err
		}
		if _, err := to.WriteAt(room, pageSize+end); err != nil {
			return nil, 0, err
		}
		places[n] = end
		end += int64(f.size)
	}
	return places, end, nil
}

// firstToFit is the number of the oldest frame with which all newer ones fit.
func (r *Ring) firstToFit(capacity int64) uint64 {
	n := r.live.next
	for room := capacity; n > r.live.oldest; n-- {
		room -= int64(r.live.get(n - 1).size)
		if room < 0 {
			break
		}
	}
	return n
}

// moveTo goes on in the new file.
func (r *Ring) moveTo(f *os.File, capacity int64, places map[uint64]int64, end int64) {
	r.giveUp(func(info *frameInfo) bool {
		_, there := places[r.live.oldest]
		return !there && (info.size > 0 || len(places) > 0)
	})
	for n, at := range places {
		r.live.get(n).at = at
	}
	if err := r.file.Close(); err != nil {
		r.opt.Logger.Warn("closing the ring's old file", "error", err)
	}
	r.file, r.frames, r.capacity, r.write = f, NewDirect(f), capacity, end
	// The rounds of the old size say nothing of the new one's horizon.
	r.rounds.Store(0)
}
