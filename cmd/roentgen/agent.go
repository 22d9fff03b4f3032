package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newAgentCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "agent",
		Short: "Run the agent: in the place of the X-Ray daemon, beside an application",
		Long: `Run the agent. It takes the flags, the configuration file and the environment
of the AWS X-Ray daemon and does its work: segments over UDP and sampling over
TCP, on port 2000, sent on to AWS X-Ray. With --upstream it sends to a Roentgen
server instead, and to the same server all other agents tell which traces they
keep.

It also holds the segments of requests that were not sampled, until one of them
fails or is slow (--triggers), and then sends the trace after all, whole. What
waits survives a kill and an outage in the directory --state.

Every flag can stand in the environment (ROENTGEN_AGENT_ and its name in upper
case, _ for -); the token for a Roentgen server also in ROENTGEN_TOKEN. Flags
win over the environment, that over the file, that over AWS's own variables.

Called by the name xray, the program is this command.`,
		Example: `  roentgen agent --bind 0.0.0.0:2000 --bind-tcp 0.0.0.0:2000 --local-mode --region ap-south-1
  roentgen agent --upstream https://roentgen.example.in --token-file token --state /var/lib/roentgen-agent
  roentgen agent health`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := loadAgentConfig(c.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return profiled(cfg.profile(os.Getenv), func() error { return runAgent(c.Context(), cfg, c.OutOrStdout(), c.ErrOrStderr()) })
		},
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; roentgen agent --help names them all", err)
	})
	c.Version = versionText()
	c.Flags().BoolP("version", "v", false, "say which version this is")
	addAgentFlags(c.Flags())
	c.SetVersionTemplate("{{.Version}}\n")
	c.AddCommand(newAgentHealthCommand(w))
	return c
}

// agentArguments turns a command line of the X-Ray daemon into one of ours:
// the daemon's name stands for the command, and its long flags may have one
// dash.
func agentArguments(args []string) []string {
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	rest := args[1:]
	switch {
	case name == "xray" || name == "xray-daemon":
		if len(rest) > 0 && (rest[0] == "agent" || rest[0] == "health") {
			rest = rest[min(1, len(rest)-1):]
		}
		if len(rest) > 0 && rest[0] == "health" {
			return append([]string{"agent"}, rest...)
		}
		return append([]string{"agent"}, twoDashes(rest)...)
	case len(rest) > 0 && rest[0] == "agent":
		return append([]string{"agent"}, twoDashes(rest[1:])...)
	}
	return rest
}

// twoDashes gives the daemon's long flags their second dash.
func twoDashes(args []string) []string {
	long := pflag.NewFlagSet("", pflag.ContinueOnError)
	addAgentFlags(long)
	long.Bool("version", false, "")
	long.Bool("help", false, "")
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		if name, _, _ := strings.Cut(arg, "="); len(name) > 2 && name[0] == '-' && name[1] != '-' && long.Lookup(name[1:]) != nil {
			out[i] = "-" + arg
		}
	}
	return out
}
