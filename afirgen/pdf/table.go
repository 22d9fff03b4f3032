package pdf

import "fmt"

// mostColumns bounds a table: with more, a column is too narrow to be read.
const mostColumns = 10

// table composes a ruled table from x to the right margin, a block for each row.
func (c *composer) table(section *element, t *Table, x unit) error {
	if t == nil {
		return nil
	}
	if len(t.Columns) == 0 || len(t.Columns) > mostColumns {
		return fmt.Errorf("a table of %d columns: give 1 to %d", len(t.Columns), mostColumns)
	}
	table := section.child("Table", "")
	places := columns(t.Columns, x, leftMargin+textWidth-x)
	headings := make([]Text, len(t.Columns))
	for i, column := range t.Columns {
		headings[i] = column.Heading
	}
	header := c.row(table, "TH", headings, places, labelStyle)
	header.keep, header.before = true, 4*point
	c.add(header)
	for i, cells := range t.Rows {
		if len(cells) > len(t.Columns) {
			return fmt.Errorf("row %d has %d cells for %d columns: leave some out or add columns", i+1, len(cells), len(t.Columns))
		}
		row := c.row(table, "TD", cells, places, bodyStyle)
		row.header = header
		c.add(row)
	}
	return nil
}

// columns shares the width out by weight; what is left of the division goes to the last.
func columns(of []Column, x, width unit) []cell {
	total := 0
	for _, column := range of {
		total += max(column.Weight, 1)
	}
	places := make([]cell, len(of))
	at := x
	for i, column := range of {
		places[i] = cell{x: at, width: width * unit(max(column.Weight, 1)) / unit(total)}
		at += places[i].width
	}
	places[len(places)-1].width += x + width - at
	return places
}

// row is the block of one row: a cell in each place.
func (c *composer) row(table *element, kind string, cells []Text, places []cell, s style) *block {
	tr := table.child("TR", "")
	row := &block{above: padding, below: padding, leading: s.leading(), frame: boxed, whole: true}
	for i, at := range places {
		var t Text
		if i < len(cells) {
			t = cells[i]
		}
		_, lang := t.in(c.lang)
		at.element = tr.child(kind, c.foreign(lang))
		at.lines = c.typesetter.lines([]span{{text: clean(c.value(t)), style: s}}, at.width-2*padding)
		row.cells = append(row.cells, at)
	}
	return row
}
