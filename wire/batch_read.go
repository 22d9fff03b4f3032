package wire

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

// ReadBatch reads what AppendBatch wrote. max bounds the plain text, in bytes:
// what would be larger is refused before memory is taken for it. Every error is
// of kind Invalid.
func ReadBatch(body []byte, max int) (*Batch, error) { return new(BatchReader).Read(body, max) }

// BatchReader reads batches one after the other in the same memory. The zero
// BatchReader works; one goroutine at a time may use it.
type BatchReader struct{ plain []byte }

// Bytes returns how much memory r holds on to.
func (r *BatchReader) Bytes() int { return cap(r.plain) }

// Read reads body as ReadBatch does. The documents, roll-ups and the statement
// of the batch are valid until the next Read.
func (r *BatchReader) Read(body []byte, max int) (*Batch, error) {
	n, err := s2.DecodedLen(body)
	switch {
	case err != nil:
		return nil, roentgen.Invalidf("read a batch of %d bytes: it is not one s2 block: %w", len(body), err)
	case n > max:
		return nil, roentgen.Invalidf("read a batch: its plain text has %d bytes, at most %d: send fewer documents at once", n, max)
	}
	if cap(r.plain) < n {
		r.plain = make([]byte, n)
	}
	plain, err := s2.Decode(r.plain[:n], body)
	if err != nil {
		return nil, roentgen.Invalidf("read a batch of %d bytes: it is damaged: %w", len(body), err)
	}
	return readPlain(plain)
}

// readPlain reads the records.
func readPlain(plain []byte) (*Batch, error) {
	// What is newer than this server is not wrong: the agent keeps it until the server has been upgraded.
	if n := len(batchMagic) - 1; len(plain) > n && string(plain[:n]) == batchMagic[:n] && plain[n] > batchMagic[n] {
		return nil, roentgen.Unavailablef("read a batch: it begins with %s, and this server reads %s: upgrade it before its agents", plain[:n+1], batchMagic)
	}
	if len(plain) < len(batchMagic) || string(plain[:len(batchMagic)]) != batchMagic {
		return nil, roentgen.Invalidf("read a batch: it does not begin with %s: another version, or no batch", batchMagic)
	}
	s := batchScan{plain: plain, at: len(batchMagic), out: new(Batch)}
	for !s.ended {
		if err := s.record(); err != nil {
			return nil, err
		}
	}
	if s.at != len(plain) {
		return nil, roentgen.Invalidf("read a batch: %d bytes follow its end", len(plain)-s.at)
	}
	if n := s.out.Header.Documents; n != len(s.out.Documents) {
		return nil, roentgen.Invalidf("read a batch: its header speaks of %d documents, and %d are in it", n, len(s.out.Documents))
	}
	return s.out, nil
}

// batchScan stands before a record.
type batchScan struct {
	plain  []byte
	at     int
	headed bool // the header was read
	ended  bool // the end was read
	out    *Batch
}

// record reads the next one.
func (s *batchScan) record() error {
	rest := s.plain[s.at:]
	if len(rest) < recordHead {
		return roentgen.Invalidf("read a batch: it stops at offset %d without its end", s.at)
	}
	kind, n := rest[0], binary.LittleEndian.Uint32(rest[1:])
	if uint64(n) > uint64(len(rest)-recordHead) {
		return roentgen.Invalidf("read a batch: record of type %d at offset %d speaks of %d bytes, %d are left", kind, s.at, n, len(rest)-recordHead)
	}
	if (kind == recordHeader) == s.headed {
		return roentgen.Invalidf("read a batch: record of type %d at offset %d: the header comes first, and once", kind, s.at)
	}
	payload := rest[recordHead : recordHead+int(n) : recordHead+int(n)]
	if err := s.take(kind, payload); err != nil {
		return err
	}
	s.at += recordHead + int(n)
	return nil
}

func (s *batchScan) take(kind byte, payload []byte) error {
	switch kind {
	case recordHeader:
		s.headed = true
		return s.header(payload)
	case recordDocument:
		return s.document(payload)
	case recordNotices:
		return s.notices(payload)
	case recordRollup:
		s.out.Rollups = append(s.out.Rollups, payload)
		return nil
	case recordStatement:
		if s.out.Statement != nil {
			return roentgen.Invalidf("read a batch: a second statement at offset %d", s.at)
		}
		if len(payload) > MaxStatementBytes {
			return roentgen.Invalidf("read a batch: its statement has %d bytes, at most %d", len(payload), MaxStatementBytes)
		}
		s.out.Statement = payload
		return nil
	case recordEnd:
		s.ended = true
		return s.end(payload)
	}
	return roentgen.Unavailablef("read a batch: record of type %d at offset %d is unknown to this server: upgrade it before its agents", kind, s.at)
}

