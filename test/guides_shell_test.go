package test

import (
	"errors"
	"slices"
	"strings"
)

// shellCommands takes a script apart into its simple commands, as far as the blocks that are only looked at may go:
// words, quotes, continued lines, comments, |, &&, ||, ; and redirections. Assignments before a command are left out.
func shellCommands(text string) (commands [][]string, err error) {
	r := &shellReader{rest: strings.ReplaceAll(text, "\\\n", " ")}
	for r.rest != "" {
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	r.endCommand()
	return r.commands, nil
}

type shellReader struct {
	rest     string
	word     strings.Builder
	inWord   bool
	skip     bool // the next word is a redirection's
	command  []string
	commands [][]string
}

// next reads one piece: a character, a quoted text, an operator.
func (r *shellReader) next() error {
	c := r.rest[0]
	switch {
	case c == ' ' || c == '\t':
		r.endWord()
	case c == '\n' || c == ';' || c == '|' || c == '&':
		r.endCommand()
	case c == '#' && !r.inWord:
		end := strings.IndexByte(r.rest+"\n", '\n')
		r.rest = r.rest[min(end, len(r.rest)):]
		return nil
	case strings.HasPrefix(r.rest, "<<"):
		return errors.New("a here-document cannot be looked at; show the file with file=PATH")
	case c == '>' || c == '<':
		if r.inWord && strings.Trim(r.word.String(), "0123456789") == "" {
			r.word.Reset() // the 2 of 2>
			r.inWord = false
		}
		r.endWord()
		r.rest = strings.TrimLeft(r.rest, "<>&")
		r.skip = true
		return nil
	case c == '\'' || c == '"':
		return r.quoted(c)
	case strings.HasPrefix(r.rest, "$("):
		return r.substitution()
	case c == '\\' && len(r.rest) > 1:
		r.add(r.rest[1:2])
		r.rest = r.rest[2:]
		return nil
	default:
		r.add(r.rest[:1])
	}
	r.rest = r.rest[1:]
	return nil
}

func (r *shellReader) add(s string) {
	r.word.WriteString(s)
	r.inWord = true
}

func (r *shellReader) quoted(quote byte) error {
	end := 1
	for end < len(r.rest) && r.rest[end] != quote {
		if quote == '"' && r.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(r.rest) {
		return errors.New("a quote is not closed")
	}
	r.add(strings.ReplaceAll(r.rest[1:end], `\"`, `"`))
	r.rest = r.rest[end+1:]
	return nil
}

// substitution takes "$(…)" as it stands into the word.
func (r *shellReader) substitution() error {
	depth := 0
	for i, c := range r.rest {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.add(r.rest[:i+1])
				r.rest = r.rest[i+1:]
				return nil
			}
		}
	}
	return errors.New("a $( is not closed")
}

func (r *shellReader) endWord() {
	if r.inWord && !r.skip {
		r.command = append(r.command, r.word.String())
	}
	if r.inWord {
		r.skip = false
	}
	r.word.Reset()
	r.inWord = false
}

func (r *shellReader) endCommand() {
	r.endWord()
	r.skip = false
	isAssignment := func(word string) bool { return assignment.MatchString(word) }
	for len(r.command) > 0 && (isAssignment(r.command[0]) || slices.Contains([]string{"sudo", "exec", "time"}, r.command[0])) {
		r.command = r.command[1:]
	}
	if len(r.command) > 0 {
		r.commands = append(r.commands, r.command)
	}
	r.command = nil
}
