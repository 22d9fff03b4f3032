package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// addCompletion makes the commands completion and help, which cobra would add
// without an example, and says what flags with few values take.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	examples := map[string]string{
		"help":       "  roentgen help serve",
		"completion": "  roentgen completion bash > /etc/bash_completion.d/roentgen",
		"bash":       "  source <(roentgen completion bash)\n  roentgen completion bash > /etc/bash_completion.d/roentgen",
		"zsh":        "  roentgen completion zsh > \"${fpath[1]}/_roentgen\"",
		"fish":       "  roentgen completion fish > ~/.config/fish/completions/roentgen.fish",
		"powershell": "  roentgen completion powershell | Out-String | Invoke-Expression",
	}
	for _, c := range root.Commands() {
		if name := c.Name(); name != "help" && name != "completion" {
			completeFlags(c)
			continue
		}
		for _, c := range append(slices.Clone(c.Commands()), c) {
			c.Example = examples[c.Name()]
		}
	}
}

// completeFlags tells shells the values of flags that have few.
func completeFlags(c *cobra.Command) {
	values := map[string][]string{
		"output": {"table", "json"}, "store": {storeBlock, storeMemory}, "log-level": {"debug", "info", "warn", "error"},
		"kind": {kindServer, kindAgent, kindTriggers}, "upstream": {upstreamAWS},
	}
	for name, words := range values {
		if c.Flags().Lookup(name) != nil {
			c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // fails for a flag that is not there alone
		}
	}
	if c.Flags().Lookup("format") != nil {
		formats := []string{formatXRay, formatOTLP}
		if c.Name() == "export" {
			formats = append(formats, formatOTLPProtobuf)
		}
		c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, sub := range c.Commands() {
		completeFlags(sub)
	}
}
