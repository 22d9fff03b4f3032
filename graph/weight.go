package graph

import (
	"encoding/binary"

	"github.com/roentgen/roentgen"
)

// maxWeight bounds how many requests one trace stands for, so that sums of many
// traces fit.
const maxWeight = 10_000

// weightOf returns how many requests a trace stands for in graphs: the weight
// of its keep, or of a broken one, 3.3, the whole number below or the one above,
// so often that it is right on average. Which of them is decided by the id of
// the trace, so that it can be taken out again.
func weightOf(s *roentgen.Summary) int64 {
	w := s.Keep.Weight()
	if !(w > 1) {
		return 1
	}
	if w >= maxWeight {
		return maxWeight
	}
	n := int64(w)
	chance := scatter(scatter(binary.BigEndian.Uint64(s.Trace[:8])) ^ binary.BigEndian.Uint64(s.Trace[8:]))
	if float64(chance>>11)/(1<<53) < w-float64(n) {
		n++
	}
	return n
}
