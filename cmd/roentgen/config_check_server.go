package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/tail"
)

// checkServerFile reads a file as roentgen serve does, and goes on after each
// mistake.
func checkServerFile(root *yaml.Node) (found []mistake) {
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addFlags(flags)
	lines := map[string]int{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if first, twice := lines[key.Value]; twice {
			found = append(found, mistake{key.Line, key.Value, fmt.Sprintf("stands in line %d already: leave one out", first)})
			continue
		}
		lines[key.Value] = key.Line
		if text := setFromNode(flags, key.Value, value); text != "" {
			found = append(found, mistake{key.Line, key.Value, text})
		}
	}
	c, err := loadConfig("", flags, nil)
	eachError(err, func(err error) { found = append(found, placed(err, lines)) })
	return append(found, checkNamedFiles(c, lines)...)
}

// setFromNode gives a flag the value of a key, and says what is wrong with it.
func setFromNode(flags *pflag.FlagSet, key string, value *yaml.Node) string {
	flag := flags.Lookup(key)
	if flag == nil {
		return "there is no such key" + meant(key, flagNames(flags)) + "; roentgen serve --help lists them"
	}
	text, wrong := nodeText(value, flag.Value.Type() == "stringSlice")
	if wrong != "" {
		return wrong
	}
	if err := flags.Set(key, text); err != nil {
		flag.Value.Set(flag.DefValue) // a number would be 0 now, and that a mistake too
		return fmt.Sprintf("%q is not %s", text, legalValue(flag))
	}
	return ""
}

// nodeText is a value as a flag takes it.
func nodeText(value *yaml.Node, list bool) (text, wrong string) {
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
		return "", "has no value: leave the key out for the default"
	case value.Kind == yaml.ScalarNode && value.Tag != "!!float":
		return value.Value, ""
	case value.Kind == yaml.ScalarNode: // 1e9 is a whole number too
		var v any
		if err := value.Decode(&v); err != nil {
			return "", err.Error()
		}
		return fmt.Sprint(v), ""
	case value.Kind == yaml.SequenceNode && list:
		var words []string
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				return "", "is not a list of words"
			}
			words = append(words, item.Value)
		}
		return strings.Join(words, ","), ""
	case list:
		return "", "is neither a word nor a list of words"
	}
	return "", "is not a single value: keys of the server's file have no keys below them"
}

// legalValue says what a flag takes.
func legalValue(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number, like " + flag.DefValue
	case "duration":
		return "a duration, like 90s, 20m or 168h (default " + flag.DefValue + ")"
	}
	return "legal: " + flag.Usage
}

func flagNames(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

func meant(key string, words []string) string {
	if near := nearest(key, words); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

var namedFlag = regexp.MustCompile(`--([a-z][a-z-]*[a-z])`)

// placed finds the line that an error is about: of the flags that it names,
// the first that stands in the file.
func placed(err error, lines map[string]int) mistake {
	for _, m := range namedFlag.FindAllStringSubmatch(err.Error(), -1) {
		if line := lines[m[1]]; line > 0 {
			text := strings.TrimPrefix(err.Error(), "--"+m[1]+" ")
			return mistake{line, m[1], text}
		}
	}
	return mistake{text: err.Error()}
}

// checkNamedFiles reads the files that a configuration names.
func checkNamedFiles(c config, lines map[string]int) (found []mistake) {
	add := func(key string, err error) {
		eachError(err, func(err error) { found = append(found, mistake{lines[key], key, err.Error()}) })
	}
	if c.Triggers != "" {
		text, err := os.ReadFile(c.Triggers)
		add("triggers", err)
		for _, m := range checkTriggersFile(text, err) {
			add("triggers", errors.New(m.at(c.Triggers)))
		}
	}
	if c.AuthFile != "" {
		_, err := access.OpenKeyring(c.AuthFile, tokensOf(c.AuthFile, os.LookupEnv))
		add("auth-file", err)
	}
	if c.TLSCert != "" && c.TLSKey != "" {
		_, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		add("tls-cert", err)
	}
	if !slices.Contains([]string{"", "debug", "info", "warn", "error"}, c.LogLevel) {
		add("log-level", errors.New("is not debug, info, warn or error"))
	}
	if !slices.Contains([]string{"", "text", "json"}, c.LogFormat) {
		add("log-format", errors.New("is not text or json"))
	}
	return found
}

// checkTriggersFile reads a triggers file as server and agent do, if it could
// be read.
func checkTriggersFile(text []byte, unread error) (found []mistake) {
	if unread != nil {
		return nil
	}
	_, err := tail.ParseTriggers(text)
	eachError(err, func(err error) {
		m := lined(err.Error())
		m.text += meantTrigger(m.text)
		found = append(found, m)
	})
	return found
}

var strangeKey = regexp.MustCompile(`has no key "([^"]*)": there are (.*)$`)

func meantTrigger(text string) string {
	m := strangeKey.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return meant(m[1], strings.Split(m[2], ", "))
}
