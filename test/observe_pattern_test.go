package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// logPattern is a filter pattern of CloudWatch Logs over JSON, { … }, as far as deploy/ uses the language: comparisons of
// $.member with a quoted string or a number, && and ||, and parentheses. Whatever else stands there is an error.
//
//	pattern    = "{" either "}"
//	either     = both { "||" both }
//	both       = one { "&&" one }
//	one        = "(" either ")" | "$." name operator value
type logPattern func(line map[string]any) bool

var patternWord = regexp.MustCompile(`^\s*(\$\.[A-Za-z_][A-Za-z_0-9]*|"[^"*]*"|-?[0-9]+(?:\.[0-9]+)?|&&|\|\||!=|<=|>=|[=<>(){}])`)

// parseLogPattern reads a pattern.
func parseLogPattern(text string) (logPattern, error) {
	p := &patternParser{rest: text}
	p.next()
	p.take("{")
	either := p.either()
	p.take("}")
	if p.err == nil && strings.TrimSpace(p.word+p.rest) != "" {
		p.err = fmt.Errorf("%q follows the pattern", p.word+p.rest)
	}
	if p.err != nil {
		return nil, fmt.Errorf("reading the pattern %s: %w", text, p.err)
	}
	return either, nil
}

type patternParser struct {
	word, rest string
	err        error
}

func (p *patternParser) next() {
	m := patternWord.FindStringSubmatch(p.rest)
	if m == nil {
		p.word = ""
		if s := strings.TrimSpace(p.rest); s != "" && p.err == nil {
			p.err = fmt.Errorf("%q is not of the language", s)
		}
		return
	}
	p.word, p.rest = m[1], p.rest[len(m[0]):]
}

func (p *patternParser) take(word string) string {
	got := p.word
	if word != "" && got != word && p.err == nil {
		p.err = fmt.Errorf("%q stands where %q is wanted", got, word)
	}
	p.next()
	return got
}

func (p *patternParser) either() logPattern {
	choices := []logPattern{p.both()}
	for p.err == nil && p.word == "||" {
		p.next()
		choices = append(choices, p.both())
	}
	return func(line map[string]any) bool {
		for _, one := range choices {
			if one(line) {
				return true
			}
		}
		return false
	}
}

func (p *patternParser) both() logPattern {
	all := []logPattern{p.one()}
	for p.err == nil && p.word == "&&" {
		p.next()
		all = append(all, p.one())
	}
	return func(line map[string]any) bool {
		for _, one := range all {
			if !one(line) {
				return false
			}
		}
		return true
	}
}

func (p *patternParser) one() logPattern {
	if p.word == "(" {
		p.next()
		inner := p.either()
		p.take(")")
		return inner
	}
	name, isMember := strings.CutPrefix(p.take(""), "$.")
	operator, value := p.take(""), p.take("")
	if p.err == nil && !isMember {
		p.err = fmt.Errorf("%q is no member", name)
	}
	if text, quoted := strings.CutPrefix(value, `"`); quoted {
		return p.compareText(name, operator, strings.TrimSuffix(text, `"`))
	}
	return p.compareNumber(name, operator, value)
}

func (p *patternParser) compareText(name, operator, want string) logPattern {
	if p.err == nil && operator != "=" && operator != "!=" {
		p.err = fmt.Errorf("strings have no %q", operator)
	}
	return func(line map[string]any) bool {
		got, ok := line[name].(string)
		return ok && (got == want) == (operator == "=")
	}
}

func (p *patternParser) compareNumber(name, operator, value string) logPattern {
	want, err := strconv.ParseFloat(value, 64)
	if p.err == nil {
		p.err = err
	}
	return func(line map[string]any) bool {
		got, ok := line[name].(float64)
		return ok && map[string]bool{
			"=": got == want, "!=": got != want, "<": got < want, "<=": got <= want, ">": got > want, ">=": got >= want,
		}[operator]
	}
}

// logLines reads what a service wrote, a JSON object in each line.
func logLines(t *testing.T, text string) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("this line is no JSON: %v: %s", err, line)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestLogPatternsAreReadAsCloudWatchReadsThem(t *testing.T) {
	line := map[string]any{"msg": "request", "status": 503.0, "endpoint": "/inference"}
	for pattern, want := range map[string]bool{
		`{ $.msg = "request" }`:                                           true,
		`{ $.msg != "request" }`:                                          false,
		`{ $.status >= 500 }`:                                             true,
		`{ ($.status >= 400) && ($.status < 500) }`:                       false,
		`{ ($.msg = "x") || ($.endpoint = "/inference") }`:                true,
		`{ ($.msg = "request") && (($.status = 1) || ($.status = 503)) }`: true,
		`{ $.status = "503" }`:                                            false, // a number is no string
		`{ $.other = "x" }`:                                               false,
		`{ $.other != "x" }`:                                              false, // CloudWatch compares nothing with nothing
	} {
		p, err := parseLogPattern(pattern)
		if err != nil {
			t.Error(err)
		} else if got := p(line); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
	}
	for _, bad := range []string{
		``, `request`, `{ $.msg }`, `{ msg = "x" }`, `{ $.msg = request }`, `{ $.status > "5" }`, `{ $.a = 1 && }`, `{ ($.a = 1 }`, `{ $.a = 1 } x`, `{ $.a ~ 1 }`,
	} {
		if _, err := parseLogPattern(bad); err == nil {
			t.Errorf("%q is read as a pattern", bad)
		}
	}
}
