package kb

import (
	"strings"
	"testing"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(Files()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	base := builtinBase(b)
	list := readComplaints(b, "testdata/tuned.txt")
	for _, lang := range [...]string{"en", "hi", "ro"} {
		var texts []string
		for _, c := range list {
			if c.lang == lang {
				texts = append(texts, c.text)
			}
		}
		b.Run(lang, func(b *testing.B) {
			n := 0
			for b.Loop() {
				base.Search(Query{Text: texts[n%len(texts)]})
				n++
			}
		})
	}
	b.Run("one word ten thousand times", func(b *testing.B) {
		text := strings.Repeat("car ", 10_000)
		for b.Loop() {
			base.Search(Query{Text: text})
		}
	})
	b.Run("50000 characters", func(b *testing.B) {
		var text strings.Builder
		for text.Len() < 50_000 {
			for _, c := range list {
				if c.lang == "en" {
					text.WriteString(c.text + "\n\n")
				}
			}
		}
		for b.Loop() {
			base.Search(Query{Text: text.String()[:50_000]})
		}
	})
}
