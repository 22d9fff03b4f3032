package kb

import (
	"slices"
	"strings"
)

// How many tokens of its clause a word denies or supposes.
const (
	forwardReach  = 6
	backwardReach = 5
	verbReach     = 2 // the verb that follows a Hindi "no"
	futureReach   = 4
)

// veil marks the tokens that tell what did not happen: denied ones ("no one was hurt", चोट नहीं आई) and supposed ones
// ("threatened to kill", मारने की धमकी). English denies forwards, Hindi backwards.
func (l *language) veil(text string, list []token, romanised bool) {
	for i := range list {
		word := list[i].word
		switch {
		case l.forwardNo.has(word, romanised) && !l.isNumberSign(text, list, i):
			deny(list, i, 1, forwardReach)
			l.denyHappening(list, i)
		case l.backwardNo.has(word, romanised):
			deny(list, i, -1, backwardReach)
			deny(list, i, 1, verbReach)
		case l.forwardMaybe.has(word, romanised):
			suppose(list, i, 1, forwardReach)
		case l.backwardMaybe.has(word, romanised):
			suppose(list, i, -1, backwardReach)
		case l.isFuture(list[i], romanised):
			suppose(list, i, -1, futureReach)
		}
	}
}

// isNumberSign tells the "no." of "bus no. 543", and the "not" of "not only", from a denial.
func (l *language) isNumberSign(text string, list []token, i int) bool {
	if i+1 == len(list) {
		return false
	}
	next := list[i+1]
	return list[i].word == "no" && (next.counts && next.word != "one" || strings.HasPrefix(text[list[i].end:], ".")) ||
		list[i].word == "not" && next.word == "only"
}

// denyHappening reads "no theft" backwards where the verb is one of happening: "the theft did not take place".
func (l *language) denyHappening(list []token, i int) {
	if i+1 < len(list) && l.happen[list[i+1].word] && list[i].word != "no" {
		deny(list, i, -1, backwardReach)
	}
}

func (l *language) isFuture(t token, romanised bool) bool {
	endings := l.futures
	if t.latin {
		if !romanised {
			return false
		}
		endings = l.romanFutures
	}
	return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(t.word, ending) })
}

func deny(list []token, from, step, reach int) {
	for i := range reachOf(list, from, step, reach) {
		list[i].denied = from
	}
}

func suppose(list []token, from, step, reach int) {
	for i := range reachOf(list, from, step, reach) {
		list[i].supposed = from
	}
}

// reachOf yields the tokens of from's clause on one side of it, up to reach of them.
func reachOf(list []token, from, step, reach int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for n, i := 0, from+step; n < reach && i >= 0 && i < len(list) && list[i].clause == list[from].clause; n, i = n+1, i+step {
			if !yield(i) {
				return
			}
		}
	}
}
