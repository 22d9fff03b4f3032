// Package script runs tests that are written in the language of the room they test.
//
// A script is a text file. A line that begins with # is a title or a remark, and empty lines separate. Every other
// line is a command: its name, a space and its argument; lines below it that are indented by a tab belong to it.
// What the room says to a command stands in "expect" lines below it. Run compares them with what the room says now,
// or writes them anew. A command for which the room has nothing to say has no such lines.
//
//	load shop
//		segment web 2s status=200
//	# Slow answers of the root.
//	filter responsetime > 1
//	expect match shop
//
// It owns no commands and touches no file but the scripts.
package script

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Command is one command of a script.
type Command struct {
	Name     string
	Argument string   // the rest of the line
	Body     []string // the indented lines below it, without the tab
	Title    string   // the remark directly above; empty: none
	Line     int      // of the name, from 1
	Expect   []string // what the script says the room says
}

// Room says what comes of a command, line by line, none of them empty. A script has one Room, which hears its commands
// in order. The error is for a command that makes no sense; it ends the script.
type Room func(Command) ([]string, error)

// Run runs each script that the pattern finds, as a subtest, in a Room of its own. With rewrite it puts what the rooms
// say into the scripts.
func Run(t *testing.T, pattern string, rewrite bool, open func() Room) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("finding scripts %s: %d found: %v", pattern, len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { runFile(t, file, rewrite, open()) })
	}
}

func runFile(t *testing.T, file string, rewrite bool, room Room) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	anew, differences, err := play(string(content), room)
	if err != nil {
		t.Fatalf("running %s: %v", file, err)
	}
	if rewrite {
		if err := os.WriteFile(file, []byte(anew), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, d := range differences {
		t.Errorf("%s:%s", file, d)
	}
}

// play runs one script. It returns the script as it would be written anew, and a sentence for every command of which
// the room says something else than is expected, beginning with its line.
func play(content string, room Room) (anew string, differences []string, err error) {
	blocks, err := parse(content)
	if err != nil {
		return "", nil, err
	}
	var out strings.Builder
	for _, b := range blocks {
		out.WriteString(b.text)
		if b.command == nil {
			continue
		}
		said, err := room(*b.command)
		if err != nil {
			return "", nil, fmt.Errorf("line %d: %s: %w", b.command.Line, b.command.Name, err)
		}
		if !slices.Equal(said, b.command.Expect) {
			differences = append(differences, b.command.difference(said))
		}
		for _, line := range said {
			out.WriteString("expect " + line + "\n")
		}
	}
	return out.String(), differences, nil
}

func (c *Command) difference(said []string) string {
	return fmt.Sprintf("%d: %s\n%s %s\nsays\n\t%s\nexpected\n\t%s", c.Line, c.Title, c.Name, c.Argument,
		strings.Join(said, "\n\t"), strings.Join(c.Expect, "\n\t"))
}
