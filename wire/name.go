package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength is the most characters of a segment's or subsegment's name.
const MaxNameLength = 200

// nameSymbols are what X-Ray allows in names beside letters, numbers and
// white space.
const nameSymbols = `_.:/%&#=+\-@`

// CheckName returns what is wrong with a segment's or subsegment's name: it
// has 1 to 200 characters, each a letter, a number, a separator or white
// space in the sense of Unicode (classes L, N and Z; tab and line breaks are
// white space too), or one of _ . : / % & # = + \ - @. White space may stand
// anywhere, also first and last.
//
// Marks (class M) are taken too, which X-Ray does not: without them hardly a
// word of Hindi, Tamil or Thai could be a name.
func CheckName(name string) error {
	if name == "" {
		return fmt.Errorf("is empty; send 1 to %d characters", MaxNameLength)
	}
	if len(name) > MaxNameLength {
		if n := utf8.RuneCountInString(name); n > MaxNameLength {
			return fmt.Errorf("has %d characters; %d are allowed", n, MaxNameLength)
		}
	}
	ascii := 0
	for ascii < len(name) && nameBytes[name[ascii]] {
		ascii++
	}
	for i, r := range name[ascii:] {
		if !nameRune(r) {
			return fmt.Errorf("%s has %q at byte %d; allowed are letters, numbers, white space and %s", quote(name), r, ascii+i, nameSymbols)
		}
	}
	return nil
}

// nameBytes says of every byte whether it is an ASCII character that a name
// may have.
var nameBytes = func() (table [256]bool) {
	for c := range utf8.RuneSelf {
		table[c] = nameRune(rune(c))
	}
	return table
}()

func nameRune(r rune) bool {
	if r < utf8.RuneSelf {
		c := byte(r)
		return c-'0' <= 9 || c|0x20-'a' < 26 || c == ' ' || c >= '\t' && c <= '\r' || strings.IndexByte(nameSymbols, c) >= 0
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.Z, r) || unicode.IsSpace(r)
}
