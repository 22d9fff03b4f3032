package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf"
)

func ggufCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := service{name: contract.GGUF}
	cfg := gguf.Config{Version: version, Now: time.Now}
	cmd := &cobra.Command{
		Use:     "gguf",
		Short:   "Runs the model server: POST /inference",
		Example: `  afirgen gguf --addr 127.0.0.1:8001 --workers 4`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), func(_ context.Context, b base) (built, error) {
				cfg.Log = b.log
				server := gguf.New(cfg)
				return built{routes: server.Routes(), ready: server.Ready, maxBody: gguf.MaxBody}, nil
			})
		},
	}
	s.flags(cmd, env, "MODEL_SERVER_PORT", 8001)
	cmd.Flags().StringVar(&cfg.ModelDir, "model-dir", env.text("MODEL_DIR", ""), "directory of model files; this build says what it finds and uses none (MODEL_DIR)")
	cmd.Flags().IntVar(&cfg.Workers, "workers", 2, "inferences at once")
	cmd.Flags().IntVar(&cfg.Queue, "queue", 32, "inferences that may wait for a worker")
	return cmd
}