func (s *batchScan) header(payload []byte) error {
	h := &s.out.Header
	if err := json.Unmarshal(payload, h); err != nil {
		return roentgen.Invalidf("read the header of a batch: %w", err)
	}
	switch {
	case !isAgentID(h.Agent):
		return roentgen.Invalidf("read the header of a batch: agent %q is not 32 lower-case hex digits", clip(h.Agent))
	case h.Seq == 0:
		return roentgen.Invalidf("read the header of a batch of agent %s: seq is 0; count from 1", h.Agent)
	case len(h.Host) > maxName || len(h.Version) > maxName:
		return roentgen.Invalidf("read the header of a batch of agent %s: host and version have at most %d bytes", h.Agent, maxName)
	case len(h.Reasons) > maxReasons:
		return roentgen.Invalidf("read the header of a batch of agent %s: %d reasons, at most %d", h.Agent, len(h.Reasons), maxReasons)
	case h.Documents < 0:
		return roentgen.Invalidf("read the header of a batch of agent %s: %d documents", h.Agent, h.Documents)
	}
	for _, r := range h.Reasons {
		if len(r) > maxName {
			return roentgen.Invalidf("read the header of a batch of agent %s: reason %q… has %d bytes, at most %d", h.Agent, r[:32], len(r), maxName)
		}
	}
	return nil
}

// isAgentID tells whether s is 16 bytes in lower-case hex.
func isAgentID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func (s *batchScan) document(payload []byte) error {
	if len(payload) < documentHead {
		return roentgen.Invalidf("read a batch: the document at offset %d has %d bytes, at least %d", s.at, len(payload), documentHead)
	}
	reason := roentgen.KeepReason(payload[0])
	p := math.Float64frombits(binary.LittleEndian.Uint64(payload[1:]))
	if reason > roentgen.KeepTrigger {
		return roentgen.Unavailablef("read a batch: the document at offset %d was kept for reason %d, which is unknown to this server: upgrade it before its agents", s.at, reason)
	}
	if !(p >= 0 && p <= 1) {
		return roentgen.Invalidf("read a batch: the document at offset %d was kept with probability %v, which is not within 0 and 1", s.at, p)
	}
	s.out.Documents = append(s.out.Documents, BatchDocument{roentgen.Keep{Reason: reason, Probability: p}, payload[documentHead:]})
	return nil
}

func (s *batchScan) notices(payload []byte) error {
	if len(payload)%noticeSize != 0 {
		return roentgen.Invalidf("read a batch: the notices at offset %d have %d bytes, not a multiple of %d", s.at, len(payload), noticeSize)
	}
	if n := len(s.out.Notices) + len(payload)/noticeSize; n > MaxBatchNotices {
		return roentgen.Invalidf("read a batch: %d notices, at most %d", n, MaxBatchNotices)
	}
	reasons := s.out.Header.Reasons
	for ; len(payload) > 0; payload = payload[noticeSize:] {
		id, reason := roentgen.TraceID(payload[:16]), int(payload[16])
		if reason >= len(reasons) {
			return roentgen.Invalidf("read a batch: a notice of trace %s has reason %d of %d", id, reason, len(reasons))
		}
		if id.IsZero() {
			return roentgen.Invalidf("read a batch: a notice names no trace")
		}
		s.out.Notices = append(s.out.Notices, Notice{id, reasons[reason]})
	}
	return nil
}

func (s *batchScan) end(payload []byte) error {
	if len(payload) != 4 {
		return roentgen.Invalidf("read a batch: its end at offset %d has %d bytes, not 4", s.at, len(payload))
	}
	if got, want := crc32.Checksum(s.plain[:s.at], castagnoli()), binary.LittleEndian.Uint32(payload); got != want {
		return roentgen.Invalidf("read a batch: its checksum is %08x and not %08x: it was damaged on the way", got, want)
	}
	return nil
}
