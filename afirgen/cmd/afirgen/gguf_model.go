package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/ggml"
)

// ggufModelCommand is the process of one model file. The model server starts it and speaks to it through its standard
// input and output; nobody else does, so it is hidden.
func ggufModelCommand() *cobra.Command {
	var m modelSettings
	cmd := &cobra.Command{
		Use:    "model",
		Short:  "Computes one model file for the model server",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			// Its life is the server's to end: by closing its input, or by force.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			return child.Serve(os.Stdin, os.Stdout, func() (child.Engine, child.Info, error) {
				return ggml.Load(ggml.Config{
					File: m.file, Framing: m.framing, Context: m.context, Threads: m.threads, Workers: m.workers,
				})
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&m.file, "file", "", "the GGUF file")
	f.StringVar(&m.framing, "framing", "", "what stands around a prompt; empty is what the file asks for")
	f.IntVar(&m.context, "context", 4096, "tokens of a prompt and its completion together")
	f.IntVar(&m.threads, "threads", 1, "threads that compute")
	f.IntVar(&m.workers, "workers", 1, "inferences at once")
	return cmd
}
