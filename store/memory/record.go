package memory

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/roentgen/roentgen"
)

// The payload of a record is drawn in docs/format/memory-log.md.
const (
	kindDocument  = 1
	recordVersion = 1
	recordHead    = 1 + 8 + 1 + 8 // version, received, reason, probability
)

func appendRecord(b []byte, d roentgen.Stored) []byte {
	if b == nil {
		b = make([]byte, 0, recordHead+len(d.Segment.Document))
	}
	b = append(b, recordVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(d.Received))
	b = append(b, byte(d.Keep.Reason))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(d.Keep.Probability))
	return append(b, d.Segment.Document...)
}

// readRecord takes a payload apart. The document is part of it.
func readRecord(b []byte) (received roentgen.Time, keep roentgen.Keep, doc []byte, err error) {
	if len(b) < recordHead {
		return 0, keep, nil, fmt.Errorf("record of %d bytes is shorter than its head of %d", len(b), recordHead)
	}
	if b[0] != recordVersion {
		return 0, keep, nil, fmt.Errorf("record has version %d; this program reads %d", b[0], recordVersion)
	}
	received = roentgen.Time(binary.LittleEndian.Uint64(b[1:]))
	keep.Reason = roentgen.KeepReason(b[9])
	keep.Probability = math.Float64frombits(binary.LittleEndian.Uint64(b[10:]))
	return received, keep, b[recordHead:], nil
}
