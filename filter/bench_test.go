package filter

import (
	"github.com/roentgen/roentgen"

	"fmt"
	"strings"
	"testing"
)

// benchmark is an expression and the trace that it is decided about.
type benchmark struct {
	filter string
	trace  func() []string
}

var benchmarks = map[string]benchmark{
	"root":       {`responsetime > 5 AND !error`, smallTrace},
	"annotation": {`annotation.model_name = "summariser" AND annotation.endpoint = "/process"`, smallTrace},
	"service":    {`service("afirgen-main-backend") { error OR fault }`, smallTrace},
	"edge":       {`edge("afirgen-main-backend", "afirgen-gguf-server") { responsetime > 1 }`, smallTrace},
	"all-of-200": {`service("orders") { fault AND http.url CONTAINS "/none/" } OR user = "nobody"`, largeTrace},
}

func smallTrace() []string {
	return []string{
		`segment afirgen-main-backend 6s status=200 method=POST url="http://localhost:8000/process" annotation.endpoint="/process"`,
		`segment afirgen-gguf-server 5s status=200 annotation.model_name="summariser" annotation.endpoint="/inference"`,
		`segment afirgen-asr-ocr-server 500ms status=200 annotation.endpoint="/extract"`,
		`call afirgen-main-backend afirgen-gguf-server 5s status=200`,
		`call afirgen-main-backend afirgen-asr-ocr-server 500ms status=200`,
	}
}

// largeTrace has 200 segments of one service, each with a fault, so that all of them are looked at.
func largeTrace() []string {
	lines := []string{"segment web 3s"}
	for i := range 200 {
		lines = append(lines, fmt.Sprintf(`segment orders 10ms status=500 user=u%d url="http://orders/%d"`, i%20, i))
	}
	return lines
}

func (b benchmark) load(t testing.TB) (*Matcher, *roentgen.Rows) {
	t.Helper()
	rows, err := load(b.trace())
	if err != nil {
		t.Fatal(err)
	}
	m, err := parsed(t, b.filter).Matcher(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m, rows
}

func BenchmarkMatch(b *testing.B) {
	for name, bench := range benchmarks {
		b.Run(name, func(b *testing.B) {
			m, rows := bench.load(b)
			b.ReportAllocs()
			for b.Loop() {
				m.Match(rows)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	texts := map[string]string{
		"long":    strings.TrimSuffix(strings.Repeat(`annotation.key = "value" OR `, 100), " OR "),
		"garbage": strings.Repeat("x", 4096),
	}
	for name, bench := range benchmarks {
		texts[name] = bench.filter
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if e, err := Parse(text); (err == nil) != (e != nil) {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatcher(b *testing.B) {
	e := parsed(b, benchmarks["all-of-200"].filter)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Matcher(nil); err != nil {
			b.Fatal(err)
		}
	}
}
