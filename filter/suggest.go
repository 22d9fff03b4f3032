package filter

import (
	"fmt"
	"slices"
	"strings"
)

// unknown is the error of a word at the place of a condition that is no keyword.
func (p *parser) unknown() error {
	t := p.tok
	word := fold(t.text)
	switch {
	case looksNumeric(t.text):
		return wrong(t.Span, "a condition begins with a keyword, such as responsetime > 5", "expected a condition, found the number %s", t)
	case word == "and" || word == "or":
		return wrong(t.Span, "AND and OR stand between two conditions", "expected a condition, found %s", t)
	case slices.ContainsFunc(operators[:], func(o operator) bool { return fold(o.text) == word }):
		return wrong(t.Span, "an operator stands between a keyword and a value", "expected a condition, found %s", t)
	case word == "true" || word == "false":
		return wrong(t.Span, "a value stands to the right of an operator", "expected a condition, found %s", t)
	}
	return wrong(t.Span, suggestion(word, p.scope), "unknown keyword %s", t)
}

// suggestion says what may have been meant by a word that is no keyword.
func suggestion(word string, s Scope) string {
	if hint := foreign(word); hint != "" {
		return hint
	}
	if hint := nearestHint(word, names(s)); hint != "" {
		return hint
	}
	return aKeyword
}

// aKeyword is the hint where nothing better is known.
const aKeyword = "a condition begins with a keyword, such as fault, responsetime or annotation.key"

// foreign are the words of other languages, and of habits.
func foreign(word string) string {
	switch word {
	case "&&", "&":
		return "and is written AND"
	case "||", "|":
		return "or is written OR"
	case "is", "null", "exists", "missing":
		return "a field by itself asks whether it is there, and !field whether it is not"
	case "in":
		return "join comparisons with OR"
	case "like", "matches", "~", "=~", "startswith", "regexp":
		return "texts are searched with CONTAINS, BEGINSWITH and ENDSWITH"
	case "coldstart":
		return "cold starts are annotations: annotation.ColdStart = true"
	case "latency", "elapsed", "time":
		return "did you mean responsetime or duration?"
	case "status", "statuscode", "status_code", "http.status_code":
		return "did you mean http.status?"
	case "failed", "failure", "exception":
		return "status 5xx is fault, status 4xx is error; exceptions are found by rootcause.fault.exception { }"
	}
	return ""
}

// names are what a condition can begin with in the scope.
func names(s Scope) []string {
	var list []string
	for k := KeywordNone + 1; k < KeywordAnnotation; k++ {
		if keywords[k].scopes.has(s) {
			list = append(list, keywords[k].name)
		}
	}
	if keywords[KeywordAnnotation].scopes.has(s) {
		list = append(list, "annotation")
	}
	if s == ScopeTrace {
		list = append(list, "service", "edge", groupFields[GroupName], groupFields[GroupARN])
		list = append(list, rootCauseNames()...)
	}
	return list
}

func nearestHint(word string, list []string) string {
	if best := nearest(word, list); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return ""
}

// nearest finds the name that ends in .word, or that fewest changed letters turn the word into; empty when it would
// take more than a third of them.
func nearest(word string, list []string) string {
	ending := "." + word
	for _, name := range list {
		if strings.HasSuffix(name, ending) {
			return name
		}
	}
	best, least := "", len(word)/3+1
	for _, name := range list {
		if d := distance(word, name, least); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters have to be added, dropped, changed or swapped with their neighbour, or bound if that
// many are not enough. Words that differ in length by that much are not looked at, so that a long text costs little.
func distance(a, b string, bound int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= bound {
		return bound
	}
	rows := make([][]int, len(a)+1) // rows[i][j] is the distance of a[:i] and b[:j]
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			rows[i][j] = step(a[:i], b[:j], rows)
		}
	}
	return min(rows[len(a)][len(b)], bound)
}

// step is the distance of a and b, given those of all that is shorter.
func step(a, b string, rows [][]int) int {
	i, j := len(a), len(b)
	if i == 0 || j == 0 {
		return i + j
	}
	least := min(rows[i-1][j], rows[i][j-1]) + 1
	change := rows[i-1][j-1]
	if a[i-1] != b[j-1] {
		change++
	}
	least = min(least, change)
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		least = min(least, rows[i-2][j-2]+1)
	}
	return least
}
