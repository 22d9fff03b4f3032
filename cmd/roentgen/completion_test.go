package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// eachCommand calls do for every command, with its words.
func eachCommand(c *cobra.Command, words string, do func(words string, c *cobra.Command)) {
	do(words, c)
	for _, sub := range c.Commands() {
		eachCommand(sub, words+" "+sub.Name(), do)
	}
}

// Every help text has an example, and every example is a command line of this
// program with flags that there are.
func TestEveryHelpTextHasAnExample(t *testing.T) {
	n := 0
	root := newCommand()
	eachCommand(root, "roentgen", func(words string, c *cobra.Command) {
		n++
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its short text is %q; want a sentence without a full stop", words, c.Short)
		}
		if !strings.Contains(c.Example, "roentgen") {
			t.Errorf("%s: its help has no example", words)
		}
		for line := range strings.Lines(c.Example) {
			checkExample(t, words, line)
		}
	})
	if n < 30 {
		t.Errorf("there are %d commands, and there should be more: the walk is not through all of them", n)
	}
}

// checkExample reads the first command line of ours that a line of an example
// holds, up to a pipe.
func checkExample(t *testing.T, words, line string) {
	_, rest, ours := strings.Cut(line, "roentgen ")
	if !ours || strings.HasPrefix(strings.TrimSpace(line), "aws ") && !strings.Contains(line, "| roentgen ") {
		return
	}
	if before, _, _ := strings.Cut(line, "roentgen "); before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "(") {
		return // a path, or a part of another word
	}
	args, err := shellWords(rest)
	if err != nil {
		args = strings.Fields(rest)
	}
	root := newCommand()
	if len(args) > 0 && args[0] == "agent" {
		args = agentArguments(append([]string{"roentgen"}, args...))
	}
	c, left, err := root.Find(args)
	if err != nil || c == root && !strings.HasPrefix(args[0], "-") {
		t.Errorf("%s: the example %q names no command: %v", words, strings.TrimSpace(line), err)
		return
	}
	flags := map[string]bool{}
	for _, set := range []*pflag.FlagSet{c.Flags(), c.InheritedFlags()} {
		set.VisitAll(func(f *pflag.Flag) { flags["--"+f.Name] = true })
	}
	for _, word := range left {
		name, _, _ := strings.Cut(strings.TrimRight(word, ");"), "=")
		if word == "|" || word == "--" || strings.HasPrefix(word, ">") {
			return
		}
		if strings.HasPrefix(name, "--") && !flags[name] && name != "--help" && name != "--version" {
			t.Errorf("%s: the example %q has the flag %s, which %s has not", words, strings.TrimSpace(line), name, c.Name())
		}
	}
}

func TestShellsAreToldWhatThereIs(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out := runProgram(t, "completion", shell); !strings.Contains(out, "roentgen") || len(out) < 1000 {
			t.Errorf("%s: %d bytes", shell, len(out))
		}
	}
	for _, c := range []struct{ words, want string }{
		{"expo", "export"}, {"trace ", "delete"}, {"config ", "print"}, {"export --format ", "otlp-protobuf"}, {"serve --store ", "memory"},
		{"traces --output ", "table"}, {"doctor --no", "--no-write"},
	} {
		out := runRoot(t, append([]string{cobra.ShellCompRequestCmd}, strings.Split(c.words, " ")...)...)
		if !strings.Contains(out, c.want) {
			t.Errorf("%q is completed with %q, want %s among it", c.words, out, c.want)
		}
	}
}

func TestTheVersionIsSaidInEachWay(t *testing.T) {
	for _, args := range [][]string{{"--version"}, {"version"}, {"agent", "--version"}} {
		if out := runRoot(t, args...); out != versionText()+"\n" {
			t.Errorf("%v says %q", args, out)
		}
	}
}

// runProgram runs the program in a process of its own, to its end.
func runProgram(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), programEnv+"=1")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return string(out)
}

// runRoot runs the whole program's command line in this process.
func runRoot(t *testing.T, args ...string) string {
	t.Helper()
	root := newCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(args)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String()
}
