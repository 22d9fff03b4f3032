package block

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
)

// Kinds of the records in the log of a shard, drawn in
// docs/format/block-log.md.
const (
	kindDocument byte = 1 // an accepted document
	kindLimit    byte = 2 // a trace of which a document was refused for its size
	kindMember   byte = 3 // a trace that a group has admitted
	kindDeleted  byte = 4 // a trace that was deleted, with all that stands before
)

const (
	recordVersion = 1
	recordHead    = 1 + 8 + 1 + 8 // version, received, reason, probability
	traceLength   = 1 + 16        // version, trace id
	memberHead    = 1 + 16 + 8    // version, trace id, version of the group
)

// largestGroupID is the longest id of a group, in bytes.
const largestGroupID = 1024

// documentRecord is the record of d. Its head stands in scratch, which is
// returned longer.
func documentRecord(scratch []byte, d roentgen.Stored) ([]byte, applog.Record) {
	from := len(scratch)
	scratch = append(scratch, recordVersion)
	scratch = binary.LittleEndian.AppendUint64(scratch, uint64(d.Received))
	scratch = append(scratch, byte(d.Keep.Reason))
	scratch = binary.LittleEndian.AppendUint64(scratch, math.Float64bits(d.Keep.Probability))
	return scratch, applog.Record{Kind: kindDocument, Head: scratch[from:], Payload: d.Segment.Document}
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
	case kind > kindDeleted:
		return fmt.Errorf("a record of kind %d was written by a newer version; this program reads kinds up to %d; upgrade or use another directory", kind, kindDeleted)
	case len(payload) > 0 && payload[0] > recordVersion:
		return fmt.Errorf("a record of version %d was written by a newer version; this program reads up to %d; upgrade or use another directory", payload[0], recordVersion)
	}
	return nil
}
