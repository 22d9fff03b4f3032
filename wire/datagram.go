package wire

import (
	"bytes"
	"fmt"
	"strings"
)

// MaxDatagramBytes is the receive buffer of the X-Ray daemon. UDP over IPv4
// carries 65,507 bytes at most.
const MaxDatagramBytes = 64 << 10

// Header is the line that stands before the document in a datagram, of the
// only format and version there are.
type Header struct {
	// Undecided marks a document of a request that was not sampled and may
	// yet be kept.
	Undecided bool
	// Kept tells, beside Undecided, that somebody on the way of the response
	// saw the request fail: the trace is to be kept.
	Kept bool

	// Both are ours: an agent that did not say it can hold undecided documents
	// must not be sent them, for the X-Ray daemon would forward the document.
}

// The headers that most datagrams have, byte by byte.
const (
	plainHeader     = `{"format":"json","version":1}`
	undecidedHeader = `{"format":"json","version":1,"undecided":true}`
)

// AppendHeader appends the header line with its newline; the document follows.
func AppendHeader(dst []byte, h Header) []byte {
	dst = append(dst, plainHeader[:len(plainHeader)-1]...)
	if h.Undecided {
		dst = append(dst, `,"undecided":true`...)
	}
	if h.Kept {
		dst = append(dst, `,"kept":true`...)
	}
	return append(dst, '}', '\n')
}

// ParseDatagram splits a datagram at its first newline and reads the header
// before it. The document is a part of b and is not looked at. The error is a
// *DatagramError.
func ParseDatagram(b []byte) (doc []byte, h Header, err error) {
	if len(b) > MaxDatagramBytes {
		return nil, h, refuse(TooLarge, "it has %d bytes, %d are allowed; send subsegments apart", len(b), MaxDatagramBytes)
	}
	line, doc, found := bytes.Cut(b, []byte{'\n'})
	if !found {
		return nil, h, refuse(NoNewline, "no newline separates header and document; begin with %s and a newline", plainHeader)
	}
	switch string(line) {
	case plainHeader:
	case undecidedHeader:
		h.Undecided = true
	default:
		if h, err = parseHeader(line); err != nil {
			return nil, h, err
		}
	}
	if len(bytes.TrimLeft(doc, " \t\r\n")) == 0 {
		return nil, h, refuse(EmptyBody, "nothing follows the header; send one document behind the newline")
	}
	return doc, h, nil
}

// headerDepth is how deep the members of a header that nobody knows may be.
const headerDepth = 16

// parseHeader reads the line. Order, spacing and further members are free.
func parseHeader(line []byte) (h Header, err error) {
	var s scanner
	s.scan(padded(line), headerDepth)
	if s.buf[s.r] != '{' {
		return h, refuse(BadHeader, "the first line is not a JSON object; send %s", plainHeader)
	}
	format, version := "absent", "absent"
	o := s.openObject()
	for s.member(&o) {
		from := s.w
		key := string(o.key)
		s.skip()
		switch value := s.buf[from:s.w]; key {
		case "format":
			format = string(value)
		case "version":
			version = string(value)
		case "undecided":
			h.Undecided = string(value) == "true"
		case "kept":
			h.Kept = string(value) == "true"
		}
	}
	if !s.done() {
		return Header{}, refuse(BadHeader, "the first line is not JSON at %v; send %s", s.err, plainHeader)
	}
	return h, checkHeader(format, version)
}

func checkHeader(format, version string) error {
	if !strings.EqualFold(format, `"json"`) {
		return refuse(WrongFormat, `format is %s; send "json"`, clip(format))
	}
	if v, ok := wholeNumber(version); !ok || v != 1 {
		return refuse(WrongVersion, "version is %s; send 1", clip(version))
	}
	return nil
}

// wholeNumber is integral for a value that may be no number at all.
func wholeNumber(s string) (int64, bool) {
	if !isNumber(s) {
		return 0, false
	}
	return integral([]byte(s))
}

// DatagramReason says why a datagram was refused.
type DatagramReason uint8

// The reasons, which are also the labels of counters.
const (
	NoNewline DatagramReason = iota + 1
	BadHeader
	WrongFormat
	WrongVersion
	EmptyBody
	TooLarge
)

// String returns the reason as it stands in metrics.
func (r DatagramReason) String() string {
	names := [...]string{"unknown", "no_newline", "bad_header", "wrong_format", "wrong_version", "empty_body", "too_large"}
	if int(r) < len(names) {
		return names[r]
	}
	return names[0]
}

// DatagramError is a datagram that was refused.
type DatagramError struct {
	Reason DatagramReason
	detail string
}

// Error says what is wrong and what to send.
func (e *DatagramError) Error() string { return "datagram refused: " + e.detail }

func refuse(r DatagramReason, format string, args ...any) error {
	return &DatagramError{r, fmt.Sprintf(format, args...)}
}
