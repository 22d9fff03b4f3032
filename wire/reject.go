package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// nested reports whether an embedded subsegment is being read.
func (p *Parser) nested() bool { return len(p.path) > 0 }

// place returns the place of a member as subsegments[2].start_time.
func (p *Parser) place(member string) string {
	steps := make([]string, 0, len(p.path)+1)
	for _, index := range p.path {
		steps = append(steps, "subsegments["+strconv.Itoa(index)+"]")
	}
	if member != "" {
		steps = append(steps, member)
	}
	return strings.Join(steps, ".")
}

// fault is the first thing wrong with a sound JSON text.
type fault struct {
	code   roentgen.RejectCode
	detail string
}

// blame records a fault. The first one stands: one in the top entity and one
// in an embedded one, because the end of the document decides which to tell.
func (p *Parser) blame(member string, code roentgen.RejectCode, what string) {
	of := &p.fault
	if p.nested() {
		of = &p.nestedFault
	}
	if *of != nil || p.err != nil {
		return
	}
	detail := what
	if path := p.place(member); path != "" {
		detail = path + ": " + what
	}
	*of = &fault{code, detail}
}

func (f *fault) rejection(p *Parser, nested bool) *roentgen.Rejection {
	r := p.reject(f.code, f.detail)
	r.Nested = nested
	return r
}

// reject makes a rejection that carries the document's id if it was read.
func (p *Parser) reject(code roentgen.RejectCode, detail string) *roentgen.Rejection {
	return &roentgen.Rejection{Code: code, ID: strings.Clone(clip(p.id)), Detail: detail}
}

func (p *Parser) malformed() *roentgen.Rejection {
	return p.reject(roentgen.InvalidSegment, "not JSON at "+p.err.Error())
}

// oversize rejects a text of n bytes for its length. The id is taken from
// the part that is within the limit.
func (p *Parser) oversize(text []byte, n int) *roentgen.Rejection {
	p.begin(prepare(text[:min(len(text), p.lim.MaxDocumentBytes)]))
	p.document()
	return p.reject(roentgen.InvalidSegment, fmt.Sprintf(
		"the document has %d bytes, %d are allowed; send subsegments as independent documents or shorten metadata", n, p.lim.MaxDocumentBytes))
}

// clipAt is how much of a value a message repeats, in bytes.
const clipAt = 64

func clip(s string) string {
	if len(s) <= clipAt {
		return s
	}
	n := clipAt
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func quote(s string) string { return strconv.Quote(clip(s)) }
