package block

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
)

// Kinds of the records in the log of a shard, drawn in
// docs/format/block-log.md.
const (
	kindBatch   byte = 1 // accepted documents, compressed together
	kindLimit   byte = 2 // a trace of which a document was refused for its size
	kindMember  byte = 3 // a trace that a group has admitted
	kindDeleted byte = 4 // a trace that was deleted, with all that stands before
)

const (
	recordVersion = 1
	entryHead     = 4 + 8 + 1 + 8 // length of what follows, received, reason, probability
	traceLength   = 1 + 16        // version, trace id
	memberHead    = 1 + 16 + 8    // version, trace id, version of the group
)

// appendEntry appends a document as it stands in a batch.
func appendEntry(b []byte, d roentgen.Stored) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(entryHead-4+len(d.Segment.Document)))
	b = binary.LittleEndian.AppendUint64(b, uint64(d.Received))
	b = append(b, byte(d.Keep.Reason))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(d.Keep.Probability))
	return append(b, d.Segment.Document...)
}

// batchRecord is the record of the documents whose entries stand in raw. packed
// is memory for it, which is returned, larger where it had to be.
func batchRecord(raw, packed []byte) ([]byte, applog.Record) {
	packed = s2.Encode(packed[:cap(packed)], raw)
	return packed, applog.Record{Kind: kindBatch, Head: []byte{recordVersion}, Payload: packed}
}

// largestBatch is the longest that a batch is when it is unpacked.
const largestBatch = callBytes + largestDocument + entryHead

// decodeBatch calls fn with the text of each document of a batch, whose memory is
// the batch's, and what stands beside it.
func decodeBatch(b []byte, fn func(text []byte, d roentgen.Stored) error) error {
	if len(b) == 0 {
		return &recordError{errors.New("a batch without a version")}
	}
	n, err := s2.DecodedLen(b[1:])
	if err != nil || n > largestBatch {
		return &recordError{fmt.Errorf("a batch that unpacks to %d bytes, at most %d: %w", n, largestBatch, cmp.Or(err, errors.ErrUnsupported))}
	}
	raw, err := s2.Decode(nil, b[1:])
	if err != nil {
		return &recordError{fmt.Errorf("unpack a batch: %w", err)}
	}
	for len(raw) > 0 {
		var entry []byte
		if entry, raw, err = nextEntry(raw); err != nil {
			return err
		}
		d := roentgen.Stored{Received: roentgen.Time(binary.LittleEndian.Uint64(entry))}
		d.Keep.Reason = roentgen.KeepReason(entry[8])
		d.Keep.Probability = math.Float64frombits(binary.LittleEndian.Uint64(entry[9:]))
		if err := fn(entry[entryHead-4:], d); err != nil {
			return err
		}
	}
	return nil
}

// nextEntry cuts the first entry off, without its length.
func nextEntry(raw []byte) (entry, rest []byte, err error) {
	if len(raw) >= 4 {
		n := uint64(binary.LittleEndian.Uint32(raw))
		if n >= entryHead-4 && n <= uint64(len(raw)-4) {
			return raw[4 : 4+n], raw[4+n:], nil
		}
	}
	return nil, nil, &recordError{errors.New("a document of a batch is broken off")}
}

// traceRecord is a record that only names a trace.
func traceRecord(kind byte, id roentgen.TraceID) applog.Record {
	return applog.Record{Kind: kind, Payload: append([]byte{recordVersion}, id[:]...)}
}

func decodeTrace(b []byte) (id roentgen.TraceID, err error) {
	if len(b) != traceLength {
		return id, fmt.Errorf("a record of %d bytes that names a trace, want %d", len(b), traceLength)
	}
	copy(id[:], b[1:])
	return id, nil
}

func memberRecord(id roentgen.TraceID, m graph.Member) applog.Record {
	b := make([]byte, 0, memberHead+len(m.Group))
	b = append(append(b, recordVersion), id[:]...)
	b = binary.LittleEndian.AppendUint64(b, m.Version)
	return applog.Record{Kind: kindMember, Payload: append(b, m.Group...)}
}

func decodeMember(b []byte) (id roentgen.TraceID, m graph.Member, err error) {
	if len(b) <= memberHead {
		return id, m, fmt.Errorf("a member record of %d bytes, want more than %d", len(b), memberHead)
	}
	copy(id[:], b[1:])
	return id, graph.Member{Group: string(b[memberHead:]), Version: binary.LittleEndian.Uint64(b[17:])}, nil
}

// checkRecord tells what a newer program has written.
func checkRecord(kind byte, payload []byte) error {
	switch {
	case kind == 0 || kind > kindDeleted:
		return fmt.Errorf("a record of kind %d was written by a newer version; this program reads kinds up to %d; upgrade or use another directory", kind, kindDeleted)
	case len(payload) > 0 && payload[0] > recordVersion:
		return fmt.Errorf("a record of version %d was written by a newer version; this program reads up to %d; upgrade or use another directory", payload[0], recordVersion)
	}
	return nil
}
