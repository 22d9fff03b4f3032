package cut_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/gguf/cut"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACompletionIsCutBeforeItsFirstStopString(t *testing.T) {
	for _, c := range []struct {
		title   string
		pieces  []string
		stops   []string
		want    string
		stopped bool
	}{
		{"no stop", []string{"One", " two"}, nil, "One two", false},
		{"in one piece", []string{"One STOP two"}, []string{"STOP"}, "One", true},
		{"over three pieces", []string{"One S", "TO", "P two"}, []string{"STOP"}, "One", true},
		{"a beginning that goes on otherwise", []string{"One S", "TO", "RM"}, []string{"STOP"}, "One STORM", false},
		{"a beginning at the end", []string{"One ST"}, []string{"STOP"}, "One ST", false},
		{"the earlier of two", []string{"a\nb END"}, []string{"END", "\n"}, "a", true},
		{"a line feed before the answer", []string{"\n", " YES", "\n", "more"}, []string{"\n"}, "YES", true},
		{"half a character", []string{"\xe0\xa4", "\x9a\xe0", "\xa5\x8b"}, nil, "चो", false},
		{"what is no character", []string{"a\xff", "b\xe0"}, nil, "a\uFFFDb\uFFFD", false},
		{"white space around", []string{" \n a ", " b", "  \n"}, nil, "a  b", false},
		{"an empty stop string", []string{"a"}, []string{""}, "a", false},
	} {
		cutter, shown, stopped := cut.New(c.stops), "", false
		for _, piece := range c.pieces {
			text, end := cutter.Write(piece)
			shown, stopped = shown+text, stopped || end
		}
		shown += cutter.Close()
		if shown != c.want || stopped != c.stopped || cutter.Text() != shown {
			t.Errorf("%s: %q, stopped %t, want %q, %t", c.title, shown, stopped, c.want, c.stopped)
		}
	}
}

// However a text is cut into pieces, the same comes out.
func FuzzPieces(f *testing.F) {
	f.Add("One STOP two", "STOP", 3)
	f.Add(" चोरी\n हुई", "\n", 1)
	f.Fuzz(func(t *testing.T, text, stop string, size int) {
		whole, pieces := cut.New([]string{stop}), cut.New([]string{stop})
		whole.Write(text)
		whole.Close()
		size = max(1, size%7)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			pieces.Write(rest[:n])
			rest = rest[n:]
		}
		pieces.Close()
		if whole.Text() != pieces.Text() {
			t.Errorf("%q in one piece, %q in pieces of %d", whole.Text(), pieces.Text(), size)
		}
		if !utf8.ValidString(whole.Text()) {
			t.Errorf("%q is no UTF-8", whole.Text())
		}
		if stop != "" && utf8.ValidString(stop) && strings.TrimSpace(stop) != "" && utf8.ValidString(text) && strings.Contains(whole.Text(), stop) {
			t.Errorf("%q holds the stop string %q", whole.Text(), stop)
		}
	})
}
