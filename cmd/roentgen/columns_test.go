package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestColumnsAreThoseOfTheTerminal(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, // one letter, or a letter and a mark
		"हिन्दी": 5,                                              // ह ि न ् द ी: the virama takes no space, the two vowel signs do
		"कुछ":    2,                                              // the vowel sign stands below its letter
		"शिकायत": 6, "日本語": 6, "한국어": 6, "\u1112\u1161\u11ab": 2, // the last is one syllable in three letters
		"🚀": 2, "…": 1, "█▒├└│─": 6, "a\u200bb": 2, "ﬀ": 1, "ｆ": 2, "𠀀": 2,
	} {
		if got := columnsOf(text); got != want {
			t.Errorf("%q: %d columns, want %d", text, got, want)
		}
	}
}

func TestTextsAreCutBetweenLetters(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"日本語", 1, "…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"}, {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"कुछ कुछ", 4, "कुछ …"}, {"काका", 3, "का…"}, {"काका", 2, "क…"},
	} {
		if got := cut(c.text, c.columns); got != c.want || columnsOf(got) > c.columns {
			t.Errorf("%q in %d columns: %q of %d, want %q", c.text, c.columns, got, columnsOf(got), c.want)
		}
	}
	for text, want := range map[string][]string{
		"शिकायत दर्ज नहीं हुई":             {"शिकायत दर्ज", "नहीं हुई"},
		"日本語日本語日本語":                        {"日本語日本語", "日本語"},
		"a" + strings.Repeat("\u093e", 15): {"a" + strings.Repeat("\u093e", 11), strings.Repeat("\u093e", 4)},
	} {
		if got := wrapped(text, 12, 3); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The second cells of all rows begin in one column, in whatever script the
// first ones are.
func TestTablesLineUpInEveryScript(t *testing.T) {
	var b bytes.Buffer
	rows := table{columns: []column{{title: "SERVICE", least: 12}, {title: "N", right: true}, {title: "X"}}}
	for _, name := range []string{"backend", "शिकायत-हिन्दी", "日本語サービス", "cafe\u0301", "🚀 launch", strings.Repeat("長", 40)} {
		rows.add(cell{text: name}, cell{text: "10"}, cell{text: "|"})
	}
	rows.print(&screen{w: &b, width: 40})
	for line := range strings.Lines(b.String()) {
		before, _, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		if ok && columnsOf(before) != 39 {
			t.Errorf("the last cell begins in column %d: %q", columnsOf(before), line)
		}
	}
	if got := marked(`user = "日本" AND error = 5`, 12, 15); !strings.HasSuffix(got, "\n  "+strings.Repeat(" ", 14)+"^^^") {
		t.Errorf("%q", got)
	}
}
