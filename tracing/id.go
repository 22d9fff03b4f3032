package tracing

import (
	crand "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// dice gives ids and sampling draws. The lock guards src, which is not safe
// for concurrent use; it is held for some ten nanoseconds.
type dice struct {
	mu  sync.Mutex
	src rand.Source
}

func newDice(src rand.Source) *dice {
	if src == nil {
		var seed [32]byte
		crand.Read(seed[:]) // never returns an error (crypto/rand, Go 1.24)
		src = rand.NewChaCha8(seed)
	}
	return &dice{src: src}
}

func (d *dice) uint64() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.src.Uint64()
}

// chance is true with probability p: 53 random bits against p.
func (d *dice) chance(p float64) bool {
	return float64(d.uint64()>>11)/(1<<53) < p
}

func (d *dice) spanID() (id trace.SpanID) {
	binary.BigEndian.PutUint64(id[:], d.uint64())
	if !id.IsValid() {
		id[7] = 1
	}
	return id
}

// traceID returns Unix seconds in 4 bytes and 96 random bits, the layout of an
// X-Ray trace id.
func (d *dice) traceID(now time.Time) (id trace.TraceID) {
	d.mu.Lock()
	a, b := d.src.Uint64(), d.src.Uint64()
	d.mu.Unlock()
	binary.BigEndian.PutUint32(id[0:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(id[4:], uint32(a))
	if b == 0 {
		b = 1 // all zero stands for "no trace"
	}
	binary.BigEndian.PutUint64(id[8:], b)
	return id
}

const traceIDLen = len("1-00000000-000000000000000000000000")

// appendTraceID appends the X-Ray form, 1-8HEX-24HEX.
func appendTraceID(b []byte, id trace.TraceID) []byte {
	b = append(b, '1', '-')
	b = hex.AppendEncode(b, id[:4])
	b = append(b, '-')
	return hex.AppendEncode(b, id[4:])
}

func appendSpanID(b []byte, id trace.SpanID) []byte {
	return hex.AppendEncode(b, id[:])
}

// parseTraceID reads the X-Ray form or 32 plain hex digits (accepted by AWS
// since 2023), in either case. An id of zeros means "no trace" and is refused.
func parseTraceID(s string) (id trace.TraceID, ok bool) {
	switch {
	case len(s) == traceIDLen && s[0] == '1' && s[1] == '-' && s[10] == '-':
		ok = decodeHex(id[:4], s[2:10]) && decodeHex(id[4:], s[11:])
	case len(s) == 32:
		ok = decodeHex(id[:], s)
	}
	if !ok || id == (trace.TraceID{}) {
		return trace.TraceID{}, false
	}
	return id, true
}

func parseSpanID(s string) (id trace.SpanID, ok bool) {
	ok = len(s) == 16 && decodeHex(id[:], s) && id.IsValid()
	if !ok {
		return trace.SpanID{}, false
	}
	return id, true
}

// decodeHex fills dst from twice as many hex digits, without allocating.
func decodeHex(dst []byte, s string) bool {
	for i := range dst {
		hi, lo := hexDigit(s[2*i]), hexDigit(s[2*i+1])
		if hi > 15 || lo > 15 {
			return false
		}
		dst[i] = hi<<4 | lo
	}
	return true
}

// hexDigit returns 0 to 15, or 255 for anything else.
func hexDigit(c byte) byte {
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
