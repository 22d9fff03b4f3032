package tail

import (
	"fmt"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// condition is what a trigger looks for, made ready.
type condition struct {
	kind    conditionKind
	slower  time.Duration
	matcher *filter.Matcher
}

type conditionKind uint8

const (
	onNothing conditionKind = iota
	onError
	onFault
	onThrottle
	onSlower
	onFilter
)

var conditionNames = [...]string{"nothing", "error", "fault", "throttle", "slower", "filter"}

func (k conditionKind) String() string { return conditionNames[k] }

const legalConditions = `"error", "fault", "throttle", "slower than 2s" or "filter: EXPRESSION"`

// filterWord begins a condition that is a filter expression.
const filterWord = "filter:"

// parseCondition reads what stands behind when.
func parseCondition(when string) (condition, error) {
	switch text := strings.TrimSpace(when); text {
	case "error":
		return condition{kind: onError}, nil
	case "fault":
		return condition{kind: onFault}, nil
	case "throttle":
		return condition{kind: onThrottle}, nil
	default:
		if bound, ok := strings.CutPrefix(text, "slower than "); ok {
			return parseSlower(bound)
		}
		if expression, ok := strings.CutPrefix(text, filterWord); ok {
			return parseFilter(expression)
		}
		return condition{}, roentgen.Invalidf("%q is no condition: write %s", clip(when), legalConditions)
	}
}

func parseSlower(bound string) (condition, error) {
	d, err := time.ParseDuration(strings.TrimSpace(bound))
	if err != nil || d <= 0 {
		return condition{}, roentgen.Invalidf("slower than %q: write a duration above zero, such as 500ms, 2s or 1m30s", clip(bound))
	}
	return condition{kind: onSlower, slower: d}, nil
}

func parseFilter(expression string) (condition, error) {
	x, err := filter.ParseGroup(strings.TrimSpace(expression))
	if err != nil {
		return condition{}, fmt.Errorf("filter expression %q: %w", clip(expression), err)
	}
	m, err := x.Matcher(nil)
	if err != nil {
		return condition{}, fmt.Errorf("filter expression %q: %w", clip(expression), err)
	}
	return condition{kind: onFilter, matcher: m}, nil
}

// clip shortens what an error quotes.
func clip(s string) string {
	if len(s) <= 80 {
		return s
	}
	return s[:80] + "…"
}

// look is one segment under the eyes of all triggers: what several of them ask is found out once.
type look struct {
	seg    *roentgen.Segment
	fold   func(*roentgen.Segment) *roentgen.Rows // nil: no expression matches
	folded *roentgen.Rows
	flags  roentgen.Flags
	walked bool
}

func (l *look) matches(c *condition) bool {
	switch c.kind {
	case onError:
		return l.walk().Error
	case onFault:
		return l.walk().Fault
	case onThrottle:
		return l.walk().Throttle
	case onSlower:
		return !l.seg.InProgress && l.seg.End != 0 && l.seg.End.Sub(l.seg.Start) > c.slower
	case onFilter:
		rows := l.rows()
		return rows != nil && c.matcher.Match(rows)
	}
	return false
}

// walk joins the outcomes of the segment and of everything embedded in it.
func (l *look) walk() roentgen.Flags {
	if !l.walked {
		l.walked = true
		joinFlags(&l.flags, l.seg)
	}
	return l.flags
}

// joinFlags is Segment.Walk without a closure: it runs for every document.
func joinFlags(f *roentgen.Flags, s *roentgen.Segment) {
	isError, isThrottle, isFault := s.Failed()
	f.Error, f.Throttle, f.Fault = f.Error || isError, f.Throttle || isThrottle, f.Fault || isFault
	for i := range s.Subsegments {
		joinFlags(f, &s.Subsegments[i])
	}
}

func (l *look) rows() *roentgen.Rows {
	if l.folded == nil && l.fold != nil {
		l.folded = l.fold(l.seg)
	}
	return l.folded
}
