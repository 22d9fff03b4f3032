package kb

import (
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	l := newLanguage()
	for _, c := range []struct {
		text string
		want float64
	}{
		{"20,000", 20000}, {"1,50,000", 150000}, {"५००", 500}, {"7.20", 7.2}, {"11:40", 11.4}, {"5 lakh", 500000},
		{"fifty thousand", 50000}, {"पच्चीस हज़ार", 25000}, {"पाँच सौ", 500}, {"पांच", 5}, {"two crore", 2e7}, {"1.5 लाख", 150000},
	} {
		list, _ := l.tokens(c.text)
		if len(list) != 1 || !list[0].counts || list[0].number != c.want {
			t.Errorf("%q gave %+v, want one token that counts %v", c.text, list, c.want)
		}
	}
	if list, _ := l.tokens("usne do lakh rupaye liye hain aur mera phone bhi"); list[1].word != "do" {
		t.Errorf("the word do is no numeral in either language's list, but gave %+v", list[1])
	}
	if list, _ := l.tokens("teen boys"); list[0].counts {
		t.Error("the English word teen counts three")
	}
}

func TestEveryNumeralReads(t *testing.T) {
	for _, list := range [...]string{numeralList, multiplierList} {
		for _, v := range [...]map[string]float64{valuesOf(list).always, valuesOf(list).roman} {
			for word, n := range v {
				if n <= 0 {
					t.Errorf("%q reads as %v", word, n)
				}
			}
		}
	}
}

func TestSentences(t *testing.T) {
	l := newLanguage()
	for _, c := range []struct {
		text string
		want int
	}{
		{"He came. He took Rs. 5,000 at 7.30 p.m. from me. I cried!", 3},
		{"वह आया। उसने मारा॥ मैं भागा", 3},
		{"one\ntwo\n\nthree", 2},
		{strings.Repeat("word ", 250), 3},
	} {
		list, _ := l.tokens(c.text)
		if got := list[len(list)-1].sentence + 1; got != c.want {
			t.Errorf("%.40q has %d sentences, want %d", c.text, got, c.want)
		}
	}
}

func TestFormsOfAWordMeet(t *testing.T) {
	l := newLanguage()
	for _, c := range []struct {
		script Script
		words  string
	}{
		{English, "snatch snatches snatched snatching"}, {English, "rob robs robbed robbing"}, {English, "steal stole stolen stealing steals"},
		{English, "kill kills killed killing"}, {English, "injury injuries"}, {English, "harass harassed harassing"},
		{Devanagari, "मारा मारी मारे मारना मारकर मारने"}, {Devanagari, "छीना छीनी छीन छीनकर"}, {Devanagari, "चुराया चुराकर चुराई चुराए"},
		{Devanagari, "बाज़ार बाजार"}, {Devanagari, "हिन्दी हिंदी"}, {Devanagari, "पाँच पांच"}, {Devanagari, "गयी गई"},
		{Romanised, "maara mara maari mare maarna"}, {Romanised, "chheena chhina"}, {Romanised, "zameen jameen jamin"}, {Romanised, "dukaan dukan"},
	} {
		words := strings.Fields(c.words)
		for _, w := range words[1:] {
			if l.stem(w, c.script) != l.stem(words[0], c.script) {
				t.Errorf("%s and %s don't meet: %v, %v", words[0], w, l.stem(words[0], c.script), l.stem(w, c.script))
			}
		}
	}
	for _, c := range []struct {
		script Script
		a, b   string
	}{{English, "theft", "thief"}, {Devanagari, "पति", "पता"}, {Devanagari, "गला", "गली"}, {English, "string", "str"}} {
		if l.stem(c.a, c.script) == l.stem(c.b, c.script) {
			t.Errorf("%s and %s meet", c.a, c.b)
		}
	}
}
