package bench

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Table is the figures of this server beside goals and peers, as Markdown that
// stands in columns. outcomes are the medians, one for each door.
func Table(spans int64, outcomes []*Outcome) string {
	peers := Peers()
	head := []string{spoken(spans) + " spans"}
	for _, p := range peers {
		head = append(head, p.Name)
	}
	head = append(head, "goal")
	for _, o := range outcomes {
		head = append(head, "Roentgen, "+string(o.Door), "met")
	}
	lines := [][]string{head, nil}
	for _, r := range Rows(spans) {
		lines = append(lines, r.cells(peers, outcomes))
	}
	return layOut(lines)
}

func (r Row) cells(peers []Peer, outcomes []*Outcome) []string {
	cells := []string{r.Title}
	for _, p := range peers {
		cells = append(cells, cellOf(p.Figures, r.Key))
	}
	goal := "–"
	if r.Goal > 0 {
		goal = "≤ " + short(r.Goal)
	}
	cells = append(cells, goal)
	for _, o := range outcomes {
		verdict := "–"
		if met, ok := r.Met(o.Figures); ok {
			verdict = "no"
			if met {
				verdict = "yes"
			}
		}
		cells = append(cells, cellOf(o.Figures, r.Key), verdict)
	}
	return cells
}

// Missed are the rows of which an outcome does not reach the goal.
func Missed(spans int64, outcomes []*Outcome) (titles []string) {
	for _, r := range Rows(spans) {
		for _, o := range outcomes {
			if met, ok := r.Met(o.Figures); ok && !met {
				titles = append(titles, fmt.Sprintf("%s (%s)", r.Title, o.Door))
			}
		}
	}
	return titles
}

func cellOf(f Figures, key string) string {
	x, ok := f.Get(key)
	if !ok {
		return "–"
	}
	return short(x)
}

// short writes a number with three digits that count, and commas.
func short(x float64) string {
	switch {
	case x >= 1000:
		return grouped(int64(x + 0.5))
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", x), ".00")
}

// grouped writes 1,234,567.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// spoken writes 2 million.
func spoken(n int64) string {
	if n >= 1_000_000 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") + " million"
	}
	return grouped(n)
}

// layOut writes lines of cells; a line without cells is the rule below the head.
func layOut(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, width := range widths {
			cell := strings.Repeat("-", width)
			if line != nil {
				cell = line[i] + strings.Repeat(" ", width-utf8.RuneCountInString(line[i]))
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}
