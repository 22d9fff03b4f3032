package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
)

func newStoreCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "store",
		Short: "Look into a data directory, check it, repair it, or convert it",
		Long: `Look into the files of a data directory, check every byte of them, and save what can
be read of those that are damaged. inspect and verify change nothing, and may run
beside the server. convert makes a directory of blocks of an older one.`,
		Example: `  roentgen store inspect data
  roentgen store verify data
  roentgen store repair data
  roentgen store discard data --yes
  roentgen store convert data --to new`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newStoreInspectCommand(w), newStoreVerifyCommand(w), newStoreRepairCommand(w), newStoreDiscardCommand(), newStoreConvertCommand(w))
	return c
}

func onePath(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the path of one file or directory, and got %d words", c.CommandPath(), len(args))
	}
	return nil
}

func addOutputFlag(c *cobra.Command) {
	c.Flags().String("output", "", "`form`: table or json (default table on a terminal, else json)")
}

func newStoreInspectCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Say what a file is, what is in it, and where a trace is",
		Long: `Say what a file of a data directory is and what is in it; of a directory, what each
of its files is. Of a block it reads the ends alone, or all of it where the block
is named itself; of a log, everything. With --trace it says in which block and chunk,
or where in which log, the documents of that trace are.`,
		Example: `  roentgen store inspect data
  roentgen store inspect data/blocks/00000007.blk
  roentgen store inspect data --trace 1-5759e988-bd862e3fe1be46a994272793`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error { return runStoreInspect(c, w, args[0]) },
	}
	c.Flags().String("trace", "", "`id` of a trace: say where it is")
	addOutputFlag(c)
	return c
}

func runStoreInspect(c *cobra.Command, w around, path string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	look, err := newLook(c)
	if err != nil {
		return err
	}
	files, single, err := filesBelow(path)
	if err != nil {
		return err
	}
	look.closely = single
	if !single {
		look.blocks = catalogueOf(path)
	}
	var all []storedFile
	for _, f := range files {
		if err := c.Context().Err(); err != nil {
			return err
		}
		all = append(all, look.at(f))
	}
	if look.trace != nil {
		all = withTrace(all)
		if len(all) == 0 && !s.json {
			return fmt.Errorf("no file of %s holds trace %s", path, look.trace)
		}
	}
	if s.json {
		return s.writeJSON(all)
	}
	return printFiles(s, all, single)
}

// newLook reads --trace.
func newLook(c *cobra.Command) (*look, error) {
	l := &look{}
	text, _ := c.Flags().GetString("trace")
	if text == "" {
		return l, nil
	}
	id, err := roentgen.ParseTraceID(text)
	if err != nil {
		return nil, fmt.Errorf("--trace: %w", err)
	}
	l.trace = &id
	return l, nil
}

// withTrace leaves the files that hold the trace that was asked for.
func withTrace(all []storedFile) []storedFile {
	out := []storedFile{}
	for _, f := range all {
		if len(f.Trace) > 0 {
			out = append(out, f)
		}
	}
	return out
}
