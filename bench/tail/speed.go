package tail

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/roentgen/roentgen/bench"
)

// Speed is how fast this machine is at the moment, by something that does not change with the program under test: megabytes of
// documents that encoding/json reads in a second of one processor's time. Figures of different days are compared by it.
type Speed struct{ Struct, Any float64 }

// Of the day whose figures the goals were set by: the X-Ray daemon's, 22 November 2026, same kind of machine.
var reference = Speed{Struct: 133, Any: 110} // never written

// How much is read, and how often; the median counts. That takes two to three seconds of one processor.
const (
	speedBytes  = 8 << 20
	speedPasses = 5
)

// measureSpeed reads so many bytes of documents again and again. The machine is quick or slow for this as it is for shared
// processors: processor time counts, not how long it took.
func measureSpeed(most, passes int) (s Speed, err error) {
	var documents [][]byte
	size := 0
	for _, d := range makeDatagrams(1) {
		if size < most {
			documents = append(documents, d.text[len(headerUndecided):])
			size += len(d.text) - len(headerUndecided)
		}
	}
	if s.Struct, err = readingSpeed(documents, size, passes, func() any { return new(speedSegment) }); err != nil {
		return s, err
	}
	s.Any, err = readingSpeed(documents, size, passes, func() any { return new(any) })
	return s, err
}

// speedSegment is what of a segment is read.
type speedSegment struct {
	Name        string         `json:"name"`
	ID          string         `json:"id"`
	TraceID     string         `json:"trace_id"`
	ParentID    string         `json:"parent_id"`
	Start       float64        `json:"start_time"`
	End         float64        `json:"end_time"`
	Fault       bool           `json:"fault"`
	Error       bool           `json:"error"`
	Annotations map[string]any `json:"annotations"`
	Subsegments []speedSegment `json:"subsegments"`
}

func readingSpeed(documents [][]byte, size, passes int, into func() any) (float64, error) {
	var took []time.Duration
	for range passes {
		before, err := bench.OwnCPU()
		if err != nil {
			return 0, err
		}
		for _, d := range documents {
			if err := json.Unmarshal(d, into()); err != nil {
				return 0, fmt.Errorf("measure the speed of this machine: %w", err)
			}
		}
		after, err := bench.OwnCPU()
		if err != nil {
			return 0, err
		}
		took = append(took, after-before)
	}
	return float64(size) / 1e6 / max(median(took).Seconds(), 1e-9), nil
}

// slower is how many times slower the machine is than on the reference's day.
func (s Speed) slower() float64 {
	return (reference.Struct/max(s.Struct, 1e-9) + reference.Any/max(s.Any, 1e-9)) / 2
}

// speedText is the line that stands beside figures of processor time. After is zero where the run was interrupted.
func speedText(before, after Speed) string {
	if before == (Speed{}) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nThis machine reads %.0f MB/s with encoding/json into a struct and %.0f into any before the run", before.Struct, before.Any)
	if after != (Speed{}) {
		fmt.Fprintf(&b, ", %.0f and %.0f after it", after.Struct, after.Any)
	}
	fmt.Fprintf(&b, "; on the reference's day %.0f and %.0f. The same work takes %.2f times the processor time", reference.Struct, reference.Any, before.slower())
	if after != (Speed{}) {
		fmt.Fprintf(&b, " before, %.2f after", after.slower())
	}
	b.WriteString(". Figures of processor time above are as measured.\n")
	return b.String()
}
