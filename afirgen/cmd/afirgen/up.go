package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/up"
)

func upCommand(getenv func(string) string) *cobra.Command {
	cfg := up.Config{Now: time.Now, After: time.After}
	var given up.Addresses
	var portBase int
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Starts a Roentgen server and the three services, files six complaints and keeps running",
		Long: `Starts a Roentgen server and the three services, files six complaints (two written, a photographed, a spoken one, one that
is refused, one that meets a fault), prints their traces and keeps running until Ctrl-C. Programs that die are started
again. With --full it also starts MariaDB, a local S3, a local Secrets Manager and a load balancer, and the backend uses
them as it would on AWS.

The keys of this run (API_KEY and FIR_AUTH_KEY, unless they are set, and XRAY_FORCE_KEY) are made up at the start. XRAY_SAMPLING_RATE and the
other variables of tracing are passed on; names and daemon addresses are not.`,
		Example: "  afirgen up\n  afirgen up --port-base 9000 --once",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if cfg.Addresses, err = addresses(given, portBase); err != nil {
				return err
			}
			if err := programs(&cfg); err != nil {
				return err
			}
			cfg.Environ, cfg.Out = os.Environ(), cmd.OutOrStdout()
			cfg.Colour = up.WantsColour(cfg.Out, getenv)
			return up.Run(cmd.Context(), cfg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Data, "data", ".data", "directory of everything that is kept")
	f.StringVar(&cfg.Roentgen, "roentgen", "", "path of the roentgen program; empty takes the one beside this program")
	f.StringArrayVar(&cfg.RoentgenFlags, "roentgen-flag", nil, "one more `flag` for roentgen serve, as --name=value; may be repeated")
	f.StringVar(&cfg.LogFormat, "log-format", "text", "form of the services' log lines: json or text")
	f.BoolVar(&cfg.Full, "full", false, "also MariaDB, a local S3, a local Secrets Manager and a load balancer")
	f.BoolVar(&cfg.Once, "once", false, "stop when the complaints are shown; the exit code says whether that worked")
	f.IntVar(&portBase, "port-base", -1, "nine ports from here on instead of the usual ones; 0 takes free ones, -1 the usual ones")
	usual := up.DefaultAddresses()
	f.StringVar(&given.Backend, "addr-backend", "", "address of the backend (usually "+usual.Backend+"; port 0 takes a free one, here and below)")
	f.StringVar(&given.GGUF, "addr-gguf", "", "address of the model server (usually "+usual.GGUF+")")
	f.StringVar(&given.ASROCR, "addr-asr-ocr", "", "address of the asr-ocr server (usually "+usual.ASROCR+")")
	f.StringVar(&given.Roentgen, "addr-roentgen", "", "address of the Roentgen server (usually "+usual.Roentgen+")")
	f.StringVar(&given.Daemon, "addr-daemon", "", "address of the agent inside it, UDP and TCP (usually "+usual.Daemon+")")
	f.StringVar(&given.Balancer, "addr-balancer", "", "address of the load balancer of --full (usually "+usual.Balancer+")")
	f.StringVar(&given.Buckets, "addr-s3", "", "address of the local S3 of --full (usually "+usual.Buckets+")")
	f.StringVar(&given.Secrets, "addr-secrets", "", "address of the local Secrets Manager of --full (usually "+usual.Secrets+")")
	f.StringVar(&given.Database, "addr-database", "", "address of MariaDB of --full (usually "+usual.Database+")")
	return cmd
}

// addresses puts the given addresses over the usual ones, or over those from --port-base on.
func addresses(given up.Addresses, base int) (up.Addresses, error) {
	a := up.DefaultAddresses()
	if base < -1 || base > 65535-up.Ports+1 {
		return a, fmt.Errorf("reading --port-base %d: it must be between -1 and %d", base, 65535-up.Ports+1)
	}
	if base >= 0 {
		a = up.AddressesFrom(base)
	}
	for _, pair := range []struct{ to, from *string }{
		{&a.Backend, &given.Backend}, {&a.GGUF, &given.GGUF}, {&a.ASROCR, &given.ASROCR},
		{&a.Roentgen, &given.Roentgen}, {&a.Daemon, &given.Daemon},
		{&a.Balancer, &given.Balancer}, {&a.Buckets, &given.Buckets}, {&a.Secrets, &given.Secrets}, {&a.Database, &given.Database},
	} {
		if *pair.from != "" {
			*pair.to = *pair.from
		}
	}
	return a, nil
}

// programs finds this program, which also runs the services, and roentgen.
func programs(cfg *up.Config) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("looking for this program: %w", err)
	}
	cfg.Afirgen = self
	if cfg.Roentgen == "" {
		cfg.Roentgen = filepath.Join(filepath.Dir(self), "roentgen")
	}
	if _, err := os.Stat(cfg.Roentgen); err != nil {
		return fmt.Errorf("looking for the roentgen program: %w; build it with make build, or say where it is with --roentgen", err)
	}
	return nil
}
