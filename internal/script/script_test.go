package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a room that remembers words and says them.
func echo() Room {
	var kept []string
	return func(c Command) ([]string, error) {
		switch c.Name {
		case "keep":
			kept = append(kept, c.Body...)
			return nil, nil
		case "say":
			return append([]string{strings.TrimSpace(c.Title + " " + c.Argument)}, kept...), nil
		}
		return nil, errors.New("no such command")
	}
}

const sound = `# A remark.

keep
	one
	two
# Title
say a  b
expect Title a  b
expect one
expect two

say
expect one
expect two
`

func TestAScriptThatHoldsIsWrittenAnewAsItIs(t *testing.T) {
	text := strings.Replace(sound, "say\nexpect", "say\nexpect \nexpect", 1)
	anew, differences, err := play(text, echo())
	if err != nil || len(differences) > 0 || anew != text {
		t.Errorf("differences %q, error %v, anew:\n%s", differences, err, anew)
	}
}

func TestADifferenceIsToldWithItsLineAndWrittenAnew(t *testing.T) {
	for _, c := range []struct{ title, from, to string }{
		{"another word is expected", "expect two\n\n", "expect three\n\n"},
		{"a line is not expected", "expect one\nexpect two\n\n", "expect one\n\n"},
		{"a line is expected that is not said", "expect two\n\n", "expect two\nexpect two\n\n"},
		{"nothing is expected", "expect Title a  b\nexpect one\nexpect two\n\n", "\n"},
	} {
		t.Run(c.title, func(t *testing.T) {
			right := strings.Replace(sound, "say\nexpect", "say\nexpect \nexpect", 1)
			spoilt := strings.Replace(right, c.from, c.to, 1)
			anew, differences, err := play(spoilt, echo())
			if err != nil || len(differences) != 1 || !strings.HasPrefix(differences[0], "7: Title\n") {
				t.Errorf("differences %q, error %v", differences, err)
			}
			if c.to != "\n" && anew != right {
				t.Errorf("anew:\n%s", anew)
			}
		})
	}
}

func TestWhatIsNoScriptIsRefusedWithItsLine(t *testing.T) {
	for text, line := range map[string]string{
		"\tbody":                       "line 1: an indented line",
		"keep\n\tone\n\n\ttwo":         "line 4: an indented line",
		"expect x":                     "line 1: nothing was said",
		"say\n# remark\nexpect x":      "line 3: nothing was said",
		"say\nexpect x\n\tbody":        "line 3: an indented line",
		"keep\n\tone\nfly to the moon": "line 3: fly: no such command",
	} {
		if _, _, err := play(text, echo()); err == nil || !strings.HasPrefix(err.Error(), line) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRunReadsAndRewritesFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte("say hello\nexpect something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	Run(t, file, true, echo)
	Run(t, file, false, echo)
	if got, err := os.ReadFile(file); err != nil || string(got) != "say hello\nexpect hello\n" {
		t.Errorf("%q %v", got, err)
	}
}

func TestEachScriptHasARoomOfItsOwn(t *testing.T) {
	dir, rooms := t.TempDir(), []string{}
	for i := range 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(fmt.Sprintf("keep\n\t%d\nsay\nexpect \nexpect %d\n", i, i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Run(t, filepath.Join(dir, "*"), false, func() Room { rooms = append(rooms, ""); return echo() })
	if !slices.Equal(rooms, make([]string, 3)) {
		t.Errorf("%d rooms for 3 scripts", len(rooms))
	}
}
