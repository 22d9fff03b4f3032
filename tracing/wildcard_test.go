package tracing

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAPatternCoversTheWholeTextInAnyCase(t *testing.T) {
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"*", "anything", true}, {"*", "", true}, {"**", "x", true},
		{"/fir/*", "/fir/", true}, {"/fir/*", "/fir", false}, {"/FIR/*/pdf", "/fir/7/PDF", true}, {"/fir/*/pdf", "/fir/7/pdf/x", false},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"a?c", "abbc", false}, {"a?c", "aआc", true}, {"?", "", true},
		{"*.shop.test", "eu.Shop.TEST", true}, {"*.shop.test", "shop.test", false},
		{"*a*b*c", "xxaxbxbxc", true}, {"*a*b*c", "xxaxbxbx", false}, {"GET", "get", true}, {"GET", "gets", false},
		{"", "x", false}, {"", "", true}, {"a*", "*", false}, {`\*`, `\x`, true},
		{"a*a*a*a*a*a*a*a*b", strings.Repeat("a", 4000), false},
	}
	for _, c := range cases {
		if got := newWildcard(c.pattern).matches(c.text); got != c.want {
			t.Errorf("%q against %q is %v", c.pattern, c.text, got)
		}
	}
}

// FuzzWildcard holds the matcher against a regular expression of the same meaning.
func FuzzWildcard(f *testing.F) {
	f.Add("/a*/?b", "/a7/xb")
	f.Add("**?*", "आ")
	f.Add("*ab*abc", "ababcabc")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || text == "" || len(pattern) > 64 {
			return
		}
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
		if strings.ToLower(text) != text || strings.ToLower(pattern) != pattern {
			return // letters that lower twice
		}
		expr := regexp.QuoteMeta(pattern)
		expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
		if strings.Contains(pattern, `\`) {
			return // quoted twice above
		}
		want := regexp.MustCompile(`(?s)^` + expr + `$`).MatchString(text)
		if got := newWildcard(pattern).matches(text); got != want {
			t.Fatalf("%q against %q is %v, want %v", pattern, text, got, want)
		}
	})
}
