package main

import (
	"strings"
	"unicode/utf16"
)

// marked writes an expression in one line and ^^^ below a piece of it, given
// in UTF-16 units; behind the end for an empty piece.
func marked(expression string, from, to int) string {
	units := utf16.Encode([]rune(harmless(expression)))
	from = max(0, min(from, len(units)))
	to = max(from, min(to, len(units)))
	columns := func(units []uint16) int { return columnsOf(string(utf16.Decode(units))) }
	return "  " + string(utf16.Decode(units)) + "\n" +
		"  " + blanks(columns(units[:from])) + strings.Repeat("^", max(1, columns(units[from:to])))
}
