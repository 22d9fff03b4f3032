package gguf

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitter cuts a text into sentences. It is safe for concurrent use.
type splitter struct {
	blankLine *regexp.Regexp
	titles    map[string]bool // words whose full stop does not end a sentence
	counters  map[string]bool // those whose full stop does not when a figure follows
}

// In lower case and without the full stop.
const (
	titleList   = `mr mrs ms dr prof sh shri smt km kum st vs viz e.g i.e addl asst insp govt dept distt`
	counterList = `no nos rs ps sec sect u/s approx tel mob ph jan feb mar apr jun jul aug sep sept oct nov dec`
)

func newSplitter() splitter {
	return splitter{regexp.MustCompile(`\n[ \t]*\n\s*`), setOf(titleList), setOf(counterList)}
}

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// sentences returns the sentences of text in their order, each with its white space folded to single spaces and its own
// closing mark. A blank line ends a sentence; a single line break does not, for letters and scans break lines anywhere.
func (s splitter) sentences(text string) []string {
	var list []string
	for _, paragraph := range s.blankLine.Split(text, -1) {
		paragraph = strings.Join(strings.Fields(paragraph), " ")
		for paragraph != "" {
			end := s.end(paragraph)
			list = append(list, strings.TrimSpace(paragraph[:end]))
			paragraph = strings.TrimSpace(paragraph[end:])
		}
	}
	return list
}

// end returns the byte after the first sentence of p.
func (s splitter) end(p string) int {
	for i, r := range p {
		if !closesSentence(r) {
			continue
		}
		end := i + utf8.RuneLen(r)
		for end < len(p) {
			next, size := utf8.DecodeRuneInString(p[end:])
			if !closesSentence(next) && !closesQuote(next) {
				break
			}
			end += size
		}
		if r != '.' || s.fullStop(p[:i], p[end:]) {
			return end
		}
	}
	return len(p)
}

// fullStop tells the dot that ends a sentence from those in 4.30, S. Rao and Rs. 500.
func (s splitter) fullStop(before, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	if after != "" && next != ' ' {
		return false
	}
	following, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, ` "'“‘(`))
	if unicode.IsLower(following) {
		return false
	}
	if following == utf8.RuneError {
		return true // the paragraph ends here
	}
	word := strings.ToLower(before[strings.LastIndexAny(before, " (")+1:])
	return !isInitial(word) && !s.titles[word] && (!s.counters[word] || !unicode.IsDigit(following))
}

func isInitial(word string) bool { return len(word) == 1 && unicode.IsLetter(rune(word[0])) }

// closesSentence knows the full stop, the danda and its double, and the Arabic-script marks of Urdu.
func closesSentence(r rune) bool { return strings.ContainsRune(".!?।॥؟۔…", r) }

func closesQuote(r rune) bool { return strings.ContainsRune(`"'”’)]»`, r) }
