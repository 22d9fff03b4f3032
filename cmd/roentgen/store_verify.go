package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/blockfile"
)

func newStoreVerifyCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "verify PATH",
		Short: "Read a file or a data directory through and list all damage",
		Long: `Read every byte of a file, or of all files of a data directory: checksums, every
document, and whether the index of each block says what its documents say. It
changes nothing, may run beside the server, and ends with status 1 where anything
is damaged. What an earlier repair set aside is passed over.

It reads about 40 MB of documents a second; ` + "`nice`" + ` leaves a server its time.`,
		Example: `  roentgen store verify data
  roentgen store verify data/blocks/00000007.blk
  nice roentgen store verify data --output json | jq -r '.[] | .damage[]?'`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error { return runStoreVerify(c, w, args[0]) },
	}
	addOutputFlag(c)
	return c
}

// verified is what became of one file.
type verified struct {
	Path      string   `json:"path"`
	Kind      fileKind `json:"kind"`
	Traces    int      `json:"traces,omitempty"`
	Documents int      `json:"documents,omitempty"`
	Records   int64    `json:"records,omitempty"`
	Lost      int      `json:"lostTraces,omitempty"`
	Damage    []string `json:"damage,omitempty"`
	Notes     []string `json:"notes,omitempty"`
}

func runStoreVerify(c *cobra.Command, w around, path string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	files, single, err := filesBelow(path)
	if err != nil {
		return err
	}
	var blocks catalogued
	if !single {
		blocks = catalogueOf(path)
	}
	all := []verified{}
	add := func(v verified) {
		if all = append(all, v); !s.json {
			v.print(s)
		}
	}
	for _, f := range files {
		if err := c.Context().Err(); err != nil {
			return err
		}
		if f.skipped() {
			continue
		}
		v := verify(f.path)
		if note := blocks.says(f.path); note != "" {
			v.Notes = append(v.Notes, note)
		}
		add(v)
	}
	for _, v := range blocks.missing() {
		add(v)
	}
	if s.json {
		if err := s.writeJSON(all); err != nil {
			return err
		}
	}
	return verdict(s, path, all)
}

// skipped tells whether there is nothing to verify in a file: it was set aside
// by a repair, or is a lock.
func (f onDisk) skipped() bool {
	return strings.HasPrefix(f.name, damagedDir+string(filepath.Separator)) || filepath.Base(f.name) == "LOCK"
}

// verdict says how it stands, as an error where anything is damaged.
func verdict(s *screen, path string, all []verified) error {
	bad, lost := 0, 0
	for _, v := range all {
		if len(v.Damage) > 0 {
			bad++
		}
		lost += v.Lost
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files of %s are damaged, %d traces cannot be read: `roentgen store repair` saves the others of a damaged block", bad, len(all), path, lost)
	}
	if !s.json {
		fmt.Fprintf(s.w, "%d files, no damage\n", len(all))
	}
	return nil
}

// verify reads one file through.
func verify(path string) verified {
	v := verified{Path: path}
	kind, err := kindOf(path)
	if v.Kind = kind; err == nil {
		switch kind {
		case kindManifest:
			_, err = readManifest(path)
		case kindLog:
			err = v.log()
		case kindBlock:
			err = v.block()
		case kindForeign:
			v.Notes = append(v.Notes, "no file of Roentgen's: move it elsewhere")
		}
	}
	if err != nil {
		v.Damage = append(v.Damage, err.Error())
	}
	return v
}

func (v *verified) log() error {
	found, err := applog.Examine(vfs.OS{}, v.Path, nil)
	v.Records = found.Records
	newest := isNewest(v.Path, found.Number)
	for _, d := range found.Damage {
		if newest && d.Offset+d.Bytes == found.Bytes {
			v.Notes = append(v.Notes, fmt.Sprintf("%d bytes from offset %d on are a write that was not finished, by a crash or because it goes on now; the next start cuts them off", d.Bytes, d.Offset))
			continue
		}
		v.Damage = append(v.Damage, fmt.Sprintf("%d bytes from offset %d on: %s; what is around them is read, and the log steps over them", d.Bytes, d.Offset, d.Reason))
	}
	return err
}

// isNewest tells whether no file of the log comes behind the one at path.
func isNewest(path string, number uint64) bool {
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.log"))
	if err != nil {
		return false
	}
	for _, name := range names {
		n, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), ".log"), 10, 64)
		if err == nil && n > number && filepath.Base(name) != filepath.Base(path) {
			return false
		}
	}
	return true
}

func (v *verified) block() error {
	r := blockfile.Reading{Graph: folding()}.Verify(vfs.OS{}, v.Path)
	if errors.Is(r.Err, os.ErrNotExist) {
		v.Notes = append(v.Notes, "it was removed meanwhile: a compaction put another block in its place")
		return nil
	}
	v.Traces, v.Documents, v.Lost = r.Traces, r.Documents, r.Lost
	if name := filepath.Base(v.Path); r.Good() && name != fmt.Sprintf("%08d.blk", r.Meta.Number) {
		v.Notes = append(v.Notes, fmt.Sprintf("it says of itself that it is block %d: was it renamed?", r.Meta.Number))
	}
	for _, d := range r.Damage {
		v.Damage = append(v.Damage, d.String())
	}
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, n.String())
	}
	return r.Err
}

// print writes a line for the file, and one for each finding.
func (v *verified) print(s *screen) {
	state, ink := "good", plain
	if len(v.Damage) > 0 {
		state, ink = "DAMAGED", faults
	}
	fmt.Fprintf(s.w, "%s  %s  %s%s\n", s.paint(ink, pad(state, len("DAMAGED"))), pad(string(v.Kind), len(kindManifest)), harmless(v.Path), v.counts())
	for _, d := range v.Damage {
		fmt.Fprintf(s.w, "  %s %s\n", s.paint(faults, "!"), harmless(d))
	}
	for _, n := range v.Notes {
		fmt.Fprintf(s.w, "  - %s\n", harmless(n))
	}
}

func (v *verified) counts() string {
	switch {
	case v.Traces > 0:
		return fmt.Sprintf("  %s traces, %s documents", grouped(int64(v.Traces)), grouped(int64(v.Documents)))
	case v.Records > 0:
		return fmt.Sprintf("  %s records", grouped(v.Records))
	}
	return ""
}
