package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func versionText() string {
	return fmt.Sprintf("roentgen %s (commit %s, built %s, %s)", version, commit, date, runtime.Version())
}

func newVersionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the commit, the build date and Go's version",
		Example: "  roentgen version\n  roentgen version --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !asJSON {
				fmt.Fprintln(c.OutOrStdout(), versionText())
				return nil
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{
				"version": version, "commit": commit, "date": date, "go": runtime.Version(),
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}
