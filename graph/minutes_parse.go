package graph

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/roentgen/roentgen"
)

// Minutely is roll-ups as they came: what one agent counted in some minutes, or
// what was merged of many. It stays in its bytes and is not changed.
type Minutely struct {
	bytes    []byte
	services []roentgen.ServiceID
	spans    []rolled
}

// rolled is the entries of one span of time.
type rolled struct {
	begin roentgen.Time
	body  []byte // nodes and calls
}

// ParseMinutes returns the roll-ups in b, which it keeps. What is wrong with b
// it says in an error: afterwards nothing is.
func ParseMinutes(b []byte) (*Minutely, error) {
	if len(b) < len(rollupMagic)+4 || string(b[:len(rollupMagic)-1]) != rollupMagic[:len(rollupMagic)-1] {
		return nil, fmt.Errorf("read roll-ups: %d bytes do not begin as roll-ups do", len(b))
	}
	if v := b[len(rollupMagic)-1]; v != rollupMagic[len(rollupMagic)-1] {
		return nil, fmt.Errorf("read roll-ups: they have version %d, and this program knows 1: use the program that wrote them, or a newer one", v)
	}
	end := len(b) - 4
	if got, want := crc32.Checksum(b[:end], castagnoli), binary.LittleEndian.Uint32(b[end:]); got != want {
		return nil, fmt.Errorf("read roll-ups: their checksum is %08x and not %08x: they are damaged", got, want)
	}
	c := newCursor(b[:end])
	c.what, c.at = "roll-ups", len(rollupMagic)
	r := &Minutely{bytes: b}
	r.parse(c)
	if c.left() > 0 {
		c.fail("%d bytes too many", c.left())
	}
	if c.err != nil {
		return nil, c.err
	}
	return r, nil
}

func (r *Minutely) parse(c *cursor) {
	r.parseServices(c)
	for n := c.count(3); n > 0 && c.err == nil; n-- {
		s := rolled{begin: roentgen.Time(c.varint())}
		s.body = c.bytes(c.uvarint())
		in := newCursor(s.body)
		r.each(in, func(pair, *rateReader) {})
		if in.err != nil || in.left() > 0 {
			c.fail("a span of %d bytes, %d too many: %v", len(s.body), in.left(), in.err)
		}
		r.spans = append(r.spans, s)
	}
}

// parseServices makes one text of all the names: there are many roll-ups, each
// with its own.
func (r *Minutely) parseServices(c *cursor) {
	r.services = make([]roentgen.ServiceID, c.count(3))
	start, from := *c, c.at
	for range r.services {
		for range 3 {
			c.bytes(c.uvarint())
		}
	}
	text := string(c.since(from))
	next := func() string {
		n := int(start.uvarint())
		s := text[start.at-from:][:n]
		start.at += n
		return s
	}
	for i := range r.services {
		if c.err == nil {
			r.services[i] = roentgen.ServiceID{Name: next(), Type: next(), AccountID: next()}
		}
	}
}

// Size returns about how many bytes of memory the roll-ups take.
func (r *Minutely) Size() int {
	n := 3 * stringBytes * len(r.services)
	for _, s := range r.services {
		n += len(s.Name) + len(s.Type) + len(s.AccountID)
	}
	for _, s := range r.spans {
		n += 2*sliceBytes + len(s.body)
	}
	return n
}

// Bytes returns what was parsed.
func (r *Minutely) Bytes() []byte { return r.bytes }

// Begins returns when the minutes begin, one for each.
func (r *Minutely) Begins() []roentgen.Time {
	out := make([]roentgen.Time, len(r.spans))
	for i := range r.spans {
		out[i] = r.spans[i].begin
	}
	return out
}

// leastRate is how many bytes an entry has at least: its number and figures.
const leastRate = 1 + 6 + 3

// each reads nodes and then calls. fn is called before the durations are read,
// and may read them; what it leaves is stepped over.
func (r *Minutely) each(c *cursor, fn func(pair, *rateReader)) {
	for _, calls := range [...]bool{false, true} {
		for n := c.count(leastRate); n > 0 && c.err == nil; n-- {
			k := pair{c.below(len(r.services)), nobody}
			if calls {
				k.to = c.below(len(r.services))
			}
			e := rateReader{cursor: c}
			e.stats = Stats{OK: e.amount(), Error: e.amount(), Throttle: e.amount(), Fault: e.amount()}
			e.total = longSum{e.amount(), e.amount()}
			if e.total.nanoseconds >= int64(time.Second) {
				c.fail("%d nanoseconds beside the seconds", e.total.nanoseconds)
			}
			if c.err != nil {
				return
			}
			fn(k, &e)
			for ; e.read < spreads; e.read++ {
				e.spread(func(int, int64) {})
			}
		}
	}
}

// spreads is how many an entry has.
const spreads = 3

// rateReader is one entry.
type rateReader struct {
	*cursor
	stats Stats
	total longSum
	read  int // of its spreads
}

// maxAmount bounds a number of requests or seconds, so that many can be added
// up.
const maxAmount = math.MaxInt64 / 1_000_000

func (e *rateReader) amount() int64 {
	n := e.uvarint()
	if n > maxAmount {
		e.fail("an amount of %d", n)
		return 0
	}
	return int64(n)
}

// spread calls fn for the buckets of the next spread.
func (e *rateReader) spread(fn func(bucket int, n int64)) {
	bucket := uint64(0)
	for i, left := 0, e.count(2); i < left && e.err == nil; i++ {
		step := e.uvarint()
		n := e.amount()
		if bucket += step; step > rollups || bucket >= rollups || i > 0 && step == 0 || n == 0 {
			e.fail("bucket %d with %d durations", bucket, n)
			return
		}
		fn(int(bucket), n)
	}
}

// next calls fn for the buckets of the next spread, and remembers that they
// were read.
func (e *rateReader) next(fn func(bucket int, n int64)) {
	e.spread(fn)
	e.read++
}
