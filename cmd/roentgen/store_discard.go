package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store/block"
)

func newStoreDiscardCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "discard DIR --yes",
		Short: "Remove for good what repair has set aside",
		Long: `Remove for good what roentgen store repair has set aside in the folder damaged of a
data directory. These files hold traces, also such as were deleted afterwards and
such as nobody can list any more; the server removes them when they are past
--retention, and nothing else does. It may run beside the server. Without --yes it
says what it would remove.`,
		Example: "  roentgen store discard data\n  roentgen store discard data --yes",
		Args:    onePath,
		RunE: func(c *cobra.Command, args []string) error {
			yes, _ := c.Flags().GetBool("yes")
			return runStoreDiscard(c, args[0], yes)
		},
	}
	c.Flags().Bool("yes", false, "really remove them")
	return c
}

func runStoreDiscard(c *cobra.Command, dir string, yes bool) error {
	if err := datadir.Check(vfs.OS{}, dir, "block"); err != nil {
		return fmt.Errorf("discard what was set aside: %w", err)
	}
	aside := filepath.Join(dir, block.DamagedDir)
	names, err := (vfs.OS{}).List(aside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintf(c.OutOrStdout(), "Nothing is set aside in %s.\n", harmless(aside))
		return nil
	}
	for _, name := range names {
		path := filepath.Join(aside, name)
		if !yes {
			fmt.Fprintf(c.OutOrStdout(), "would remove %s\n", harmless(path))
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("discard what was set aside: %w", err)
		}
		fmt.Fprintf(c.OutOrStdout(), "removed %s\n", harmless(path))
	}
	if !yes {
		return fmt.Errorf("%d files would be removed for good: repeat with --yes", len(names))
	}
	return (vfs.OS{}).SyncDir(aside)
}
