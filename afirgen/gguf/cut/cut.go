// Package cut lets the text of a completion through while it is being made, and ends it before the first stop string.
//
// What comes out is the completion as it will be answered: without white space around it, and valid UTF-8 even when the
// pieces that go in break in the middle of a character. Pieces of it can be shown at once, because nothing that has come
// out is ever taken back.
package cut

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cutter is one completion. Its owner is the goroutine that makes the completion.
type Cutter struct {
	stops   []string
	held    string // what has come in and may not go out yet
	out     strings.Builder
	stopped bool
}

// New makes a cutter. Empty stop strings are passed over.
func New(stops []string) *Cutter {
	c := &Cutter{}
	for _, stop := range stops {
		if stop != "" {
			c.stops = append(c.stops, stop)
		}
	}
	return c
}

// Write takes the next piece and returns what of the text is certain by now, "" if nothing is. Stopped says that a stop
// string was met: nothing comes out any more.
func (c *Cutter) Write(piece string) (text string, stopped bool) {
	if c.stopped {
		return "", true
	}
	c.held += piece
	c.dropLeadingSpace()
	if end, found := c.stop(); found {
		c.held, c.stopped = c.held[:end], true
		return c.let(trimmed(c.held)), true
	}
	return c.let(c.certain()), false
}

// Close returns what was held back, when no more pieces come.
func (c *Cutter) Close() string {
	if c.stopped {
		return ""
	}
	c.stopped = true
	return c.let(trimmed(c.held))
}

// Text is all that has come out so far.
func (c *Cutter) Text() string { return c.out.String() }

// dropLeadingSpace drops white space before the text: a model's "\nYES" is YES even if a line feed stops it.
func (c *Cutter) dropLeadingSpace() {
	if c.out.Len() == 0 {
		c.held = strings.TrimLeftFunc(c.held, unicode.IsSpace)
	}
}

// stop finds where the earliest stop string begins.
func (c *Cutter) stop() (at int, found bool) {
	at = len(c.held)
	for _, stop := range c.stops {
		if i := strings.Index(c.held, stop); i >= 0 && i < at {
			at, found = i, true
		}
	}
	return at, found
}

// certain is how many bytes of what is held can go out: not the beginning of a stop string, half a character or white
// space that may be the last.
func (c *Cutter) certain() int {
	end := len(c.held)
	for _, stop := range c.stops {
		for n := min(len(stop)-1, len(c.held)); n > 0; n-- {
			if strings.HasSuffix(c.held, stop[:n]) {
				end = min(end, len(c.held)-n)
				break
			}
		}
	}
	return trimmed(c.held[:end-halfRune(c.held[:end])])
}

// halfRune is the number of bytes at the end that begin a character without ending it.
func halfRune(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if b := s[len(s)-n]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRuneInString(s[len(s)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// trimmed is the length of s without the white space at its end.
func trimmed(s string) int { return len(strings.TrimRightFunc(s, unicode.IsSpace)) }

// let moves n bytes out. Each byte that is not UTF-8 becomes U+FFFD, so that it does not matter where pieces break.
func (c *Cutter) let(n int) string {
	text := string([]rune(c.held[:n]))
	c.held = c.held[n:]
	c.out.WriteString(text)
	return text
}
