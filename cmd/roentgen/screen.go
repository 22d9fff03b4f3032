package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// screen is where a tool writes to: a terminal, or a file or pipe.
type screen struct {
	w     io.Writer
	json  bool // not for people
	color bool
	width int // columns
}

// narrowest is the width below which lines are broken by the terminal rather
// than cut by us; usualWidth is that of a terminal that does not say.
const (
	narrowest  = 60
	usualWidth = 120
)

// newScreen looks at where the output goes, at --output, at NO_COLOR (any
// value turns colours off) and COLUMNS.
func newScreen(c *cobra.Command, w around) (*screen, error) {
	s := &screen{w: c.OutOrStdout(), width: usualWidth}
	columns := 0
	if f, ok := s.w.(*os.File); ok {
		columns = terminalWidth(f)
	}
	terminal := columns > 0
	s.json = !terminal
	s.color = terminal && w.getenv("NO_COLOR") == "" && w.getenv("TERM") != "dumb"
	if n, err := strconv.Atoi(w.getenv("COLUMNS")); err == nil && n > 0 {
		columns = n
	}
	if columns > 0 {
		s.width = max(columns, narrowest)
	}
	switch form, _ := c.Flags().GetString("output"); form {
	case "":
	case "table", "json":
		s.json = form == "json"
	default:
		return nil, fmt.Errorf("--output %s: not table or json", form)
	}
	return s, nil
}

// writeJSON writes the answer for other programs.
func (s *screen) writeJSON(v any) error {
	e := json.NewEncoder(s.w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// ink is a colour, as a terminal wants it.
type ink string

// The inks. Red, amber and purple mean fault, error and throttle, never by
// colour alone.
const (
	plain   ink = ""
	bold    ink = "1"
	faint   ink = "2"
	faults  ink = "31"
	errs    ink = "33"
	throttl ink = "35"
	links   ink = "36"
)

// paint colours a text, where colours are wanted.
func (s *screen) paint(i ink, text string) string {
	if !s.color || i == plain || text == "" {
		return text
	}
	return "\x1b[" + string(i) + "m" + text + "\x1b[0m"
}

// cut shortens a text to so many columns, and makes one line of it without
// control characters, which could do anything to a terminal.
func cut(text string, columns int) string {
	text = harmless(text)
	if columnsOf(text) <= columns {
		return text
	}
	if columns < 1 {
		return ""
	}
	first, _ := firstColumns(text, columns-1)
	return first + "…"
}

// wrapped breaks a text into lines of so many columns, between words where
// there are any, and cuts it behind so many lines.
func wrapped(text string, columns, most int) []string {
	var lines []string
	columns = max(columns, 10)
	rest := strings.Join(strings.Fields(harmless(text)), " ")
	for columnsOf(rest) > columns && len(lines) < most-1 {
		line, after := firstColumns(rest, columns)
		if at := strings.LastIndexByte(rest[:len(line)+1], ' '); at >= 0 && columnsOf(rest[:at]) >= columns/2 {
			line, after = rest[:at], rest[at:]
		}
		lines = append(lines, line)
		rest = strings.TrimPrefix(after, " ")
	}
	if rest == "" {
		return lines
	}
	return append(lines, cut(rest, columns))
}

// harmless replaces what moves the cursor or colours.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
}

func pad(text string, columns int) string {
	return text + blanks(columns-columnsOf(text))
}

func padLeft(text string, columns int) string {
	return blanks(columns-columnsOf(text)) + text
}
