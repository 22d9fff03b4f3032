package test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// guideBlock is one fenced block of a guide.
type guideBlock struct {
	line int    // of the fence that opens it, from 1
	info string // what stands behind that fence
	lang string // the info's first word
	kind string // run, start, stop, env, once, aws, file, output, figure, xray, hcl, ecs, iam, compose, systemd or from
	keys map[string]string
	text string // between the fences, without the fence's own indentation; every line ends in a line feed
}

// kindsOf are the words that may follow a language; "" stands for none.
var kindsOf = map[string][]string{
	"sh":   {"run", "start", "stop", "env", "once", "aws"},
	"text": {"output", "figure"},
	"xray": {""}, "hcl": {""},
	"json": {"ecs", "iam"}, "yaml": {"compose"}, "ini": {"systemd"},
}

// keysOf are the keys that a kind takes.
var keysOf = map[string][]string{
	"run": {"exit"}, "start": {"name", "ready", "exit"}, "stop": {"name"},
	"file": {"file", "from"}, "from": {"from"},
	"hcl": {"from", "file"}, "ecs": {"from", "file"}, "iam": {"from", "file"}, "compose": {"from", "file"}, "systemd": {"from", "file"},
}

// needs are the keys that a kind cannot do without.
var needs = map[string][]string{"start": {"name", "ready"}, "stop": {"name"}}

var fenceOpens = regexp.MustCompile("^( *)(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")

// parseGuide finds the blocks of a Markdown page. The error names every fence that says nothing, or something unknown.
func parseGuide(page string) (blocks []guideBlock, err error) {
	var open *guideBlock
	var indent, fence string
	n := 0
	for line := range strings.Lines(page) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if open == nil {
			m := fenceOpens.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			indent, fence = m[1], m[2]
			open = &guideBlock{line: n, info: m[3]}
			err = errors.Join(err, open.readInfo())
			continue
		}
		bare := strings.TrimSpace(line)
		if len(bare) >= len(fence) && strings.Trim(bare, fence[:1]) == "" {
			blocks, open = append(blocks, *open), nil
			continue
		}
		open.text += strings.TrimPrefix(line, indent) + "\n"
	}
	if open != nil {
		err = errors.Join(err, fmt.Errorf("line %d: the block is not closed", open.line))
	}
	return blocks, err
}

// readInfo takes "LANG KIND key=value …" apart.
func (b *guideBlock) readInfo() error {
	b.keys = map[string]string{}
	var words []string
	for i, field := range strings.Fields(b.info) {
		key, value, isKey := strings.Cut(field, "=")
		switch {
		case i == 0:
			b.lang = field
		case isKey && value == "":
			return fmt.Errorf("line %d: ```%s: %s has no value", b.line, b.info, key)
		case isKey:
			b.keys[key] = value
		default:
			words = append(words, field)
		}
	}
	if err := b.setKind(words); err != nil {
		return fmt.Errorf("line %d: ```%s: %w", b.line, b.info, err)
	}
	return nil
}

func (b *guideBlock) setKind(words []string) error {
	if len(words) > 1 {
		return fmt.Errorf("one word says what the block is for, not %q", words)
	}
	word := strings.Join(words, "")
	switch {
	case word == "" && b.keys["file"] != "":
		b.kind = "file"
	case slices.Contains(kindsOf[b.lang], word):
		b.kind = word
		if word == "" {
			b.kind = b.lang
		}
	case word == "" && b.keys["from"] != "":
		b.kind = "from"
	default:
		return fmt.Errorf("it does not say what the block is for, so nothing would try it; known are sh %s, text %s, xray, hcl, "+
			"json ecs, json iam, yaml compose, ini systemd, and with any language file=PATH or from=PATH",
			strings.Join(kindsOf["sh"], ", sh "), strings.Join(kindsOf["text"], ", text "))
	}
	for key := range b.keys {
		if !slices.Contains(keysOf[b.kind], key) {
			return fmt.Errorf("%s takes no %s=", b.kind, key)
		}
	}
	for _, key := range needs[b.kind] {
		if b.keys[key] == "" {
			return fmt.Errorf("%s needs %s=", b.kind, key)
		}
	}
	return nil
}
