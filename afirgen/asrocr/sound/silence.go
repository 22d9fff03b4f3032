package sound

import (
	"math"
	"slices"
)

// quiet is the level in decibels below full scale under which a recording holds no speech: a whisper beside a telephone
// is about -45, the hiss of an empty channel below -60.
const quiet = -55.0

// Silent reports whether nothing in the clip is loud enough to be speech: the level of its loudest fiftieth, in
// stretches of 30 ms, so that one click does not count.
func (c Clip) Silent() bool {
	const stretch = Rate * 30 / 1000
	var levels []float64
	for rest := c.Samples; len(rest) >= stretch; rest = rest[stretch:] {
		levels = append(levels, level(rest[:stretch]))
	}
	if len(levels) == 0 {
		return true
	}
	slices.Sort(levels)
	return levels[len(levels)*49/50] < quiet
}

// level is the power about the mean, in decibels: a constant offset is not heard.
func level(samples []int16) float64 {
	sum, squares := 0.0, 0.0
	for _, s := range samples {
		v := float64(s) / (1 << 15)
		sum += v
		squares += v * v
	}
	n := float64(len(samples))
	power := squares/n - sum/n*sum/n
	return 10 * math.Log10(max(power, 1e-12))
}
