package filter

import "unicode/utf8"

// Limits bound what one text may cost. A field of zero or less stands for its default.
type Limits struct {
	MaxBytes int // length of the text; 4096
	MaxDepth int // of brackets, braces and "!" inside each other; 64
	MaxTerms int // conditions, ANDs, ORs and "!"s together; 256
}

// The defaults. X-Ray publishes no limit of its own.
const (
	defaultBytes = 4096
	defaultDepth = 64
	defaultTerms = 256
)

func (l Limits) withDefaults() Limits {
	return Limits{orDefault(l.MaxBytes, defaultBytes), orDefault(l.MaxDepth, defaultDepth), orDefault(l.MaxTerms, defaultTerms)}
}

func orDefault(n, standard int) int {
	if n <= 0 {
		return standard
	}
	return n
}

// admit refuses texts that are not even looked at.
func (l Limits) admit(s string) error {
	if len(s) > l.MaxBytes {
		return wrong(Span{l.MaxBytes, len(s)}, "", "the expression has %d bytes, %d are allowed", len(s), l.MaxBytes)
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return wrong(Span{i, i + 1}, "send the expression as UTF-8", "byte %#x is not UTF-8", s[i])
			}
		}
	}
	return nil
}
