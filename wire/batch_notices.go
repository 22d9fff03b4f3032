package wire

import (
	"encoding/binary"

	"github.com/roentgen/roentgen"
)

// NoticePage is what a server answers to an agent that asks for notices.
type NoticePage struct {
	Next   uint64 // ask after this one next
	Oldest uint64 // the number of the oldest notice still held; Next+1 where none is
	// Notices are the ones between, but for the asking agent's own.
	Notices []Notice
}

// NoticesContentType is the media type of a NoticePage.
const NoticesContentType = "application/x-roentgen-notices"

// pageMagic begins a page; its last byte is the version.
const pageMagic = "RGN1"

const (
	pageHead     = 4 + 8 + 8 + 4 // magic, next, oldest, count
	minPageEntry = 16 + 1        // trace id, length of a reason
)

// AppendNoticePage writes p behind dst.
func AppendNoticePage(dst []byte, p *NoticePage) []byte {
	dst = append(dst, pageMagic...)
	dst = binary.LittleEndian.AppendUint64(dst, p.Next)
	dst = binary.LittleEndian.AppendUint64(dst, p.Oldest)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(p.Notices)))
	for i := range p.Notices {
		reason := clipped(p.Notices[i].Reason)
		dst = append(append(dst, p.Notices[i].Trace[:]...), byte(len(reason)))
		dst = append(dst, reason...)
	}
	return dst
}

// ReadNoticePage reads what AppendNoticePage wrote. Every error is of kind
// Invalid.
func ReadNoticePage(b []byte) (*NoticePage, error) {
	if len(b) < pageHead || string(b[:4]) != pageMagic {
		return nil, roentgen.Invalidf("read notices: %d bytes that do not begin with %s: another version, or no server of Roentgen", len(b), pageMagic)
	}
	p := &NoticePage{Next: binary.LittleEndian.Uint64(b[4:]), Oldest: binary.LittleEndian.Uint64(b[12:])}
	n, rest := binary.LittleEndian.Uint32(b[20:]), b[pageHead:]
	if uint64(n)*minPageEntry > uint64(len(rest)) {
		return nil, roentgen.Invalidf("read notices: %d of them do not stand in %d bytes", n, len(rest))
	}
	p.Notices = make([]Notice, 0, n)
	reason := "" // hardly ever another than that of the notice before
	for range n {
		if len(rest) < minPageEntry || len(rest) < minPageEntry+int(rest[16]) {
			return nil, roentgen.Invalidf("read notices: the text stops within number %d of %d", len(p.Notices), n)
		}
		end := minPageEntry + int(rest[16])
		if reason != string(rest[minPageEntry:end]) {
			reason = string(rest[minPageEntry:end])
		}
		p.Notices = append(p.Notices, Notice{roentgen.TraceID(rest[:16]), reason})
		rest = rest[end:]
	}
	if len(rest) > 0 {
		return nil, roentgen.Invalidf("read notices: %d bytes follow the last", len(rest))
	}
	return p, nil
}
