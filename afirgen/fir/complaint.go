package fir

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a complaint, in characters after Normalise.
const (
	MinComplaint = 10
	MaxComplaint = 50_000
)

// Why a text is not a complaint.
var (
	ErrNotUTF8  = errors.New("the text is not valid UTF-8: send it encoded as UTF-8")
	ErrTooShort = errors.New("the text is shorter than 10 characters: say what happened, where and when")
	ErrTooLong  = errors.New("the text is longer than 50,000 characters: shorten it or send it in parts")
)

// Normalise brings a complaint into the one form in which it is stored and summarised: Unicode NFC, lines ended by \n,
// no control characters but newline and tab, no white space at the ends. Every script survives; so do the joiners
// (U+200C, U+200D) that Devanagari needs.
func Normalise(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", ErrNotUTF8
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = norm.NFC.String(strings.Map(dropControl, text))
	return strings.TrimSpace(text), nil
}

// Complaint normalises text and holds it against the bounds.
func Complaint(text string) (string, error) {
	text, err := Normalise(text)
	if err != nil {
		return "", err
	}
	switch n := utf8.RuneCountInString(text); {
	case n < MinComplaint:
		return "", ErrTooShort
	case n > MaxComplaint:
		return "", ErrTooLong
	}
	return text, nil
}

// dropControl drops the categories Cc (but newline and tab), U+FEFF and the bidirectional overrides, with which a text
// can be made to read other than it is stored.
func dropControl(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), r == '\uFEFF', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}
