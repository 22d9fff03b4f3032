package main

import (
	"os"

	"github.com/spf13/cobra"
)

func newServeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server: the X-Ray API, and on port 2000 what the X-Ray daemon was",
		Long: `Run the server. It takes segments from X-Ray SDKs over UDP on --daemon, from
daemons and SDKs over HTTP (PutTraceSegments) on --http and --daemon, and spans
from OpenTelemetry SDKs on --otlp-grpc and --otlp-http. It answers X-Ray's API
on --http, where the console is too. A document is acknowledged when it is on
disk.

On loopback everybody may come in. On any other address --auth-file names who
may: lines of a name and a token. People log in with a token on the console,
programs send "Authorization: Bearer TOKEN", AWS clients sign with the name as
access key id and the token as secret access key.

Every flag can stand in the file named by --config (YAML, the flag's name as
key) and in the environment (ROENTGEN_ and the name in upper case, _ for -).
Flags win over the environment, that over the file.`,
		Example: `  roentgen serve --data /var/lib/roentgen
  roentgen serve --http 127.0.0.1:1895 --daemon 127.0.0.1:2000 --otlp-grpc off
  roentgen serve --http 0.0.0.0:1895 --auth-file tokens --tls-cert cert.pem --tls-key key.pem
  aws --endpoint-url http://127.0.0.1:1895 xray get-sampling-rules`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := loadConfig(configFile(c.Flags()), c.Flags(), os.Environ())
			if err != nil {
				return err
			}
			profile, _ := c.Flags().GetString(profileFlag)
			return profiled(profile, func() error { return run(c.Context(), cfg, c.OutOrStdout(), c.ErrOrStderr()) })
		},
	}
	c.Flags().String("config", "", "configuration `file` (YAML)")
	c.Flags().String(profileFlag, "", "`file` to write to where the processor's time goes, when the server ends; see roentgen bench --profile")
	addFlags(c.Flags())
	return c
}
