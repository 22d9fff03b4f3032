package verify

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Result is what the eight checks found.
type Result struct {
	Backend string  `json:"backend"`
	Checks  []Check `json:"checks"`
}

// Check is the outcome of one check.
type Check struct {
	Title      string    `json:"title"`
	Passed     bool      `json:"passed"`
	Assertions int       `json:"assertions"`
	Failures   []Finding `json:"failures,omitempty"`
	More       int       `json:"more_failures,omitempty"` // that are not listed
	Notes      []string  `json:"notes,omitempty"`
	Seconds    float64   `json:"seconds"`
}

// Passed reports whether every check has.
func (r Result) Passed() bool {
	for _, c := range r.Checks {
		if !c.Passed {
			return false
		}
	}
	return len(r.Checks) > 0
}

// Print writes the result for people: a line per check, and beneath it what it found wrong.
func (r Result) Print(w io.Writer) error {
	var b strings.Builder
	passed := 0
	for _, c := range r.Checks {
		mark := "✗"
		if c.Passed {
			mark = "✓"
			passed++
		}
		fmt.Fprintf(&b, "%s %s  (%d assertions, %.1f s)\n", mark, c.Title, c.Assertions, c.Seconds)
		for _, failure := range c.Failures {
			fmt.Fprintf(&b, "    %s\n", failure)
		}
		if c.More > 0 {
			fmt.Fprintf(&b, "    and %d more\n", c.More)
		}
		for _, note := range c.Notes {
			fmt.Fprintf(&b, "    note: %s\n", note)
		}
	}
	fmt.Fprintf(&b, "%d of %d checks passed\n", passed, len(r.Checks))
	_, err := io.WriteString(w, b.String())
	return err
}

// PrintJSON writes the result for machines.
func (r Result) PrintJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Passed bool `json:"passed"`
		Result
	}{r.Passed(), r})
}
