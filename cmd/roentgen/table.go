package main

import (
	"fmt"
	"strings"
	"time"
)

// table lays cells out in columns, each as wide as its widest cell.
type table struct {
	columns []column
	rows    [][]cell
	notes   map[int]cell // a line below a row, by its index
}

type column struct {
	title string
	right bool // numbers
	least int  // columns that stay when the line is too long; 0: it is never cut
}

type cell struct {
	text string
	ink  ink
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// note puts a line below the row that was added last; an empty one does not
// stand.
func (t *table) note(text string, ink ink) {
	if text == "" {
		return
	}
	if t.notes == nil {
		t.notes = map[int]cell{}
	}
	t.notes[len(t.rows)-1] = cell{text, ink}
}

// print writes titles, rows and notes. What does not fit is taken from the columns
// that may be cut, the widest first.
func (t *table) print(s *screen) {
	widths := t.widths(s.width)
	titles := make([]cell, len(t.columns))
	for i, c := range t.columns {
		titles[i] = cell{c.title, faint}
	}
	t.printRow(s, widths, titles)
	for i, row := range t.rows {
		t.printRow(s, widths, row)
		if n := t.notes[i]; n.text != "" {
			fmt.Fprintln(s.w, "  "+s.paint(n.ink, cut(n.text, s.width-2)))
		}
	}
}

const gap = 2 // columns between two cells

func (t *table) widths(all int) []int {
	widths := make([]int, len(t.columns))
	total := gap * (len(t.columns) - 1)
	for i, c := range t.columns {
		widths[i] = columnsOf(c.title)
		for _, row := range t.rows {
			widths[i] = max(widths[i], columnsOf(harmless(row[i].text)))
		}
		total += widths[i]
	}
	for ; total > all; total-- {
		widest := -1
		for i, c := range t.columns {
			if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

func (t *table) printRow(s *screen, widths []int, row []cell) {
	var b strings.Builder
	blank := 0 // columns of space that are owed
	for i, c := range row {
		text := cut(c.text, widths[i])
		space := widths[i] - columnsOf(text)
		if t.columns[i].right {
			blank, space = blank+space, 0
		}
		if text != "" {
			b.WriteString(blanks(blank) + s.paint(c.ink, text))
			blank = 0
		}
		blank += space + gap
	}
	fmt.Fprintln(s.w, b.String())
}

// spokenSeconds writes a duration in seconds as people read it, with two or three
// digits that count.
func spokenSeconds(sec float64) string {
	d := time.Duration(sec * float64(time.Second))
	switch {
	case d < 0:
		return "-" + spokenSeconds(-sec)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= 100*time.Second:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", sec)
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", sec)
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", sec*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", sec*1e3)
	case d >= time.Microsecond:
		return fmt.Sprintf("%.0f µs", sec*1e6)
	}
	return "0 ms"
}
