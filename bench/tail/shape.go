package tail

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// Place is where, or when, a trace fails.
type Place uint8

// The places.
const (
	Nowhere     Place = iota
	AtRoot            // the segment that answers the user, sent last
	AtLeaf            // one that nothing is called from, sent among the first; nobody above it is marked
	AfterRoot         // a job that goes on when the root has answered
	NearHorizon       // a job that ends when the first segments have waited about as long as they can
	places
)

func (p Place) String() string {
	return [...]string{"nowhere", "root", "leaf", "after the root answered", "near the horizon"}[p]
}

// Mix says what traces are like.
type Mix struct {
	Errors  float64       // share of failing traces
	Sampled float64       // share that the head samples
	Hosts   int           // that segments are spread over
	Horizon time.Duration // how long undecided segments are held, roughly; 0: no trace fails near it
	Largest int           // segments of a trace
}

// request is one trace on its way.
type request struct {
	id      roentgen.TraceID
	number  uint32
	sampled bool
	place   Place
	failing int // its document, -1: none
	parts   []part
}

// part is one segment of a request.
type part struct {
	id, parent roentgen.SegmentID
	host       uint8
	start, end int64 // Unix nanoseconds; the segment is sent when it ends
}

// shapes makes requests. It is for one goroutine.
type shapes struct {
	*rand.Rand
	mix  Mix
	next uint32
	// quicker divides how long traces take; 0 is 1.
	quicker float64
}

// size is how many segments a trace has: most have one to four, one in three hundred has hundreds.
func (s *shapes) size() int {
	largest := max(s.mix.Largest, 1)
	switch n := s.IntN(1000); {
	case n < 300:
		return 1
	case n < 950:
		return min(largest, 2+s.IntN(3))
	case n < 996:
		return min(largest, 5+s.IntN(20))
	case n < 999:
		return min(largest, 25+s.IntN(176))
	default:
		return min(largest, 200+s.IntN(801))
	}
}

// make makes the request that begins at start.
func (s *shapes) make(start time.Time) *request {
	s.next++
	n := s.size()
	r := &request{number: s.next, failing: -1, parts: make([]part, n, n+1)}
	seconds := uint32(start.Unix())
	for i := range 4 {
		r.id[i] = byte(seconds >> (24 - 8*i))
	}
	s.fill(r.id[4:])
	r.sampled = share(r.id) < s.mix.Sampled
	took := math.Min(float64(5*time.Second), float64(250*time.Millisecond)*math.Exp(0.8*s.NormFloat64())) / max(s.quicker, 1)
	s.part(r, 0, -1, start.UnixNano(), start.UnixNano()+int64(took))
	for i := 1; i < n; i++ {
		above := r.parts[max(0, i-1-s.IntN(min(i, 8)))]
		length := float64(above.end - above.start)
		begin := above.start + int64(length*0.3*s.Float64())
		s.part(r, i, -1, begin, begin+int64(float64(above.end-begin)*(0.5+0.4*s.Float64())))
		r.parts[i].parent = above.id
	}
	if s.Float64() < s.mix.Errors {
		s.fail(r)
	}
	return r
}

// share is by what the head decides: the agents' own way for spans, so that traces of both kinds of senders are sampled as
// one. Were it another, more traces would be kept, none fewer.
func share(id roentgen.TraceID) float64 {
	return float64(xxhash.Sum64(append([]byte("sampling"), id[:]...))>>11) / (1 << 53)
}

func (s *shapes) part(r *request, i, host int, start, end int64) {
	p := &r.parts[i]
	if host < 0 {
		host = s.IntN(s.mix.Hosts)
	}
	p.host, p.start, p.end = uint8(host), start, end
	s.fill(p.id[:])
}

// fail chooses where the request fails.
func (s *shapes) fail(r *request) {
	switch n := s.IntN(100); {
	case n < 35:
		r.place, r.failing = AtRoot, 0
	case n < 70:
		r.place, r.failing = AtLeaf, len(r.parts)-1
	case n < 85 || s.mix.Horizon == 0:
		r.place = AfterRoot
		s.job(r, time.Duration(float64(500*time.Millisecond)+4.5*float64(time.Second)*s.Float64()))
	default:
		r.place = NearHorizon
		s.job(r, time.Duration((0.1+1.3*s.Float64())*float64(s.mix.Horizon)))
	}
}

// job adds a segment that begins when the root ends and fails after so long.
func (s *shapes) job(r *request, after time.Duration) {
	root := r.parts[0]
	after = time.Duration(float64(after) / max(s.quicker, 1))
	r.parts = append(r.parts, part{})
	i := len(r.parts) - 1
	s.part(r, i, -1, root.end, root.end+int64(after))
	r.parts[i].parent = root.id
	r.failing = i
}

func (s *shapes) fill(b []byte) {
	for i := 0; i < len(b); i += 8 {
		word := s.Uint64()
		for j := i; j < min(i+8, len(b)); j++ {
			b[j] = byte(word)
			word >>= 8
		}
	}
}
