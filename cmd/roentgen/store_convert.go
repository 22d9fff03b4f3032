package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/wire"
)

func newStoreConvertCommand(w around) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "convert OLD",
		Short: "Make a data directory for the store block of one of the store memory",
		Long: `Make a new data directory, for the store block, of everything that a data directory
of the store memory holds: documents, superseded ones too, with when they were
received and why they were kept, memberships in groups, sampling rules and groups,
what agents counted and what is known of them. What was deleted stays so. OLD is
only read, and still works afterwards.

Stop the server first: a directory in use is refused. NEW must be empty or not there.
Where the conversion is broken off, NEW says so and cannot be opened: remove it and
begin again.`,
		Example: `  roentgen store convert roentgen-data --to roentgen-blocks
  roentgen serve --data roentgen-blocks`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error { return runStoreConvert(c, w, args[0], to) },
	}
	c.Flags().StringVar(&to, "to", "", "the new `directory`")
	addOutputFlag(c)
	return c
}

func runStoreConvert(c *cobra.Command, w around, from, to string) error {
	if to == "" {
		return fmt.Errorf("say with --to which directory is to be made of %s", from)
	}
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	done, err := convert(c.Context(), from, to, block.Options{Graph: folding()})
	if err != nil {
		return fmt.Errorf("convert %s: %w", from, err)
	}
	if s.json {
		return s.writeJSON(done)
	}
	fmt.Fprintf(s.w, "%s documents of %s traces are in %s now. Start with: roentgen serve --data %s\n",
		grouped(int64(done.Documents)), grouped(int64(done.Traces)), harmless(to), harmless(to))
	for _, d := range done.Damage {
		fmt.Fprintf(s.w, "%s damaged and left out: %s\n", s.paint(faults, "!"), harmless(d.Error()))
	}
	if done.Unreadable > 0 {
		fmt.Fprintf(s.w, "%s %s records of the log make no sense and are left out\n", s.paint(faults, "!"), grouped(int64(done.Unreadable)))
	}
	return nil
}

// converted is what a conversion came to.
type converted struct {
	Traces     int                    `json:"traces"`
	Documents  int                    `json:"documents"` // that stand
	Bytes      int64                  `json:"bytes"`     // of those
	Damage     []*applog.CorruptError `json:"damage,omitempty"`
	Unreadable int                    `json:"unreadable,omitempty"` // records
}

// convert makes to of from, which it does not change.
func convert(ctx context.Context, from, to string, opt block.Options) (out converted, err error) {
	old, err := memory.OpenArchive(vfs.OS{}, from, wire.Limits{})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	state, err := old.StateFiles()
	if err != nil {
		return out, err
	}
	why := fmt.Sprintf("`roentgen store convert %s --to %s` was broken off, or goes on still; remove the directory and begin again", from, to)
	stats, err := block.Import(ctx, vfs.OS{}, to, opt, why, func(into *block.Importer) error {
		if err := copyFiles(from, to, state); err != nil {
			return err
		}
		if err := copyBooks(from, to); err != nil {
			return err
		}
		return old.Each(func(k memory.Kept) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return importOne(into, k)
		})
	})
	return converted{stats.Traces, stats.Documents, stats.Bytes, old.Damage, old.Unreadable}, err
}

func importOne(into *block.Importer, k memory.Kept) error {
	switch {
	case k.Document.Segment != nil:
		return into.Document(k.Document)
	case k.Member.Group != "":
		return into.Member(k.Trace, k.Member)
	}
	return into.Limited(k.Trace)
}

// copyBooks copies what no store owns: what agents counted, what is known of
// them, and what waits in the agent within the server, which becomes another one
// by that.
func copyBooks(from, to string) error {
	for _, folder := range []string{ratesDir, agentsDir, insideDir} {
		names, err := filesIn(from, folder)
		if err != nil {
			return fmt.Errorf("look into %s: %w", filepath.Join(from, folder), err)
		}
		if err := copyFiles(from, to, names); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(to, agentsDir)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fleet.MarkCopy(vfs.OS{}, filepath.Join(to, agentsDir), time.Now())
}

// filesIn lists the files in a folder of dir, but for locks; none where it is
// not there.
func filesIn(dir, folder string) (names []string, err error) {
	err = filepath.WalkDir(filepath.Join(dir, folder), func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || !e.Type().IsRegular() || e.Name() == "LOCK":
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	return names, err
}

// copyFiles copies files from one data directory into another, durably.
func copyFiles(from, to string, names []string) error {
	for _, name := range names {
		f, err := os.Open(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := errors.Join(restoreFile(to, name, io.Reader(f)), f.Close()); err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return syncDirs(to)
}
