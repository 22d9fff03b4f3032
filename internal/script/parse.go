package script

import (
	"fmt"
	"strings"
)

// block is a command, or lines between commands.
type block struct {
	text    string // as it stands in the file, without what is expected
	command *Command
}

// parse cuts a script into blocks. An error names the line.
func parse(content string) ([]block, error) {
	p := parser{}
	for line := range strings.Lines(content) {
		p.line++
		line = strings.TrimRight(line, "\r\n")
		if err := p.add(line+"\n", line); err != nil {
			return nil, fmt.Errorf("line %d: %w", p.line, err)
		}
	}
	return p.blocks, nil
}

type parser struct {
	blocks []block
	line   int
	title  string
}

func (p *parser) add(raw, line string) error {
	rest, expected := strings.CutPrefix(line, "expect ")
	switch {
	case line == "" || line[0] == '#':
		p.title = strings.TrimSpace(strings.TrimPrefix(line, "#"))
		p.blocks = append(p.blocks, block{text: raw})
	case expected:
		return p.expect(rest)
	case line[0] == '\t':
		return p.body(raw, line[1:])
	default:
		p.command(raw, line)
	}
	return nil
}

func (p *parser) command(raw, line string) {
	name, argument, _ := strings.Cut(line, " ")
	p.blocks = append(p.blocks, block{raw, &Command{Name: name, Argument: argument, Title: p.title, Line: p.line}})
}

// last is the command that a line belongs to, nil where there is none directly above.
func (p *parser) last() *block {
	if len(p.blocks) == 0 || p.blocks[len(p.blocks)-1].command == nil {
		return nil
	}
	return &p.blocks[len(p.blocks)-1]
}

func (p *parser) body(raw, line string) error {
	b := p.last()
	if b == nil || len(b.command.Expect) > 0 {
		return fmt.Errorf("an indented line that belongs to no command: %q", line)
	}
	b.text += raw
	b.command.Body = append(b.command.Body, line)
	return nil
}

func (p *parser) expect(line string) error {
	b := p.last()
	if b == nil {
		return fmt.Errorf("nothing was said that could be expected: %q", line)
	}
	b.command.Expect = append(b.command.Expect, line)
	return nil
}
