package tail

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/tail/ring"
)

// The log of decisions: a header of 64 bytes and records of 80, drawn in docs/format/ring.md.
const (
	logVersion    = 1
	logHeaderSize = 64
	recordSize    = 80
	// MaxReason is the longest name of a trigger, in bytes.
	MaxReason = recordSize - 40
)

var (
	logMagic   = [8]byte{'R', 'G', 'N', 'T', 'D', 'E', 'C', '\n'}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	le         = binary.LittleEndian
)

// recordKind says what a record tells.
type recordKind uint8

const (
	recordKeep   recordKind = 1 + iota // a trace is kept
	recordClosed                       // its documents have left the ring
	recordSent                         // the server has the first n own notices
	recordUnsent                       // an own notice of an older log that the server does not have yet
)

// record is one line of the log. Which fields count depends on the kind.
type record struct {
	kind   recordKind
	keep   roentgen.Keep
	own    bool // decided here: the server is told
	open   bool // its documents may not all have left the ring
	id     roentgen.TraceID
	n      uint64
	reason string
}

// 0 kind 1 | 1 keep reason 1 | 2 flags 1: own 1, open 2 | 3 length of reason 1 | 4 check 4 | 8 probability 8
// 16 trace id 16 | 32 n 8 | 40 reason 40
func (r record) append(b []byte) []byte {
	at := len(b)
	reason := r.reason[:min(len(r.reason), MaxReason)]
	b = append(b, byte(r.kind), byte(r.keep.Reason), bit(r.own, 1)|bit(r.open, 2), byte(len(reason)), 0, 0, 0, 0)
	b = le.AppendUint64(b, math.Float64bits(r.keep.Probability))
	b = append(b, r.id[:]...)
	b = le.AppendUint64(b, r.n)
	b = append(b, reason...)
	b = append(b, make([]byte, recordSize-(len(b)-at))...)
	le.PutUint32(b[at+4:], recordCheck(b[at:]))
	return b
}

func bit(set bool, b byte) byte {
	if set {
		return b
	}
	return 0
}

// recordCheck covers everything but itself.
func recordCheck(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[:4], castagnoli), castagnoli, b[8:recordSize])
}

// parseRecord reads one record; false: it is damaged.
func parseRecord(b []byte) (record, bool) {
	if len(b) < recordSize || le.Uint32(b[4:]) != recordCheck(b[:recordSize]) || int(b[3]) > MaxReason {
		return record{}, false
	}
	r := record{
		kind: recordKind(b[0]), keep: roentgen.Keep{Reason: roentgen.KeepReason(b[1]), Probability: math.Float64frombits(le.Uint64(b[8:]))},
		own: b[2]&1 != 0, open: b[2]&2 != 0, id: roentgen.TraceID(b[16:32]), n: le.Uint64(b[32:]), reason: string(b[40:][:b[3]]),
	}
	known := r.kind >= recordKeep && r.kind <= recordUnsent
	kept := r.kind != recordKeep || r.keep.Reason > roentgen.KeepUnknown && r.keep.Reason <= roentgen.KeepTrigger
	return r, known && kept
}

// appendLogHeader opens a log.
//
//	0 magic 8 | 8 version 4 | 12 length 4 | 16 number 8 | 24 began 8 | 32 zero 28 | 60 check 4
func appendLogHeader(b []byte, number uint64, began time.Time) []byte {
	at := len(b)
	b = append(b, logMagic[:]...)
	b = le.AppendUint32(b, logVersion)
	b = le.AppendUint32(b, logHeaderSize)
	b = le.AppendUint64(b, number)
	b = le.AppendUint64(b, uint64(began.UnixNano()))
	b = append(b, make([]byte, 28)...)
	return le.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
}

// parseLogHeader returns the errors of package ring.
func parseLogHeader(file string, b []byte) (began time.Time, err error) {
	if len(b) < logHeaderSize || [8]byte(b) != logMagic {
		return time.Time{}, &ring.ForeignError{File: file}
	}
	if v := le.Uint32(b[8:]); v > logVersion {
		return time.Time{}, &ring.VersionError{File: file, Version: v}
	}
	if le.Uint32(b[60:]) != crc32.Checksum(b[:60], castagnoli) || le.Uint32(b[12:]) != logHeaderSize {
		return time.Time{}, &ring.CorruptError{File: file, Reason: "the header's checksum is wrong"}
	}
	return time.Unix(0, int64(le.Uint64(b[24:]))), nil
}

func logName(number uint64) string { return fmt.Sprintf("decisions-%08d.log", number) }
