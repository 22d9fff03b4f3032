package main

import (
	"strings"
	"testing"
)

// TestAWordThatIsNoCommandIsAnError: a script with a slip must not end well.
func TestAWordThatIsNoCommandIsAnError(t *testing.T) {
	for args, want := range map[string]string{
		"sampling nonsense":        `unknown command "nonsense" for "roentgen sampling"; roentgen sampling --help names them all`,
		"sampling simulat":         "did you mean simulate?",
		"store verfiy":             "did you mean verify?",
		"config nonsense --output": `unknown command "nonsense"`,
	} {
		if err := unknownCommand(newCommand(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
	for _, args := range []string{"", "sampling", "sampling --help", "sampling rules", "sampling rules x", "ledger x", "agent x", "help sampling", "nonsense"} {
		if err := unknownCommand(newCommand(), strings.Fields(args)); err != nil {
			t.Errorf("%s: %v: that is cobra's to say", args, err)
		}
	}
}
