package ggml

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// sampler chooses a token by the weights that the model gives them. At temperature 0 it takes the heaviest, the first
// among equals.
type sampler struct {
	temperature float64
	chance      *rand.Rand
}

// Of what may be chosen by chance: the likeliest tokens, as many as have that share of the likelihood together.
const (
	likeliest = 40
	share     = 0.95
)

var errNotNumbers = errors.New("choosing a token: the model's weights are not numbers; the file may be damaged")

func (s sampler) of(logits []float32) (int32, error) {
	if slices.ContainsFunc(logits, func(l float32) bool { return l != l || math.IsInf(float64(l), 1) }) || len(logits) == 0 {
		return 0, errNotNumbers
	}
	if s.temperature <= 0 {
		return heaviest(logits), nil
	}
	tokens := top(logits)
	weights, total := make([]float64, len(tokens)), 0.0
	for i, token := range tokens {
		weights[i] = math.Exp(float64(logits[token]-logits[tokens[0]]) / s.temperature)
		total += weights[i]
	}
	kept, n := 0.0, 0
	for n < len(weights) && kept < share*total {
		kept += weights[n]
		n++
	}
	at := s.chance.Float64() * kept
	for i := range n {
		if at -= weights[i]; at < 0 {
			return tokens[i], nil
		}
	}
	return tokens[n-1], nil
}

func heaviest(logits []float32) int32 {
	best := 0
	for i, l := range logits {
		if l > logits[best] {
			best = i
		}
	}
	return int32(best)
}

// top returns the likeliest tokens, the heaviest first. It keeps a short sorted list, because sorting a vocabulary for
// each token costs more than some models do.
func top(logits []float32) []int32 {
	list := make([]int32, 0, likeliest+1)
	for i, l := range logits {
		if len(list) == likeliest && l <= logits[list[likeliest-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, l, func(token int32, l float32) int {
			if logits[token] >= l {
				return -1
			}
			return 1
		})
		list = slices.Insert(list, at, int32(i))
		list = list[:min(len(list), likeliest)]
	}
	return list
}
