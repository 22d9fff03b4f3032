package rates

import (
	"encoding/binary"
	"slices"
)

// seen knows which batches were counted: of each agent and epoch the highest
// number, and which of those before it. Agents send in order, with a few on the
// way at once, so that what is further back than that has been counted.
type seen struct {
	most   int
	epochs []*epoch // that was counted last at the end
	by     map[epochName]*epoch
}

type epochName struct {
	agent string
	epoch uint64
}

// seenWords of 64 numbers are told apart.
const seenWords = 16

type epoch struct {
	epochName
	top  uint64
	bits [seenWords]uint64 // bit n of the first word: top-n was counted
}

func (s *seen) has(agent string, number, seq uint64) bool {
	e := s.by[epochName{agent, number}]
	if e == nil || seq > e.top {
		return false
	}
	back := e.top - seq
	return back >= 64*seenWords || e.bits[back/64]&(1<<(back%64)) != 0
}

func (s *seen) add(agent string, number, seq uint64) {
	e := s.epoch(epochName{agent, number})
	if seq > e.top {
		e.shift(seq - e.top)
		e.top = seq
	}
	if back := e.top - seq; back < 64*seenWords {
		e.bits[back/64] |= 1 << (back % 64)
	}
}

// shift moves the bits n numbers further back.
func (e *epoch) shift(n uint64) {
	if n >= 64*seenWords {
		e.bits = [seenWords]uint64{}
		return
	}
	words, bits := int(n/64), n%64
	for i := seenWords - 1; i >= 0; i-- {
		var v uint64
		if i >= words {
			v = e.bits[i-words] << bits
			if bits > 0 && i > words {
				v |= e.bits[i-words-1] >> (64 - bits)
			}
		}
		e.bits[i] = v
	}
}

// epoch returns that of the name, now the last, new where it is not known.
func (s *seen) epoch(name epochName) *epoch {
	e := s.by[name]
	if e == nil {
		if s.by == nil {
			s.by = map[epochName]*epoch{}
		}
		e = &epoch{epochName: name}
		s.by[name] = e
	}
	s.epochs = append(slices.DeleteFunc(s.epochs, func(o *epoch) bool { return o == e }), e)
	for len(s.epochs) > s.most {
		delete(s.by, s.epochs[0].epochName)
		s.epochs = slices.Delete(s.epochs, 0, 1)
	}
	return e
}

// append writes the payload of a record 3.
func (e *epoch) append(dst []byte) []byte {
	dst = appendString(dst, e.agent)
	dst = binary.AppendUvarint(dst, e.epochName.epoch)
	dst = binary.AppendUvarint(dst, e.top)
	for _, word := range e.bits {
		dst = binary.AppendUvarint(dst, word)
	}
	return dst
}
