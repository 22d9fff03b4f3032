package pdf

// fields composes labels and values from x to the right margin. Two that fit into half of that share a line.
func (c *composer) fields(section *element, fields []Field, x unit) {
	width := leftMargin + textWidth - x
	half := (width - gutter) / 2
	for i := 0; i < len(fields); i++ {
		at := c.field(section, fields[i], x, width)
		cells := []cell{at}
		if short(at, half) && i+1 < len(fields) {
			if next := c.measureField(fields[i+1], half); short(next, half) {
				i++
				cells = append(cells, c.field(section, fields[i], x+half+gutter, half))
			}
		}
		c.add(&block{before: 2 * point, leading: bodyStyle.leading(), cells: cells})
	}
}

// short says that the cell is one line no wider than width.
func short(at cell, width unit) bool { return len(at.lines) == 1 && at.lines[0].width <= width }

// field is the cell of one label and value.
func (c *composer) field(section *element, f Field, x, width unit) cell {
	at := c.measureField(f, width)
	_, lang := f.Value.in(c.lang)
	at.x, at.element = x, section.child("P", c.foreign(lang))
	return at
}

// measureField is the cell before it is given a place.
func (c *composer) measureField(f Field, width unit) cell {
	label, _ := f.Label.in(c.lang)
	return cell{width: width, lines: c.typesetter.lines(labelled(oneLine(label), c.value(f.Value), labelStyle), width)}
}

// value is the writing for the form's language, or the dash that stands for none.
func (c *composer) value(t Text) string {
	text, _ := t.in(c.lang)
	if text == "" {
		return nothing
	}
	return text
}

// signatures composes the lines to sign on, two side by side.
func (c *composer) signatures(signed []Signature) {
	width := (textWidth - gutter) / 2
	for len(signed) > 0 {
		b := &block{before: 12 * point, above: signing, leading: bodyStyle.leading(), frame: lined, whole: true}
		for i, s := range signed[:min(2, len(signed))] {
			b.cells = append(b.cells, c.signature(s, leftMargin+unit(i)*(width+gutter), width))
		}
		c.add(b)
		signed = signed[min(2, len(signed)):]
	}
}

// signature is the cell of what stands below a line to sign on.
func (c *composer) signature(s Signature, x, width unit) cell {
	at := cell{x: x, width: width, element: c.root.child("P", "")}
	for _, t := range s.Lines {
		text, _ := t.in(c.lang)
		at.lines = append(at.lines, c.typesetter.lines([]span{{text: clean(text), style: bodyStyle}}, width)...)
	}
	return at
}
