package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block"
)

func newStoreRepairCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "repair DIR",
		Short: "Save what can be read of damaged blocks, and set those aside",
		Long: `Read all blocks of a data directory through, write what can be read of the damaged
ones into new blocks, and set the damaged files aside in the folder damaged of that
directory. Where the catalogue of blocks is damaged or missing, a new one is made of
the blocks that are there. Nothing is deleted; once nobody wants to look into what
was set aside, roentgen store discard removes it, and the server does when all of it
is past --retention.

Stop the server first: a directory in use is refused. It may be broken off at any
time and begun again. Logs need no repair: the server cuts off what a crash left at
their ends, and steps over damage.`,
		Example: `  roentgen store repair data
  roentgen store repair data --output json | jq '.Replaced[] | {Path, Saved, Lost}'`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error { return runStoreRepair(c, w, args[0]) },
	}
	addOutputFlag(c)
	return c
}

func runStoreRepair(c *cobra.Command, w around, dir string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	r, err := repairDirectory(c.Context(), dir)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(r)
	}
	printRepaired(s, dir, r)
	return nil
}

func repairDirectory(ctx context.Context, dir string) (block.Repaired, error) {
	m, err := readManifest(filepath.Join(dir, "roentgen.json"))
	if err != nil {
		return block.Repaired{}, fmt.Errorf("repair %s: %w", dir, err)
	}
	if m.Store != "block" {
		return block.Repaired{}, fmt.Errorf("repair %s: it holds the store %q, which is logs alone: the server cuts off what a crash left at their ends, and steps over damage", dir, m.Store)
	}
	return block.Repair(ctx, vfs.OS{}, dir, block.Options{Graph: folding()})
}

func printRepaired(s *screen, dir string, r block.Repaired) {
	if r.Catalogue != "" {
		fmt.Fprintf(s.w, "The catalogue was made anew: %s.\n", harmless(r.Catalogue))
		fmt.Fprintf(s.w, "%s traces stood in a later block too, and count once. A trace that was deleted and that no\ncompaction has removed yet may be back: delete it again.\n", grouped(int64(r.Twice)))
	}
	for _, path := range r.Missing {
		fmt.Fprintf(s.w, "%s is missing, and its traces are lost. From a backup it comes back by restoring all of the directory.\n", harmless(path))
	}
	for _, b := range r.Replaced {
		printReplaced(s, b)
	}
	for _, path := range r.Aside {
		fmt.Fprintf(s.w, "set aside: %s\n", harmless(path))
	}
	if r.Catalogue == "" && len(r.Missing)+len(r.Replaced) == 0 {
		fmt.Fprintf(s.w, "%d blocks of %s, no damage\n", r.Blocks, harmless(dir))
	}
}

func printReplaced(s *screen, b block.ReplacedBlock) {
	what := fmt.Sprintf("%s traces saved, %s lost", grouped(int64(b.Saved)), grouped(int64(b.Lost)))
	if b.Saved+b.Lost == 0 {
		what = "nothing could be saved, and how many traces it held is not known"
	}
	fmt.Fprintf(s.w, "%s: %s\n", s.paint(bold, harmless(b.Path)), what)
	for _, d := range b.Damage {
		fmt.Fprintf(s.w, "  %s %s\n", s.paint(faults, "!"), harmless(d.String()))
	}
	if b.New != "" {
		fmt.Fprintf(s.w, "  what was saved is in %s\n", harmless(b.New))
	}
	if b.Forgotten && b.Saved > 0 {
		fmt.Fprintln(s.w, "  which groups its traces were in is lost with the index; they are tested anew")
	}
}
