package filter

import (
	"errors"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

func TestTextsWithinTheLimitsParseAndOthersDoNot(t *testing.T) {
	nest := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for _, c := range []struct {
		title  string
		limits Limits
		text   string
		cause  string // empty: it parses
	}{
		{"4096 bytes", Limits{}, "fault" + strings.Repeat(" ", 4091), ""},
		{"4097 bytes", Limits{}, "fault" + strings.Repeat(" ", 4092), "the expression has 4097 bytes, 4096 are allowed"},
		{"64 brackets", Limits{}, nest("(", "fault", ")", 64), ""},
		{"65 brackets", Limits{}, nest("(", "fault", ")", 65), "more than 64 brackets, braces and negations inside each other"},
		{"64 negations", Limits{}, nest("!", "fault", "", 64), ""},
		{"65 negations", Limits{}, nest("NOT ", "fault", "", 65), "more than 64 brackets, braces and negations inside each other"},
		{"63 brackets and braces", Limits{}, nest("(", "service() { fault }", ")", 63), ""},
		{"64 brackets and braces", Limits{}, nest("(", "service() { fault }", ")", 64), "more than 64 brackets, braces and negations inside each other"},
		{"brackets side by side", Limits{}, strings.Repeat("(fault)", 128), ""},
		{"128 conditions and 127 ANDs", Limits{}, strings.Repeat("fault ", 128), ""},
		{"129 conditions and 128 ANDs", Limits{}, strings.Repeat("fault ", 129), "more than 256 conditions and operators"},
		{"a text in four bytes", Limits{MaxBytes: 4}, "last", "last has no meaning outside of braces"},
		{"a text in five bytes", Limits{MaxBytes: 4}, "fault", "the expression has 5 bytes, 4 are allowed"},
		{"one bracket", Limits{MaxDepth: 1}, "(fault)", ""},
		{"two brackets", Limits{MaxDepth: 1}, "((fault))", "more than 1 brackets, braces and negations inside each other"},
		{"one condition", Limits{MaxTerms: 1}, "fault", ""},
		{"two conditions", Limits{MaxTerms: 1}, "fault error", "more than 1 conditions and operators"},
		{"a tower of brackets", Limits{MaxBytes: 1 << 20}, nest("(", "fault", ")", 1<<18), "more than 64 brackets, braces and negations inside each other"},
	} {
		t.Run(c.title, func(t *testing.T) {
			_, err := c.limits.Parse(c.text)
			var e *Error
			switch {
			case c.cause == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.cause != "" && (!errors.As(err, &e) || e.Cause != c.cause):
				t.Errorf("got %v, want %s", err, c.cause)
			case c.cause != "":
				checkError(t, c.text, err)
			}
		})
	}
}

func TestGroupsAreFollowedSixtyFourDeep(t *testing.T) {
	chain := func(depth int) (Groups, *Expr) {
		names := strings.Repeat("x", depth)
		next := func(n int) *Expr {
			if n == 0 {
				return &Expr{&Has{Operand: Operand{Keyword: KeywordFault}}}
			}
			return &Expr{&Group{Value: names[:n]}}
		}
		return func(_ GroupField, name string) (*Expr, bool) { return next(len(name) - 1), true }, next(depth)
	}
	groups, e := chain(64)
	if m, err := e.Matcher(groups); err != nil || m.String() != "fault" {
		t.Errorf("64 deep: %v, %v", m, err)
	}
	groups, e = chain(65)
	if _, err := e.Matcher(groups); err == nil || !strings.Contains(err.Error(), "more than 64 deep") {
		t.Errorf("65 deep: %v", err)
	}
}

func TestWhereThereAreNoGroupsNamingOneIsAnError(t *testing.T) {
	e, err := Parse(`fault OR group.name = "g"`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Matcher(nil)
	if err == nil || roentgen.KindOf(err) != roentgen.Invalid || !strings.Contains(err.Error(), `groups are not known here, so not "g" either at position 9`) {
		t.Errorf("%v", err)
	}
}

func TestAnEntitySelectorHasFiveHundredCharacters(t *testing.T) {
	selector := func(n int) string { return `service("` + strings.Repeat("ä", n-11) + `")` }
	if _, err := ParseEntitySelector(selector(500)); err != nil {
		t.Error(err)
	}
	if _, err := ParseEntitySelector(selector(501)); err == nil || !strings.Contains(err.Error(), "501 characters") {
		t.Errorf("501 characters: %v", err)
	}
}
