package up

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
)

// maxLine bounds a line of a program, in bytes; a longer one is cut into several.
const maxLine = 64 << 10

// Lines prints what several programs write, whole lines at a time, each behind its program's name. It is safe for
// concurrent use.
type Lines struct {
	out    io.Writer
	colour bool
	width  int
	mu     struct {
		sync.Mutex
		names []string // in order of first appearance, which gives each its colour
	}
}

// NewLines makes Lines that print to out, with colours if asked. width is that of the longest name.
func NewLines(out io.Writer, colour bool, width int) *Lines {
	return &Lines{out: out, colour: colour, width: width}
}

// WantsColour reports whether out is a terminal and NO_COLOR is unset (no-color.org).
func WantsColour(out io.Writer, getenv func(string) string) bool {
	f, ok := out.(*os.File)
	if !ok || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Say prints a line of the supervisor's own.
func (l *Lines) Say(line string) { l.print("up", line) }

// Raw prints text as it is.
func (l *Lines) Raw(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.out, text) // nobody is left to tell
}

func (l *Lines) print(name, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	prefix := fmt.Sprintf("%-*s | ", l.width, name)
	if l.colour {
		prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", l.colourLocked(name), prefix)
	}
	_, _ = io.WriteString(l.out, prefix+line+"\n")
}

// colourLocked gives green, yellow, blue, magenta and cyan in turn: red means trouble.
func (l *Lines) colourLocked(name string) int {
	for i, known := range l.mu.names {
		if known == name {
			return 32 + i%5
		}
	}
	l.mu.names = append(l.mu.names, name)
	return 32 + (len(l.mu.names)-1)%5
}

// Writer returns the writer of one run of a program. It belongs to one goroutine. Close prints an unfinished line.
func (l *Lines) Writer(name string) io.WriteCloser { return &lineWriter{lines: l, name: name} }

type lineWriter struct {
	lines *Lines
	name  string
	rest  []byte // the beginning of a line
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n')
		switch {
		case end >= 0:
			w.lines.print(w.name, string(bytes.TrimRight(w.rest[:end], "\r")))
			w.rest = w.rest[end+1:]
		case len(w.rest) > maxLine:
			w.lines.print(w.name, string(w.rest[:maxLine]))
			w.rest = w.rest[maxLine:]
		default:
			return len(p), nil
		}
	}
}

func (w *lineWriter) Close() error {
	if len(w.rest) > 0 {
		w.lines.print(w.name, string(w.rest))
		w.rest = nil
	}
	return nil
}
