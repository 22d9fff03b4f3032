package pdf

import (
	"fmt"
	"io"
)

// FIR writes the document to w as a PDF, its form in the language given. It writes nothing unless the whole document
// could be laid out; an error says what is wrong with the document, or what w said.
func FIR(w io.Writer, doc Document, lang Language) error {
	printed, err := render(doc, lang, deflated)
	if err != nil {
		return err
	}
	if _, err := w.Write(printed); err != nil {
		return fmt.Errorf("write the PDF of %q: %w", doc.Reference, err)
	}
	return nil
}

// render lays the document out and returns the file's bytes.
func render(doc Document, lang Language, pack packing) ([]byte, error) {
	if lang != English && lang != Hindi {
		return nil, fmt.Errorf("print %q: no form in the language %q: ask for %q or %q", doc.Reference, lang, English, Hindi)
	}
	face, err := newTypeface()
	if err != nil {
		return nil, err
	}
	c := newComposer(newTypesetter(face), lang)
	if err := c.document(doc); err != nil {
		return nil, err
	}
	p := &painter{typesetter: c.typesetter, doc: doc, lang: lang, ink: newInk(face)}
	p.paint(paginate(c.blocks))
	return p.file(c.root, pack)
}
