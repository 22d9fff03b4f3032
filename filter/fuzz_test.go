package filter

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// seedExpressions adds every filter of the scripts.
func seedExpressions(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("found %d scripts: %v", len(files), err)
	}
	for _, file := range files {
		script, err := os.Open(file)
		if err != nil {
			f.Fatal(err)
		}
		defer script.Close()
		for lines := bufio.NewScanner(script); lines.Scan(); {
			switch command, filter, _ := strings.Cut(lines.Text(), " "); command {
			case "filter", "normal", "plan", "needs", "selector":
				f.Add(filter, uint64(len(filter)))
			}
		}
	}
}

// FuzzParse feeds texts of strangers: an error points into the text; an expression has a normal form that is one of
// itself, and means the same however it is evaluated.
func FuzzParse(f *testing.F) {
	seedExpressions(f)
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if _, err := ParseEntitySelector(text); err != nil {
			checkKind(t, err)
		}
		e, err := Parse(text)
		if err != nil {
			checkError(t, text, err)
			return
		}
		if err := Check(e.Root()); err != nil {
			t.Errorf("%q was parsed and is not sound: %v", text, err)
		}
		checkSpans(t, e.Root(), Span{0, len(text)})
		if _, err := e.Matcher(someGroups); err == nil {
			checkMeaning(t, e, newRandom(seed))
		}
	})
}

func checkKind(t *testing.T, err error) {
	t.Helper()
	if roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("an error that does not blame the caller: %v", err)
	}
}

func checkError(t *testing.T, text string, err error) {
	t.Helper()
	checkKind(t, err)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: an error of type %T", text, err)
	}
	lines := strings.Split(text, "\n")
	if e.From < 0 || e.To < e.From || e.To > len(text) || e.Cause == "" ||
		e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > len(lines[e.Line-1])+1 {
		t.Errorf("%q: the error is at %d-%d, line %d, column %d: %v", text, e.From, e.To, e.Line, e.Column, err)
	}
}

// checkSpans holds the range of each term to be one, within that of the term around it.
func checkSpans(t *testing.T, term Term, around Span) {
	t.Helper()
	at := term.span()
	if at.From < around.From || at.To > around.To || at.From > at.To {
		t.Errorf("a %T at %v in something at %v", term, at, around)
	}
	switch term := term.(type) {
	case *And:
		for _, inner := range term.Terms {
			checkSpans(t, inner, at)
		}
	case *Or:
		for _, inner := range term.Terms {
			checkSpans(t, inner, at)
		}
	case *Not:
		checkSpans(t, term.Term, at)
	}
	if body := bodyOf(term); body != nil {
		checkSpans(t, body, at)
	}
}
