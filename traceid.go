package roentgen

import (
	"encoding/hex"
	"fmt"
	"time"
)

// TraceID is the 16 bytes that name a trace. X-Ray writes them as
// "1-5759e988-bd862e3fe1be46a994272793", W3C Trace Context as 32 hex digits;
// both are the same id, converted by position alone.
type TraceID [16]byte

// Lengths of the two written forms, in characters.
const (
	xrayIDLen = 35
	w3cIDLen  = 32
)

// ParseTraceID reads either written form, in upper or lower case. The zero id
// is refused: X-Ray SDKs use it as the no-op id of requests that are not
// recorded.
func ParseTraceID(s string) (TraceID, error) {
	id, ok := DecodeTraceID(s)
	if !ok {
		return TraceID{}, Invalidf("trace id %q is neither 1-<8 hex>-<24 hex> nor 32 hex digits", clip(s, 64))
	}
	if id.IsZero() {
		return TraceID{}, Invalidf("trace id %q is the no-op id; it names no trace", s)
	}
	return id, nil
}

// DecodeTraceID is ParseTraceID without the prose, for hot paths: it reports
// whether s has one of the two forms, and accepts the zero id.
func DecodeTraceID[S string | []byte](s S) (TraceID, bool) {
	var id TraceID
	switch len(s) {
	case xrayIDLen:
		if s[0] != '1' || s[1] != '-' || s[10] != '-' {
			return id, false
		}
		return id, unhex(id[:4], s[2:10]) && unhex(id[4:], s[11:])
	case w3cIDLen:
		return id, unhex(id[:], s)
	}
	return id, false
}

// String returns the X-Ray form, in lower case.
func (t TraceID) String() string {
	var b [xrayIDLen]byte
	b[0], b[1], b[10] = '1', '-', '-'
	hex.Encode(b[2:10], t[:4])
	hex.Encode(b[11:], t[4:])
	return string(b[:])
}

// W3C returns the 32 hex digits of W3C Trace Context, in lower case.
func (t TraceID) W3C() string { return hex.EncodeToString(t[:]) }

// Epoch returns the time that an X-Ray SDK wrote into the first four bytes.
// Ids made by OpenTelemetry SDKs are random there, so nothing may be rejected
// or expired by it.
func (t TraceID) Epoch() time.Time {
	sec := uint32(t[0])<<24 | uint32(t[1])<<16 | uint32(t[2])<<8 | uint32(t[3])
	return time.Unix(int64(sec), 0).UTC()
}

// IsZero reports whether t is the no-op id.
func (t TraceID) IsZero() bool { return t == TraceID{} }

// MarshalText writes the X-Ray form.
func (t TraceID) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads either form.
func (t *TraceID) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTraceID(string(b))
	return err
}

// unhex fills dst from the hex digits of src and reports whether all of them
// were hex digits. src must be twice as long as dst.
func unhex[S string | []byte](dst []byte, src S) bool {
	wrong := byte(0)
	for i := range dst {
		hi, lo := nibbles[src[2*i]], nibbles[src[2*i+1]]
		wrong |= hi | lo
		dst[i] = hi<<4 | lo
	}
	return wrong <= 15
}

// nibbles holds the value of every hex digit, and 255 for all other bytes. Ids
// are a tenth of the bytes of a document: without branches they are read in a
// third of the time.
var nibbles = func() (table [256]byte) {
	for c := range table {
		table[c] = nibble(byte(c))
	}
	return table
}()

// nibble returns the value of a hex digit, or 255.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// clip shortens what a message quotes to n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:n], len(s))
}
