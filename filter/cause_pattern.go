package filter

import (
	"github.com/roentgen/roentgen"

	"slices"
	"strconv"
	"strings"
)

// The patterns of rootcause.json have the shape of X-Ray's root causes. A nil field was left out and asks nothing; of
// a text, "" asks for absence, which JSON may write as null. The elements of a list have to be there in their order,
// others between them or not.

// CausePattern asks of a CauseRow.
type CausePattern struct {
	ClientImpacting *bool
	Services        []CauseServicePattern
}

// CauseServicePattern asks of a CauseServiceRow.
type CauseServicePattern struct {
	Name, Type, AccountID *string
	Names                 []string
	Inferred              *bool
	EntityPath            []CauseEntityPattern
}

// CauseEntityPattern asks of a CauseEntityRow.
type CauseEntityPattern struct {
	Name       *string
	Coverage   *float64
	Remote     *bool
	Exceptions []CauseExceptionPattern
}

// CauseExceptionPattern asks of a CauseExceptionRow.
type CauseExceptionPattern struct{ Name, Message *string }

// pattern is asked of a Row and prints itself.
type pattern[Row any] interface {
	match(row Row, account string) bool
	print(*strings.Builder)
}

// subsequence says whether the patterns match rows in the same order. Taking the first row that matches leaves most
// for the patterns behind it, so nothing has to be tried twice.
func subsequence[P pattern[Row], Row any](patterns []P, rows []Row, account string) bool {
	next := 0
	for i := 0; i < len(rows) && next < len(patterns); i++ {
		if patterns[next].match(rows[i], account) {
			next++
		}
	}
	return next == len(patterns)
}

func (p CausePattern) match(row roentgen.CauseRow, account string) bool {
	return same(p.ClientImpacting, row.ClientImpacting) && subsequence(p.Services, row.Services, account)
}

func (p CauseServicePattern) match(row roentgen.CauseServiceRow, account string) bool {
	return same(p.Name, row.Name) && same(p.Type, row.Type) && same(p.Inferred, row.Inferred) &&
		(same(p.AccountID, row.AccountID) || row.AccountID == "" && same(p.AccountID, account)) &&
		inOrder(p.Names, row.Names) && subsequence(p.EntityPath, row.Entities, account)
}

func (p CauseEntityPattern) match(row roentgen.CauseEntityRow, account string) bool {
	return same(p.Name, row.Name) && same(p.Remote, row.Remote) &&
		(p.Coverage == nil || row.Coverage == roentgen.Known(*p.Coverage)) &&
		subsequence(p.Exceptions, row.Exceptions, account)
}

func (p CauseExceptionPattern) match(row roentgen.CauseExceptionRow, _ string) bool {
	return same(p.Name, row.Name) && same(p.Message, row.Message)
}

// same compares with what was asked, if it was.
func same[T comparable](want *T, have T) bool { return want == nil || *want == have }

func inOrder(want, have []string) bool {
	for _, w := range want {
		i := slices.Index(have, w)
		if i < 0 {
			return false
		}
		have = have[i+1:]
	}
	return true
}

// printPatterns writes a JSON list.
func printPatterns[P interface{ print(*strings.Builder) }](b *strings.Builder, list []P) {
	b.WriteByte('[')
	for i, p := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		p.print(b)
	}
	b.WriteByte(']')
}

func (p CausePattern) print(b *strings.Builder) {
	w := objectWriter{b: b}
	w.bool("ClientImpacting", p.ClientImpacting)
	if len(p.Services) > 0 {
		w.key("Services")
		printPatterns(b, p.Services)
	}
	w.close()
}

func (p CauseServicePattern) print(b *strings.Builder) {
	w := objectWriter{b: b}
	w.text("Name", p.Name)
	w.text("Type", p.Type)
	w.text("AccountId", p.AccountID)
	if len(p.Names) > 0 {
		w.key("Names")
		printPatterns(b, texts(p.Names))
	}
	w.bool("Inferred", p.Inferred)
	if len(p.EntityPath) > 0 {
		w.key("EntityPath")
		printPatterns(b, p.EntityPath)
	}
	w.close()
}

func (p CauseEntityPattern) print(b *strings.Builder) {
	w := objectWriter{b: b}
	w.text("Name", p.Name)
	if p.Coverage != nil {
		w.key("Coverage")
		b.WriteString(formatNumber(*p.Coverage))
	}
	w.bool("Remote", p.Remote)
	if len(p.Exceptions) > 0 {
		w.key("Exceptions")
		printPatterns(b, p.Exceptions)
	}
	w.close()
}

func (p CauseExceptionPattern) print(b *strings.Builder) {
	w := objectWriter{b: b}
	w.text("Name", p.Name)
	w.text("Message", p.Message)
	w.close()
}

// text is a text in a JSON list.
type text string

func (t text) print(b *strings.Builder) { printText(b, string(t)) }

func texts(list []string) []text {
	out := make([]text, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}

// objectWriter writes the members of a JSON object, those that are asked for.
type objectWriter struct {
	b    *strings.Builder
	some bool
}

func (w *objectWriter) key(name string) {
	if w.some {
		w.b.WriteByte(',')
	} else {
		w.b.WriteByte('{')
	}
	w.some = true
	w.b.WriteString(`"` + name + `":`)
}

func (w *objectWriter) text(name string, s *string) {
	if s != nil {
		w.key(name)
		printText(w.b, *s)
	}
}

func (w *objectWriter) bool(name string, v *bool) {
	if v != nil {
		w.key(name)
		w.b.WriteString(strconv.FormatBool(*v))
	}
}

func (w *objectWriter) close() {
	if !w.some {
		w.b.WriteByte('{')
	}
	w.b.WriteByte('}')
}
