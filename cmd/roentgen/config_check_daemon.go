package main

import (
	"cmp"
	"errors"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// checkDaemonFile reads a file of the X-Ray daemon as roentgen agent does, and
// goes on after each mistake.
func checkDaemonFile(root *yaml.Node) (found []mistake) {
	var leaves []daemonLeaf
	if err := flatten("", root, &leaves); err != nil {
		found = append(found, lined(err.Error()))
	}
	if err := checkDaemonVersion(leaves); err != nil {
		m := lined(err.Error())
		m.line = max(1, m.line)
		found = append(found, m)
	}
	flags := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	addAgentFlags(flags)
	c := agentConfig{Concurrency: 8, LogRotation: true}
	lines := map[string]int{}
	for _, leaf := range leaves {
		if first := lines[leaf.key]; first > 0 {
			found = append(found, mistake{leaf.line, leaf.key, "stands there twice: leave one out"})
			continue
		}
		lines[leaf.key] = leaf.line
		if err := c.takeLeaf(leaf, flags); err != nil {
			found = append(found, mistake{leaf.line, leaf.key, wrongLeaf(leaf, flags, err)})
		}
	}
	names := map[string]string{}
	for key, to := range daemonKeys() { // errors of the whole speak of flags
		if line := lines[key]; line > 0 && to.flag != "" {
			lines[to.flag], names[to.flag] = line, key
		}
	}
	c.read(flags)
	for _, m := range c.mistakes(lines) {
		m.key = cmp.Or(names[m.key], m.key)
		found = append(found, m)
	}
	return found
}

// wrongLeaf says what is wrong with a value, and what is right.
func wrongLeaf(leaf daemonLeaf, flags *pflag.FlagSet, err error) string {
	key, known := daemonKeys()[leaf.key]
	switch {
	case !known && formerKeys[leaf.key] == "":
		return "there is no such key" + meant(leaf.key, daemonKeyNames()) + "; the keys are " + strings.Join(daemonKeyNames(), ", ")
	case known && key.flag != "":
		flag := flags.Lookup(key.flag)
		flag.Value.Set(flag.DefValue)
		return `"` + leaf.value + `" is not ` + legalValue(flag)
	}
	return err.Error()
}

// mistakes are all that is wrong with the whole, each once.
func (c agentConfig) mistakes(lines map[string]int) (found []mistake) {
	seen := map[string]bool{}
	eachError(errors.Join(c.check(), c.checkUpstream(), c.checkDoors()), func(err error) {
		if !seen[err.Error()] {
			seen[err.Error()] = true
			found = append(found, placed(err, lines))
		}
	})
	return found
}
