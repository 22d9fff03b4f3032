package tail

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/roentgen/roentgen"
)

// The bounds of a triggers file.
const (
	maxTriggersFile = 1 << 20 // bytes
	maxTriggers     = 64
	maxCapture      = 1000
)

// ParseTriggers reads the YAML of a triggers file; docs/triggers.md describes it. The error, of kind Invalid, has a
// line for each mistake, which names line, key and what is legal.
func ParseTriggers(text []byte) (Triggers, error) {
	if len(text) > maxTriggersFile {
		return Triggers{}, roentgen.Invalidf("the file has %d bytes, %d are allowed", len(text), maxTriggersFile)
	}
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return Triggers{}, roentgen.Invalidf("line 1: the file is empty: write at least %q", "version: 1")
	} else if err != nil {
		return Triggers{}, roentgen.Invalidf("no YAML: %w", err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return Triggers{}, roentgen.Invalidf("line %d: the file has more than one document", more.Line)
	}
	return parseTriggersFile(doc.Content[0])
}

func parseTriggersFile(root *yaml.Node) (Triggers, error) {
	ts := DefaultTriggers()
	version := false
	err := eachKey(root, "the file", map[string]func(key string, value *yaml.Node) error{
		"version": func(key string, n *yaml.Node) error {
			if version = n.Value == "1"; !version {
				return wrong(n, key, "is %q: this program knows version 1", clip(n.Value))
			}
			return nil
		},
		"triggers":  func(key string, n *yaml.Node) (err error) { ts.Triggers, err = parseList(n, key); return err },
		"capture":   func(key string, n *yaml.Node) (err error) { ts.Capture, err = parseNames(n, key); return err },
		"otlp_rate": func(key string, n *yaml.Node) (err error) { ts.OTLPRate, err = parseNumber(n, key, 0, 1); return err },
		"told": func(key string, n *yaml.Node) (err error) {
			ts.ToldQuota, ts.ToldBurst, err = parseTold(n, key)
			return err
		},
	})
	if err == nil && !version {
		err = wrong(root, "version", "is missing: write %q", "version: 1")
	}
	if err != nil {
		return Triggers{}, err
	}
	return ts, nil
}

// wrong says what is wrong at a place of the file.
func wrong(n *yaml.Node, key, format string, args ...any) error {
	return roentgen.Invalidf("line %d: %s "+format, append([]any{n.Line, key}, args...)...)
}

// eachKey hands each value of a mapping to the function of its key, and returns all mistakes.
func eachKey(n *yaml.Node, where string, keys map[string]func(key string, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n, where, "must be keys with values: %s", list(keys))
	}
	seen := map[string]bool{}
	var all []error
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		parse, known := keys[key.Value]
		switch {
		case !known:
			all = append(all, wrong(key, where, "has no key %q: there are %s", clip(key.Value), list(keys)))
		case seen[key.Value]:
			all = append(all, wrong(key, key.Value, "stands there twice"))
		case value.Kind == yaml.AliasNode:
			all = append(all, wrong(value, key.Value, "is an alias: write it out"))
		default:
			all = append(all, parse(key.Value, value))
		}
		seen[key.Value] = true
	}
	return errors.Join(all...)
}

