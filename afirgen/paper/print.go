package paper

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/pdf"
)

// Print writes the report as a PDF, its form in the language en or hi. The errors are the writer's, or those of a
// document that cannot be laid out.
func Print(w io.Writer, r fir.Report, language string) error {
	return pdf.FIR(w, document(r), pdf.Language(language))
}

// document lays the report out as the form I.I.F.-I is printed. An item whose fields come in rows becomes a table.
func document(r fir.Report) pdf.Document {
	d := r.Document
	made := pdf.Document{
		Form: "I.I.F.-I", Title: text(title), Basis: text(basis(d)), Reference: d.Header.Number.String(), Mark: mark(r), Made: r.UpdatedAt,
		Signed: []pdf.Signature{
			{Lines: []pdf.Text{{English: "Signature / thumb impression of the informant", Hindi: "सूचनाकर्ता के हस्ताक्षर / अँगूठे का निशान"}, signedBy(d)}},
			{Lines: []pdf.Text{{English: "Signature of the officer in charge", Hindi: "थाना प्रभारी के हस्ताक्षर"}, officer(d.Despatch.Officer)}},
		},
	}
	for _, item := range d.Form() {
		made.Items = append(made.Items, printed(d, item))
	}
	return made
}

func printed(d fir.Document, item fir.Item) pdf.Item {
	p := pdf.Item{Number: strconv.Itoa(item.Number) + ".", Heading: text(item.Label)}
	switch {
	case item.Number == 2 && len(d.Charges) > 0:
		p.Table = charges(d)
		item.Fields = without(item.Fields, "charges.", "charges.notice")
	case item.Number == 9 && len(d.Properties) > 0:
		p.Table, item.Fields = properties(d), nil
	case item.Number == 12:
		p.Items = contents(item.Fields)
		return p
	}
	for _, f := range item.Fields {
		p.Fields = append(p.Fields, pdf.Field{Label: text(f.Label), Value: text(f.Value)})
	}
	return p
}

// without leaves out the rows below at, but keeps the field named keep.
func without(fields []fir.Field, at, keep string) (kept []fir.Field) {
	for _, f := range fields {
		if f.Name == keep || !strings.HasPrefix(f.Name, at) {
			kept = append(kept, f)
		}
	}
	return kept
}

func charges(d fir.Document) *pdf.Table {
	table := &pdf.Table{Columns: []pdf.Column{
		{Heading: pdf.Text{English: "No.", Hindi: "क्र."}, Weight: 1},
		{Heading: pdf.Text{English: "Act and section", Hindi: "अधिनियम और धारा"}, Weight: 3},
		{Heading: pdf.Text{English: "Offence", Hindi: "अपराध"}, Weight: 5},
		{Heading: pdf.Text{English: "Classification", Hindi: "श्रेणी"}, Weight: 4},
	}}
	for i, v := range d.Charges {
		table.Rows = append(table.Rows, []pdf.Text{pdf.Both(strconv.Itoa(i + 1)), text(v.Cited()), text(v.Title), text(v.Classified())})
	}
	return table
}

func properties(d fir.Document) *pdf.Table {
	table := &pdf.Table{Columns: []pdf.Column{
		{Heading: pdf.Text{English: "Category", Hindi: "श्रेणी"}, Weight: 2},
		{Heading: pdf.Text{English: "Type", Hindi: "प्रकार"}, Weight: 2},
		{Heading: pdf.Text{English: "Description", Hindi: "विवरण"}, Weight: 5},
		{Heading: pdf.Text{English: "Value (₹)", Hindi: "मूल्य (₹)"}, Weight: 2},
	}}
	fields := d.Form()[8].Fields
	for i := range d.Properties {
		row := make([]pdf.Text, 0, 4)
		for _, f := range fields[4*i : 4*i+4] {
			row = append(row, text(f.Value))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// contents prints narrative, statement and translations as paragraphs under their own headings.
func contents(fields []fir.Field) (items []pdf.Item) {
	for i, f := range fields {
		items = append(items, pdf.Item{Number: "(" + string(rune('a'+min(i, 25))) + ")", Heading: text(f.Label), Prose: prose(f)})
	}
	return items
}

// prose is the same in both languages: it is what people wrote. What is not known is the form's own word.
func prose(f fir.Field) pdf.Text {
	if !f.Known {
		return text(f.Value)
	}
	return pdf.Both(f.Value.En)
}

// mark says on top of every page what must not be overlooked.
func mark(r fir.Report) pdf.Text {
	switch r.State {
	case fir.StateDraft, fir.StateAwaiting, fir.StateEnquiry:
		return pdf.Text{English: "DRAFT – not registered", Hindi: "प्रारूप – पंजीकृत नहीं"}
	case fir.StateLapsed:
		return pdf.Text{English: "LAPSED – not signed in time", Hindi: "व्यपगत – समय पर हस्ताक्षर नहीं"}
	case fir.StateRefused:
		return pdf.Text{English: "REFUSED", Hindi: "अस्वीकृत"}
	case fir.StateZero, fir.StateTransferred:
		return pdf.Text{English: "ZERO FIR", Hindi: "शून्य प्र.सू.रि."}
	}
	return pdf.Text{}
}

func signedBy(d fir.Document) pdf.Text {
	if d.Signature.By == "" {
		return pdf.Text{}
	}
	at := ""
	if !d.Signature.At.IsZero() {
		at = ", " + d.Signature.At.In(fir.India()).Format("02.01.2006 15:04")
	}
	return pdf.Both(d.Signature.By + at)
}

func officer(o fir.Officer) pdf.Text {
	if o == (fir.Officer{}) {
		return pdf.Text{}
	}
	return pdf.Both(strings.TrimSuffix(fmt.Sprintf("%s, %s, %s", o.Name, o.Rank, o.Number), ", "))
}

func text(l fir.Label) pdf.Text { return pdf.Text{English: l.En, Hindi: l.Hi} }
