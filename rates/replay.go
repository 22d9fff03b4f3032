package rates

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
)

// replay reads the log back.
func (b *Book) replay() error {
	damage, err := b.log.Replay(applog.Position{}, func(pos applog.Position, kind byte, payload []byte) error {
		b.logged += applog.FrameBytes(len(payload))
		if err := b.apply(kind, payload); err != nil {
			b.damaged(fmt.Sprintf("record at %s: %v", pos, err))
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.mu.stats = Stats{Damage: b.mu.stats.Damage} // nobody else is here yet
	for _, d := range append(b.log.Recovery().Damage, damage...) {
		b.damaged(d.Error())
	}
	return nil
}

func (b *Book) damaged(what string) {
	b.opt.Logger.Error("the book of rates is damaged; rates are too low where it was", "damage", what)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.stats.Damage = append(b.mu.stats.Damage, what)
}

// apply makes what a record says so.
func (b *Book) apply(kind byte, payload []byte) error {
	r := reader{b: payload}
	switch kind {
	case kindBatch:
		in := r.batch()
		if r.err != nil {
			return r.err
		}
		parsed, err := in.parse()
		if err != nil {
			return err
		}
		if !b.repeated(in) {
			b.count(in, parsed)
		}
	case kindSpan:
		return b.applySpan(&r)
	case kindSeen:
		e := r.epoch()
		if r.err != nil {
			return r.err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		*b.mu.seen.epoch(e.epochName) = e
	case kindForgotten:
		forgotten := roentgen.Time(r.varint())
		if r.err != nil {
			return r.err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.mu.forgotten = max(b.mu.forgotten, forgotten)
	default:
		return fmt.Errorf("kind %d was written by a newer version", kind)
	}
	return nil
}

// applySpan puts a span in the place of what is known of it.
func (b *Book) applySpan(r *reader) error {
	level := int(r.byte()) - 1
	begin := roentgen.Time(r.varint())
	text := append([]byte{}, r.bytes()...) // a payload is good until the next one
	if r.err == nil && (level < 0 || level >= levels || begin != floor(begin, width(level))) {
		return fmt.Errorf("a span of level %d from %d", level, begin)
	}
	if r.err != nil {
		return r.err
	}
	still, err := graph.ParseMinutes(text)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.mu.levels[level].at(level, begin)
	s.sums, s.newer = nil, false
	b.setLocked(s, still)
	b.forgetLocked(b.opt.Now())
	return nil
}

// reader takes a payload apart. After the first thing that is wrong it has
// nothing more to give.
type reader struct {
	b   []byte
	err error
}

var errShort = errors.New("it is cut short")

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errShort
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errShort
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.err = errShort
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errShort
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) batch() batch {
	in := batch{agent: string(r.bytes()), epoch: r.uvarint(), seq: r.uvarint()}
	for n := r.uvarint(); n > 0 && r.err == nil; n-- {
		in.rollups = append(in.rollups, append([]byte{}, r.bytes()...))
	}
	return in
}

func (r *reader) epoch() (e epoch) {
	e.epochName = epochName{string(r.bytes()), r.uvarint()}
	e.top = r.uvarint()
	for i := range e.bits {
		e.bits[i] = r.uvarint()
	}
	return e
}