func list(keys map[string]func(string, *yaml.Node) error) string {
	var names []string
	for k := range keys {
		names = append(names, k)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func parseList(n *yaml.Node, key string) ([]Trigger, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, wrong(n, key, "must be a list of triggers, each with name and when")
	}
	if len(n.Content) > maxTriggers {
		return nil, wrong(n, key, "has %d triggers, %d are allowed", len(n.Content), maxTriggers)
	}
	triggers := []Trigger{}
	var all []error
	for _, item := range n.Content {
		t, err := parseTrigger(item)
		if err != nil {
			all = append(all, err)
			continue
		}
		if slices.ContainsFunc(triggers, func(o Trigger) bool { return o.Name == t.Name }) {
			all = append(all, wrong(item, "name", "%q is given twice", t.Name))
		}
		triggers = append(triggers, t)
	}
	return triggers, errors.Join(all...)
}

func parseTrigger(n *yaml.Node) (t Trigger, err error) {
	t.Quota = DefaultQuota
	named := map[string]bool{}
	err = eachKey(n, "a trigger", map[string]func(string, *yaml.Node) error{
		"name":  func(key string, n *yaml.Node) (err error) { t.Name, err = parseName(n, key); return err },
		"when":  func(key string, n *yaml.Node) (err error) { t.When, t.condition, err = parseWhen(n, key); return err },
		"quota": func(key string, n *yaml.Node) (err error) { t.Quota, err = parseQuota(n, key); return err },
		"burst": func(key string, n *yaml.Node) (err error) {
			named[key] = true
			t.Burst, err = parseNumber(n, key, 1, 1e9)
			return err
		},
	})
	switch {
	case err != nil:
		return t, err
	case t.When == "":
		return t, wrong(n, "when", "is missing: write %s", legalConditions)
	case t.Name == "":
		return t, wrong(n, "name", "is missing: it stands in the reason of every trace that the trigger keeps")
	}
	if !named["burst"] {
		t.Burst = burstOf(t.Quota)
	}
	return t, nil
}

// burstOf is the burst where none is given: what the quota gives in a second, and at least one trace. A quota of 0 keeps
// nothing, and the trigger only counts.
func burstOf(quota float64) float64 {
	if quota == 0 {
		return 0
	}
	return max(1, math.Ceil(quota))
}

func parseTold(n *yaml.Node, key string) (quota, burst float64, err error) {
	quota, burst = DefaultQuota, 0
	err = eachKey(n, key, map[string]func(string, *yaml.Node) error{
		"quota": func(key string, n *yaml.Node) (err error) { quota, err = parseQuota(n, key); return err },
		"burst": func(key string, n *yaml.Node) (err error) { burst, err = parseNumber(n, key, 1, 1e9); return err },
	})
	if burst == 0 {
		burst = burstOf(quota)
	}
	return quota, burst, err
}

var triggerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func parseName(n *yaml.Node, key string) (string, error) {
	switch name := n.Value; {
	case n.Kind != yaml.ScalarNode || len(name) > MaxReason || !triggerName.MatchString(name):
		return "", wrong(n, key, "%q: write up to %d letters, digits, dots, dashes and underscores", clip(name), MaxReason)
	case name == ToldTrigger || name == HeadReason:
		return "", wrong(n, key, "%q is a reason of the tail's own: choose another", name)
	default:
		return name, nil
	}
}

func parseWhen(n *yaml.Node, key string) (string, condition, error) {
	if n.Kind != yaml.ScalarNode {
		return "", condition{}, wrong(n, key, "must be %s, in quotes where it holds a colon", legalConditions)
	}
	c, err := parseCondition(n.Value)
	if err != nil {
		return "", c, wrong(n, key, "is wrong: %w", err)
	}
	return n.Value, c, nil
}

// parseQuota reads traces per time: 100/s, 10/m, 1/h.
func parseQuota(n *yaml.Node, key string) (float64, error) {
	number, unit, _ := strings.Cut(n.Value, "/")
	seconds := map[string]float64{"s": 1, "m": 60, "h": 3600}[strings.TrimSpace(unit)]
	q, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if n.Kind != yaml.ScalarNode || err != nil || seconds == 0 || !(q >= 0 && q <= 1e9) {
		return 0, wrong(n, key, "is %q: write traces per second, minute or hour, such as 100/s, 10/m or 1/h", clip(n.Value))
	}
	return q / seconds, nil
}

func parseNumber(n *yaml.Node, key string, least, most float64) (float64, error) {
	f, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || !(f >= least && f <= most) {
		return 0, wrong(n, key, "is %q: write a number from %g to %g", clip(n.Value), least, most)
	}
	return f, nil
}

func parseNames(n *yaml.Node, key string) ([]string, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) > maxCapture {
		return nil, wrong(n, key, "must be a list of names of sampling rules, at most %d", maxCapture)
	}
	var names []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Value == "" {
			return nil, wrong(item, key, "must be names of sampling rules")
		}
		names = append(names, item.Value)
	}
	return names, nil
}
