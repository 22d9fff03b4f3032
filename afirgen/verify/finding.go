package verify

import (
	"fmt"
	"slices"
	"strings"
)

// maxFindings bounds what one check reports; the rest is counted.
const maxFindings = 50

// Finding is one assertion that failed.
type Finding struct {
	Where string `json:"where"` // a trace and its (sub)segment, or a request
	What  string `json:"what"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

// String writes the finding on one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: want %s, got %s", f.Where, f.What, f.Want, f.Got)
}

// findings gathers what one check finds wrong, and counts what it looked at. Its owner is the check's goroutine.
type findings struct {
	list       []Finding
	more       int // beyond maxFindings
	assertions int
	notes      []string
}

// want asserts.
func (f *findings) want(ok bool, where, what, want string, got any) bool {
	f.assertions++
	if ok {
		return true
	}
	if len(f.list) >= maxFindings {
		f.more++
		return false
	}
	f.list = append(f.list, Finding{where, what, want, shown(got)})
	return false
}

// equal asserts that two values are the same.
func equal[T comparable](f *findings, where, what string, want, got T) bool {
	return f.want(want == got, where, what, shown(want), got)
}

// fail records what cannot be expressed as a comparison: that there was nothing to look at.
func (f *findings) fail(where, what string, err error) {
	f.want(false, where, what, "success", err)
}

// note says something that the reader of a passed check should know.
func (f *findings) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(f.notes, text) {
		f.notes = append(f.notes, text)
	}
}

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("%q", v)
	case error:
		return v.Error()
	case []string:
		if len(v) == 0 {
			return "nothing"
		}
		return strings.Join(v, ", ")
	case float64, bool, int, int64:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%v", v)
}
