package archtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// mark is something that no committed text may hold.
type mark struct {
	pattern *regexp.Regexp
	remedy  string
}

// marks are put together from halves, so that this file does not hold them itself. A path counts only where it
// begins: inside a URL the same words are somebody's route. The function of package context with the name of a marker
// is Go's own, and passes because of the dot before it.
func marks() []mark {
	begins := `(?:^|[^\w./~-])`
	return []mark{
		{regexp.MustCompile(begins + `/wo` + `rk/`),
			"a path of one machine; write the path from the top of the checkout"},
		{regexp.MustCompile(`(?:^|[^.\w])(?:TO` + `DO|FIX` + `ME)\b`),
			"a marker for later; do the work, or leave it out and say so where users read it"},
	}
}

// checkTexts finds lines that speak of one machine or of work put off. Files with a zero byte near their start are
// not text and pass.
func checkTexts(repository fs.FS, _ House, _ []Package) ([]string, error) {
	var found []string
	unwanted := marks()
	err := walk(repository, func(name string) error {
		content, err := fs.ReadFile(repository, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if bytes.IndexByte(content[:min(len(content), 8000)], 0) < 0 {
			found = append(found, judgeText(name, string(content), unwanted)...)
		}
		return nil
	})
	return found, err
}

func judgeText(name, content string, unwanted []mark) []string {
	var found []string
	number := 0
	for line := range strings.Lines(content) {
		number++
		for _, m := range unwanted {
			if hit := m.pattern.FindString(line); hit != "" {
				found = append(found, fmt.Sprintf("%s:%d has %q, %s", name, number, strings.TrimSpace(hit), m.remedy))
			}
		}
	}
	return found
}
