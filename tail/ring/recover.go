package ring

import (
	"cmp"
	"slices"
)

// located is a frame that was found.
type located struct {
	frame
	at int64
}

// recover finds the frames that are there, enters them into the index, and balances the sums.
func (r *Ring) recover() {
	frames := r.withoutTorn(r.scan())
	r.live.oldest, r.live.next = r.bounds(frames)
	next := r.live.next
	r.live.next = r.live.oldest
	for _, f := range frames {
		if f.number >= r.live.next && f.number < next { // never below: what was overwritten may still be readable
			r.enterFound(f)
		}
	}
	for r.live.next < next {
		r.live.push(frameInfo{})
	}
	if len(frames) > 0 {
		newest := frames[len(frames)-1]
		r.write = newest.at + padded(newest.size())
	}
	r.recoverStaging()
	r.recount()
	r.firstAt.Store(r.live.firstAt())
	if r.firstAt.Load() == 0 && r.staging.n > 0 {
		r.firstAt.Store(r.staging.since.Load())
	}
}

// withoutTorn leaves out the newest frame if a kill stopped its writing: its head is there, its documents are not, and
// they are staged still.
func (r *Ring) withoutTorn(frames []located) []located {
	last := len(frames) - 1
	if last < 0 || r.strange || frames[last].number != r.staging.frame.Load() || r.staging.count.Load() == 0 {
		return frames
	}
	if err := r.readBlock(&frames[last].frame, frames[last].at); err != nil {
		return frames[:last]
	}
	return frames
}

func padded(n int) int64 { return int64(n+frameAlign-1) / frameAlign * frameAlign }

// bounds are the numbers of the oldest frame that counts and of the one that comes next.
func (r *Ring) bounds(frames []located) (oldest, next uint64) {
	next = r.staging.frame.Load()
	if len(frames) > 0 {
		newest := frames[len(frames)-1]
		if next <= newest.number || next-newest.number > maxFrames {
			next = newest.number + 1
		}
		oldest = newest.oldest
	} else {
		oldest = next
	}
	if said := r.staging.oldest.Load(); said <= next {
		oldest = max(oldest, said)
	}
	if next > maxFrames {
		oldest = max(oldest, next-maxFrames)
	}
	return oldest, next
}

// enterFound enters one frame, behind those that are missing.
func (r *Ring) enterFound(f located) {
	info := frameInfo{at: f.at, docs: uint32(f.docs), size: uint32(padded(f.size()))}
	if _, err := r.readHead(&info); err != nil {
		return // it was readable a moment ago; recount names what is missing
	}
	for r.live.next < f.number {
		r.live.push(frameInfo{})
	}
	waiting := 0
	for i := range f.docs {
		if r.head[frameHeader+i*frameEntry+frameEntry-1]&takenByte == 0 {
			waiting++
		}
	}
	r.enter(f.frame, f.at, int(info.size), waiting, r.head)
	add(&r.waiting, waiting)
}

// recoverStaging takes up what was staged, unless it was written as a frame already.
func (r *Ring) recoverStaging() {
	s := r.staging
	if s.frame.Load() < r.live.next && !r.strange {
		s.clear(r.live.next)
		return
	}
	s.frame.Store(r.live.next)
	damaged, at := s.restore()
	if damaged > 0 {
		r.opt.Logger.Error("documents in the ring's staging area are lost", "documents", damaged,
			"error", &CorruptError{r.path(stagingFile), at, "a document does not match its checksum"})
	}
	add(&r.waiting, s.waiting)
	add(&r.bytes, s.used)
}

// recount makes the sums right where a kill came between a document and its count: one more waits than was counted, or
// some left or were overwritten, whichever was being done, uncounted. What is missing without that is lost to damage.
func (r *Ring) recount() {
	own, waiting := &r.staging.own, r.waiting.Load()
	counted := own[wordHeld].Load() - own[wordDrained].Load() - own[wordOverwritten].Load() - own[wordDamaged].Load()
	switch missing := counted - waiting; {
	case missing < 0:
		own[wordHeld].Add(-missing)
	case missing > 0 && r.staging.doing.Load() == doingDrain:
		own[wordDrained].Add(missing)
	case missing > 0 && r.staging.doing.Load() == doingOverwrite:
		own[wordOverwritten].Add(missing)
	case missing > 0:
		own[wordDamaged].Add(missing)
		r.opt.Logger.Error("documents that the ring held are lost", "documents", missing, "ring", r.name())
	}
	r.staging.doing.Store(doingNothing)
}

// scan finds frames in the file, in the order of their numbers. From one frame it steps to the next; where none is, it
// looks at every place where one may begin.
func (r *Ring) scan() []located {
	var frames []located
	end := min(r.capacity, int64(r.staging.high.Load()))
	w := window{area: r.frames}
	for at := int64(0); at+frameHeader <= end; {
		f, err := parseFrame(w.at(pageSize+at, frameHeader), r.id)
		if err != nil || at+int64(f.size()) > r.capacity || f.parseEntries(w.at(pageSize+at, f.headSize())) != nil {
			at += frameAlign
			w.ahead = windowSize
			continue
		}
		w.ahead = pageSize
		frames = append(frames, located{f, at})
		at += padded(f.size())
	}
	slices.SortStableFunc(frames, func(a, b located) int { return cmp.Compare(a.number, b.number) })
	return frames
}

// window reads a file in larger pieces than it is asked for.
type window struct {
	area  area
	ahead int // how much it reads at least
	start int64
	b     []byte
}

// windowSize is more than the head of any frame.
const windowSize = 64 << 10

// at returns n bytes, at most windowSize, or nil where they cannot be read.
func (w *window) at(at int64, n int) []byte {
	if at < w.start || at+int64(n) > w.start+int64(len(w.b)) {
		w.fill(at, n)
	}
	if at+int64(n) > w.start+int64(len(w.b)) {
		return nil
	}
	return w.b[at-w.start:][:n]
}

func (w *window) fill(at int64, n int) {
	if cap(w.b) == 0 {
		w.b = make([]byte, windowSize)
	}
	got, _ := w.area.ReadAt(w.b[:max(n, w.ahead)], at) // what cannot be read holds no frame
	w.start, w.b = at, w.b[:max(got, 0)]
}
