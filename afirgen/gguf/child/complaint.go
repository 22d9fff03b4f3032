package child

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
)

// complaint keeps what a child printed last on its standard error. Only a failed assertion's sentence is ever told: it
// is the library's own, and anything else might hold a piece of a prompt.
type complaint struct {
	mu   sync.Mutex
	last []byte
}

const maxComplaint = 16 << 10 // bytes

// Write implements io.Writer.
func (c *complaint) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = append(c.last, p...)
	if over := len(c.last) - maxComplaint; over > 0 {
		c.last = append([]byte{}, c.last[over:]...)
	}
	return len(p), nil
}

// assertion returns the sentence, as in GGML_ASSERT(a->ne[0] == b->ne[0]) failed, or "".
func (c *complaint) assertion() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for line := range bytes.Lines(c.last) {
		text := string(line)
		for _, mark := range []string{"GGML_ASSERT(", "fatal error: "} { // C's and Go's
			if i := strings.Index(text, mark); i >= 0 {
				return plain(text[i:])
			}
		}
	}
	return ""
}

const maxReason = 300 // bytes

// plain makes a sentence of a child fit for a log and an answer: one line of printable characters, not too long.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if text = strings.TrimSpace(text); len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}
