package wire

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"slices"

	"github.com/klauspost/compress/s2"
)

// batchMagic begins the plain text of a batch; its last byte is the version.
const batchMagic = "RGB1"

// Types of records in a batch.
const (
	recordHeader    = 1
	recordDocument  = 2
	recordNotices   = 3
	recordRollup    = 4
	recordStatement = 5
	recordEnd       = 6
)

const (
	recordHead   = 1 + 4          // type, length
	documentHead = 1 + 8          // reason, probability
	noticeSize   = 16 + 1         // trace id, reason
	endSize      = recordHead + 4 // with its checksum
	maxReasons   = 256            // an index is a byte
	maxName      = MaxReasonBytes // holds for hosts and versions too
)

// otherReasons stands for the reasons that a batch has no index left for.
const otherReasons = "other"

// AppendBatch writes b, compressed, behind dst. Header.Documents and
// Header.Reasons are written as they follow from b; b itself is not changed.
func AppendBatch(dst []byte, b *Batch) []byte { return new(BatchWriter).Append(dst, b) }

// BatchWriter writes batches one after the other in the same memory. The zero
// BatchWriter works; one goroutine at a time may use it.
type BatchWriter struct{ plain []byte }

// Append writes b behind dst, as AppendBatch does.
func (w *BatchWriter) Append(dst []byte, b *Batch) []byte {
	header, reasons := headerOf(b)
	out := slices.Grow(w.plain[:0], plainSize(b, len(header)))
	out = append(out, batchMagic...)
	out = appendRecord(out, recordHeader, header)
	for i := range b.Documents {
		out = appendDocument(out, &b.Documents[i])
	}
	if len(b.Notices) > 0 {
		out = appendNotices(out, b.Notices, reasons)
	}
	for _, r := range b.Rollups {
		out = appendRecord(out, recordRollup, r)
	}
	if b.Statement != nil {
		out = appendRecord(out, recordStatement, b.Statement)
	}
	check := crc32.Checksum(out, castagnoli())
	out = binary.LittleEndian.AppendUint32(appendHead(out, recordEnd, 4), check)
	w.plain = out
	return appendCompressed(dst, out)
}

// castagnoli returns the table of CRC-32C, of which there is one in a process.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func appendCompressed(dst, plain []byte) []byte {
	dst = slices.Grow(dst, s2.MaxEncodedLen(len(plain)))
	block := s2.Encode(dst[len(dst):cap(dst)], plain) // has room there
	return dst[:len(dst)+len(block)]
}

// headerOf writes the header, and gives each reason its index.
func headerOf(b *Batch) ([]byte, map[string]byte) {
	h := b.Header
	h.Host, h.Version = clipped(h.Host), clipped(h.Version)
	h.Documents, h.Reasons = len(b.Documents), nil
	reasons := map[string]byte{}
	for _, n := range b.Notices {
		if _, known := reasons[n.Reason]; known {
			continue
		}
		switch {
		case len(h.Reasons) < maxReasons-1:
			h.Reasons = append(h.Reasons, clipped(n.Reason))
		case len(h.Reasons) < maxReasons:
			h.Reasons = append(h.Reasons, otherReasons)
		}
		reasons[n.Reason] = byte(len(h.Reasons) - 1)
	}
	if math.IsNaN(h.Sent) || math.IsInf(h.Sent, 0) {
		h.Sent = 0
	}
	text, _ := json.Marshal(h) // numbers and strings always encode
	return text, reasons
}

func clipped(s string) string {
	if len(s) > maxName {
		return s[:maxName]
	}
	return s
}

func plainSize(b *Batch, header int) int {
	n := len(batchMagic) + recordHead + header + recordHead + noticeSize*len(b.Notices) + recordHead + len(b.Statement) + endSize
	for i := range b.Documents {
		n += recordHead + documentHead + len(b.Documents[i].Document)
	}
	for _, r := range b.Rollups {
		n += recordHead + len(r)
	}
	return n
}

func appendHead(out []byte, kind byte, length int) []byte {
	return binary.LittleEndian.AppendUint32(append(out, kind), uint32(length))
}

func appendRecord(out []byte, kind byte, payload []byte) []byte {
	return append(appendHead(out, kind, len(payload)), payload...)
}

func appendDocument(out []byte, d *BatchDocument) []byte {
	out = appendHead(out, recordDocument, documentHead+len(d.Document))
	out = append(out, byte(d.Keep.Reason))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(d.Keep.Probability))
	return append(out, d.Document...)
}

func appendNotices(out []byte, notices []Notice, reasons map[string]byte) []byte {
	out = appendHead(out, recordNotices, noticeSize*len(notices))
	for i := range notices {
		out = append(append(out, notices[i].Trace[:]...), reasons[notices[i].Reason])
	}
	return out
}
