package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func rootCommand(getenv func(string) string) *cobra.Command {
	root := &cobra.Command{
		Use:   "afirgen",
		Short: "AFIRGen turns a complaint into the draft of a First Information Report, traced from end to end",
		Long: `AFIRGen is three services: backend takes complaints and keeps reports, gguf runs the models, asrocr reads letters and
hears speech. up starts all three beside a Roentgen server and files six complaints; verify looks whether a deployment
is traced as it should be.

How they are traced is set by the environment: XRAY_ENABLED (true), XRAY_SAMPLING_RATE (0.1),
XRAY_DAEMON_ADDRESS (127.0.0.1:2000), XRAY_SERVICE_NAME, XRAY_CONTEXT_MISSING, XRAY_FORCE_KEY, XRAY_TRUSTED_PEERS.`,
		Example:       "  afirgen up\n  afirgen gguf --addr 127.0.0.1:8001",
		Version:       fmt.Sprintf("%s (commit %s, %s)", version, commit, date),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(backendCommand(getenv), ggufCommand(getenv), asrocrCommand(getenv), upCommand(getenv), overheadCommand(getenv), verifyCommand(getenv),
		localCommand(getenv), healthcheckCommand())
	return root
}
