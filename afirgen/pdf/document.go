package pdf

import (
	"strings"
	"time"
)

// Language is what a form is printed in.
type Language string

// The languages of the form, by their BCP 47 names.
const (
	English Language = "en"
	Hindi   Language = "hi"
)

// region is the language as PDF's /Lang says it to a screen reader.
func (l Language) region() string { return string(l) + "-IN" }

// Text is one piece of writing in both languages. What people said is often there in one of them only: then that one is
// printed, whichever form it is, and marked as being in its own language.
type Text struct {
	English string
	Hindi   string
}

// Both is a Text that reads the same in either language: a number, a name, a date.
func Both(s string) Text { return Text{English: s, Hindi: s} }

// in returns the writing for a form in the language, and the language that it is in. What reads the same in both is in
// the form's.
func (t Text) in(form Language) (string, Language) {
	english, hindi := strings.TrimSpace(t.English), strings.TrimSpace(t.Hindi)
	switch {
	case english == hindi:
		return english, form
	case english == "", form == Hindi && hindi != "":
		return hindi, Hindi
	}
	return english, English
}

// empty says that there is nothing to print.
func (t Text) empty() bool {
	return strings.TrimSpace(t.English) == "" && strings.TrimSpace(t.Hindi) == ""
}

// Document is a report as it is to be printed. The zero value prints as an empty page; a part that is empty is left out,
// but the value of a Field or of a table's cell is printed as a dash, so that nobody takes it for forgotten.
//
// Text may hold anything. The font has Latin and Devanagari; what it lacks (other scripts, emoji) is shown as a box for
// each character, never dropped, and can still be copied out.
type Document struct {
	Form      string    // the form's own number, above the title: I.I.F.-I
	Title     Text      // FIRST INFORMATION REPORT; also the title that a reader's window shows
	Basis     Text      // the line under it: (Under section 173 B.N.S.S.)
	Reference string    // the number of this report, on every page and in the title
	Mark      Text      // what must not be overlooked, on top of every page: DRAFT, ZERO FIR; empty for none
	Made      time.Time // when the document was made, for its metadata; zero leaves it out
	Items     []Item
	Signed    []Signature
}

// Item is one numbered item of the form. What it holds is printed in the order of the fields here.
type Item struct {
	Number  string // 3, or (a); empty for none
	Heading Text
	Value   Text // on the heading's own line; empty for none
	Fields  []Field
	Table   *Table // nil for none
	Prose   Text   // paragraphs, parted by line breaks
	Items   []Item // sub-items, indented
}

// Field is a label and what is filled in. Two short ones share a line.
type Field struct {
	Label Text
	Value Text
}

// Table is a ruled table whose heading is repeated on each page that it reaches.
type Table struct {
	Columns []Column
	Rows    [][]Text // a cell for each column; a shorter row is filled with dashes, a longer one is an error
}

// Column is a column's heading and its share of the width. A weight below 1 counts as 1.
type Column struct {
	Heading Text
	Weight  int
}

// Signature is a line to sign on, with words below it: who signs, rank, number. Two stand side by side, and none is split
// from its words by the end of a page.
type Signature struct {
	Lines []Text
}
