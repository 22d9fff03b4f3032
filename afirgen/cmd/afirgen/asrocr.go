package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
)

func asrocrCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := service{name: contract.ASROCR}
	cfg := asrocr.Config{Version: version, Now: time.Now}
	cmd := &cobra.Command{
		Use:     "asrocr",
		Short:   "Runs the server that reads photographed letters: POST /ocr",
		Example: `  afirgen asrocr --addr 127.0.0.1:8002 --tesseract /usr/bin/tesseract`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), func(ctx context.Context, b base) (built, error) {
				cfg.Log = b.log
				server := asrocr.New(ctx, cfg)
				return built{routes: server.Routes(), ready: server.Ready, maxBody: asrocr.MaxBody}, nil
			})
		},
	}
	s.flags(cmd, env, "ASR_OCR_PORT", 8002)
	cmd.Flags().StringVar(&cfg.Tesseract, "tesseract", "", "path of the tesseract program; empty looks on the PATH")
	cmd.Flags().IntVar(&cfg.Workers, "workers", 2, "images read at once")
	cmd.Flags().IntVar(&cfg.Queue, "queue", 16, "images that may wait for a worker")
	return cmd
}
