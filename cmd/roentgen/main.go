// Command roentgen is the program: the server, its agent, and the tools
// around them. main reads flags; run.go wires the rooms by hand and is the
// only place that sees a door and a store together.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Set by the linker; see the Makefile.
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, args := newCommand(), agentArguments(os.Args)
	root.SetArgs(args)
	err := unknownCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "roentgen:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "roentgen",
		Short: "Distributed tracing that speaks AWS X-Ray",
		Example: `  roentgen serve
  roentgen doctor
  roentgen traces 'error OR fault' --since 24h`,
		Version:       versionText(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	w := around{time.Now, os.Getenv}
	root.AddCommand(newServeCommand(), newAgentCommand(w), newTracesCommand(w), newTraceCommand(w), newMapCommand(w), newSamplingCommand(w), newLedgerCommand(w), newStoreCommand(w), newBackupCommand(w), newRestoreCommand(), newBenchCommand(w), newVersionCommand(), newConfigCommand(w), newCostCommand(w), newExportCommand(w), newImportCommand(w), newDoctorCommand(w))
	addCompletion(root)
	return root
}
