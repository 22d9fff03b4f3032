package ring

// frameInfo is what is known in memory of a frame.
type frameInfo struct {
	at      int64  // from the beginning of the frames
	first   int64  // arrival of its first document, nanoseconds since 1970
	size    uint32 // on disk
	docs    uint32
	waiting uint32 // documents that were not taken; of a frame that could not be read: 0
}

// frameList is a queue of frames with consecutive numbers, the last maxFrames at most. Frames that are missing have
// size 0.
type frameList struct {
	oldest, next uint64 // numbers
	ring         []frameInfo
}

func (l *frameList) len() int { return int(l.next - l.oldest) }

// get returns a frame that is there, or nil.
func (l *frameList) get(number uint64) *frameInfo {
	if number < l.oldest || number >= l.next {
		return nil
	}
	return l.slot(number)
}

func (l *frameList) slot(number uint64) *frameInfo { return &l.ring[number&uint64(len(l.ring)-1)] }

func (l *frameList) first() *frameInfo { return l.get(l.oldest) }

func (l *frameList) drop() { l.oldest++ }

func (l *frameList) push(f frameInfo) {
	if l.len() == len(l.ring) {
		l.grow()
	}
	*l.slot(l.next) = f
	l.next++
}

func (l *frameList) grow() {
	grown := frameList{oldest: l.oldest, next: l.next, ring: make([]frameInfo, max(256, 2*len(l.ring)))}
	for n := l.oldest; n < l.next; n++ {
		*grown.slot(n) = *l.slot(n)
	}
	*l = grown
}

// firstAt is the arrival of the oldest document, 0 without any.
func (l *frameList) firstAt() int64 {
	for n := l.oldest; n < l.next; n++ {
		if f := l.slot(n); f.size > 0 {
			return f.first
		}
	}
	return 0
}
