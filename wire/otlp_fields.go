package wire

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// protoFields reads the fields of a protobuf message one after the other. It
// shares memory with the message.
type protoFields struct {
	rest   []byte
	tag    uint64 // number<<3 | type of the field that was reached
	val    []byte // of a length-delimited field
	number uint64 // of a number
	whole  []byte // tag and value
	broken bool   // the bytes are no message
}

// Types of fields, as they stand in a tag.
const (
	tagVarint  = uint64(protowire.VarintType)
	tagFixed64 = uint64(protowire.Fixed64Type)
	tagBytes   = uint64(protowire.BytesType)
	tagFixed32 = uint64(protowire.Fixed32Type)
)

// next goes to the next field; false at the end, and where the bytes are
// broken.
func (f *protoFields) next() bool {
	b := f.rest
	if len(b) == 0 {
		return false
	}
	// Tags and lengths below 128 stand in one byte: nearly all of them do.
	if len(b) > 1 && b[0] < 0x80 && uint64(b[0]&7) == tagBytes && b[0] >= 8 && b[1] < 0x80 {
		end := 2 + int(b[1])
		if end > len(b) {
			return f.fail()
		}
		f.tag, f.val, f.whole, f.rest = uint64(b[0]), b[2:end:end], b[:end:end], b[end:]
		return true
	}
	return f.slowNext(b)
}

func (f *protoFields) slowNext(b []byte) bool {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return f.fail()
	}
	m := 0
	switch typ {
	case protowire.BytesType:
		f.val, m = protowire.ConsumeBytes(b[n:])
	case protowire.VarintType:
		f.number, m = protowire.ConsumeVarint(b[n:])
	case protowire.Fixed64Type:
		f.number, m = protowire.ConsumeFixed64(b[n:])
	case protowire.Fixed32Type:
		var v uint32
		v, m = protowire.ConsumeFixed32(b[n:])
		f.number = uint64(v)
	default:
		m = protowire.ConsumeFieldValue(num, typ, b[n:])
	}
	if m < 0 {
		return f.fail()
	}
	f.tag = uint64(num)<<3 | uint64(typ)
	f.whole, f.rest = b[:n+m:n+m], b[n+m:]
	return true
}

func (f *protoFields) fail() bool {
	f.rest, f.broken = nil, true
	return false
}
