package memory

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// Kinds of the records in the log of a Store, drawn in
// docs/format/memory-log.md.
const (
	kindDocument byte = 1 // an accepted document
	kindLimit    byte = 2 // a trace of which a document was refused for its size
	kindMember   byte = 3 // a trace that a group has admitted
	kindDeleted  byte = 4 // a trace that was deleted, with all that stands before
)

const (
	recordVersion = 1
	recordHead    = 1 + 8 + 1 + 8 // version, received, reason, probability
	limitLength   = 1 + 16        // version, trace id
	deleteLength  = 1 + 16        // version, trace id
	memberHead    = 1 + 16 + 8    // version, trace id, version of the group
)

// records returns what goes into the log for f.
func (f *flight) records() []applog.Record {
	out := make([]applog.Record, 0, len(f.write)+len(f.limits))
	for _, i := range f.write {
		out = append(out, applog.Record{Kind: kindDocument, Payload: encodeDocument(f.docs[i].stored)})
	}
	for _, id := range f.limits {
		out = append(out, applog.Record{Kind: kindLimit, Payload: encodeID(id)})
	}
	return out
}

func encodeDocument(d roentgen.Stored) []byte {
	b := make([]byte, 0, recordHead+len(d.Segment.Document))
	b = append(b, recordVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(d.Received))
	b = append(b, byte(d.Keep.Reason))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(d.Keep.Probability))
	return append(b, d.Segment.Document...)
}

// decodeDocument returns the document's text, which is the payload's memory,
// and what stands beside it.
func decodeDocument(b []byte) (doc []byte, d roentgen.Stored, err error) {
	if len(b) < recordHead {
		return nil, d, fmt.Errorf("a document record of %d bytes is shorter than its head of %d", len(b), recordHead)
	}
	d.Received = roentgen.Time(binary.LittleEndian.Uint64(b[1:]))
	d.Keep.Reason = roentgen.KeepReason(b[9])
	d.Keep.Probability = math.Float64frombits(binary.LittleEndian.Uint64(b[10:]))
	return b[recordHead:], d, nil
}

// encodeID is the payload of what says no more than that it is of a trace.
func encodeID(id roentgen.TraceID) []byte { return append([]byte{recordVersion}, id[:]...) }

func decodeLimit(b []byte) (id roentgen.TraceID, err error) {
	if len(b) != limitLength {
		return id, fmt.Errorf("a limit record of %d bytes, want %d", len(b), limitLength)
	}
	copy(id[:], b[1:])
	return id, nil
}

func decodeDelete(b []byte) (id roentgen.TraceID, err error) {
	if len(b) != deleteLength {
		return id, fmt.Errorf("a deletion record of %d bytes, want %d", len(b), deleteLength)
	}
	copy(id[:], b[1:])
	return id, nil
}

func encodeMember(id roentgen.TraceID, version uint64, group string) []byte {
	b := make([]byte, 0, memberHead+len(group))
	b = append(append(b, recordVersion), id[:]...)
	b = binary.LittleEndian.AppendUint64(b, version)
	return append(b, group...)
}

func decodeMember(b []byte) (id roentgen.TraceID, version uint64, group string, err error) {
	if len(b) <= memberHead {
		return id, 0, "", fmt.Errorf("a member record of %d bytes, want more than %d", len(b), memberHead)
	}
	copy(id[:], b[1:])
	return id, binary.LittleEndian.Uint64(b[17:]), string(b[memberHead:]), nil
}

// checkRecord tells what a newer program has written.
func checkRecord(kind byte, payload []byte) error {
	switch {
	case kind > kindDeleted:
		return fmt.Errorf("a record of kind %d was written by a newer version; this program reads kinds up to %d; upgrade or use another directory", kind, kindDeleted)
	case len(payload) > 0 && payload[0] > recordVersion:
		return fmt.Errorf("a record of version %d was written by a newer version; this program reads up to %d; upgrade or use another directory", payload[0], recordVersion)
	}
	return nil
}
