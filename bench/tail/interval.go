package tail

import "math"

// interval is Wilson's score interval of a share, for 95 % confidence: it holds for shares near 0 and 1 as well, where
// nothing may have been missed (E. B. Wilson, 1927).
func interval(hits, of int64) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.959964
	n, p := float64(of), float64(hits)/float64(of)
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = max(0, centre-half), min(1, centre+half)
	if hits == of {
		high = 1
	}
	return low, high
}
