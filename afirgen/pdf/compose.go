package pdf

import "fmt"

// nothing stands where a value is missing. It is the same in both languages.
const nothing = "—"

// Distances of the form.
const (
	indent  = 14 * point // of what belongs to an item, and again of what belongs to its sub-items
	gutter  = 12 * point // between two fields on a line, or two signatures
	padding = 3 * point  // between a table's rules and its words
	signing = 44 * point // room for a hand or a thumb above a signature's line
)

// composer turns a document into blocks, in reading order, and into the tree of elements that says what each one is.
type composer struct {
	typesetter *typesetter
	lang       Language
	root       *element
	blocks     []*block
}

func newComposer(t *typesetter, lang Language) *composer {
	return &composer{typesetter: t, lang: lang, root: &element{kind: "Document"}}
}

// document composes the whole form.
func (c *composer) document(doc Document) error {
	c.banner(doc.Mark, labelStyle, "P")
	c.paragraph(c.root, "P", Both(doc.Form), smallStyle, cell{x: leftMargin, width: textWidth, align: right}, 0)
	c.banner(doc.Title, titleStyle, "H1")
	c.banner(doc.Basis, bodyStyle, "P")
	for _, item := range doc.Items {
		if err := c.item(c.root, item, 0); err != nil {
			return fmt.Errorf("print %q: %w", doc.Reference, err)
		}
	}
	c.signatures(doc.Signed)
	return nil
}

// banner is a centred line over the form.
func (c *composer) banner(t Text, s style, kind string) {
	c.paragraph(c.root, kind, t, s, cell{x: leftMargin, width: textWidth, align: centred}, 2*point)
}

// paragraph adds a block for text that is all of one style, in the place that at gives; none if there is no text.
func (c *composer) paragraph(parent *element, kind string, t Text, s style, at cell, before unit) {
	text, lang := t.in(c.lang)
	at.lines = c.typesetter.lines([]span{{text: clean(text), style: s}}, at.width)
	if len(at.lines) == 0 {
		return
	}
	at.element = parent.child(kind, c.foreign(lang))
	c.add(&block{before: before, leading: s.leading(), cells: []cell{at}})
}

func (c *composer) add(b *block) { c.blocks = append(c.blocks, b) }

// foreign is the language of an element that is not in the form's own, and otherwise empty.
func (c *composer) foreign(lang Language) Language {
	if lang == c.lang {
		return ""
	}
	return lang
}

// item composes an item and what it holds. Depth counts the items around it.
func (c *composer) item(parent *element, item Item, depth int) error {
	if depth > deepest {
		return fmt.Errorf("item %q: items stand in more than %d others: put them side by side", item.Number, deepest)
	}
	section := parent.child("Sect", "")
	x := leftMargin + unit(depth)*indent
	c.heading(section, item, x)
	x += indent
	c.fields(section, item.Fields, x)
	if err := c.table(section, item.Table, x); err != nil {
		return fmt.Errorf("item %q: %w", item.Number, err)
	}
	c.prose(section, item.Prose, x)
	for _, sub := range item.Items {
		if err := c.item(section, sub, depth+1); err != nil {
			return fmt.Errorf("item %q: %w", item.Number, err)
		}
	}
	return nil
}

// deepest bounds how far items may stand within one another: beyond, no width would be left to write on.
const deepest = 8

// heading is the item's number, heading and, on the same line, its value. It stays with what follows.
func (c *composer) heading(section *element, item Item, x unit) {
	heading, headingLang := item.Heading.in(c.lang)
	value, valueLang := item.Value.in(c.lang)
	label := oneLine(item.Number + " " + heading)
	if label == "" && value == "" {
		return
	}
	kind, lang := "H2", headingLang
	spans := []span{{text: label, style: headingStyle}}
	if value != "" {
		kind, lang = "P", valueLang
		spans = labelled(label, value, headingStyle)
	}
	at := cell{x: x, width: leftMargin + textWidth - x, element: section.child(kind, c.foreign(lang))}
	at.lines = c.typesetter.lines(spans, at.width)
	more := len(item.Fields)+len(item.Items) > 0 || item.Table != nil || !item.Prose.empty()
	c.add(&block{before: 7 * point, leading: headingStyle.leading(), cells: []cell{at}, keep: more, whole: more})
}

// labelled is a bold label and a plain value behind it.
func labelled(label, value string, s style) []span {
	if label == "" {
		return []span{{text: clean(value), style: bodyStyle}}
	}
	return []span{{text: label + ": ", style: s}, {text: clean(value), style: bodyStyle}}
}

// prose is a block for each paragraph, so that one may be split where the other may not.
func (c *composer) prose(section *element, t Text, x unit) {
	text, lang := t.in(c.lang)
	for _, p := range paragraphs(text) {
		at := cell{x: x, width: leftMargin + textWidth - x}
		if at.lines = c.typesetter.lines([]span{{text: p, style: bodyStyle}}, at.width); len(at.lines) == 0 {
			continue
		}
		at.element = section.child("P", c.foreign(lang))
		c.add(&block{before: 3 * point, leading: bodyStyle.leading(), cells: []cell{at}})
	}
}
