package tracing

import "net/http"

// decision says whether a new trace is recorded, by which rule
// (aws.xray.sampling_rule_name), and how probable that was
// (aws.xray.sampling_probability, ours: from it a server estimates the rates
// of all requests; 0 where somebody else decided). The zero value is "not
// recorded".
type decision struct {
	sampled     bool
	rule        string
	probability float64
}

// sampler decides about traces that arrive undecided. r is nil for segments
// that no request caused. Central rules will be a second implementation.
type sampler interface {
	decide(r *http.Request) decision
}

// rateSampler records each trace with a fixed probability, without a
// reservoir, so that the rate configured is the rate seen.
type rateSampler struct {
	rate        float64
	requestRate func(*http.Request) (float64, bool)
	dice        *dice
}

func (s *rateSampler) decide(r *http.Request) decision {
	rate := s.rate
	if r != nil && s.requestRate != nil {
		rate = s.ask(r)
	}
	return decision{sampled: rate > 0 && s.dice.chance(rate), rule: "Default", probability: rate}
}

// ask runs the program's function; if it panics, the general rate holds.
func (s *rateSampler) ask(r *http.Request) (rate float64) {
	defer func() {
		if recover() != nil {
			rate = s.rate
		}
	}()
	if own, ok := s.requestRate(r); ok {
		return own
	}
	return s.rate
}
