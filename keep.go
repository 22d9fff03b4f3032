package roentgen

// KeepReason says why a trace is stored.
type KeepReason uint8

// The reasons, in rising order: of two for one trace the higher stands.
const (
	KeepUnknown KeepReason = iota // the sender did not say
	KeepHead                      // sampled when the request arrived
	KeepForced                    // asked for by an authenticated caller
	KeepTrigger                   // decided after the fact: error, fault, slow, filter
)

var keepNames = [...]string{"unknown", "head", "forced", "trigger"}

// String returns the reason in one lower-case word.
func (r KeepReason) String() string {
	if int(r) < len(keepNames) {
		return keepNames[r]
	}
	return "invalid"
}

// Keep says why a document was kept and how probable that was beforehand.
// Rates of all requests are estimated by dividing by Probability.
type Keep struct {
	Reason      KeepReason
	Probability float64 // above 0, up to 1; 0: not stated
}

// Weight returns how many requests a trace that was kept so stands for. What was
// chosen at random stands for those that were not; what was kept for what it is,
// or for a reason that nobody stated, for itself alone.
func (k Keep) Weight() float64 {
	if k.Reason == KeepHead && k.Probability > 0 && k.Probability < 1 {
		return 1 / k.Probability
	}
	return 1
}

// Join returns the keep of a trace of which both were said: the higher
// reason; at equal reasons the greater probability.
func (k Keep) Join(l Keep) Keep {
	if l.Reason != k.Reason {
		if l.Reason > k.Reason {
			return l
		}
		return k
	}
	return Keep{k.Reason, max(k.Probability, l.Probability)}
}
