package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newBackupCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy everything a running server remembers into one archive",
		Long: `Copy everything a running server remembers into one archive: traces, sampling
rules, groups, what agents counted and what is known of them. The server goes on
meanwhile; what it had acknowledged when the copy began is in it. The archive is
checked while it is written, and has its name only when it is whole. - writes to
standard output.`,
		Example: "  roentgen backup /backups/roentgen-$(date +%F).tar\n" +
			"  roentgen backup --server https://traces.example.org:1895 - | zstd > roentgen.tar.zst\n" +
			"  roentgen restore /backups/roentgen-2026-11-29.tar --data roentgen-data",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ask, err := newClient(c, w)
			if err != nil {
				return err
			}
			index, err := ask.backup(c.Context(), args[0], c.OutOrStdout())
			if err != nil {
				return fmt.Errorf("back %s up: %w", ask.server, err)
			}
			fmt.Fprintf(c.ErrOrStderr(), "%d files, %d bytes, made %s. It goes into an empty directory with roentgen restore.\n",
				len(index.Files), index.bytes(), index.Made.Format("2006-01-02 15:04:05 MST"))
			return nil
		},
	}
	c.Flags().String("server", "", "`URL` of the server (default "+serverEnv+", then "+defaultServer+")")
	c.Flags().String("token", "", "`token`, where the server wants one (default "+tokenEnv+")")
	return c
}

// backup writes an archive to a file, or to stdout for -.
func (c *client) backup(ctx context.Context, path string, stdout io.Writer) (backupIndex, error) {
	if path == "-" {
		return c.fetchBackup(ctx, stdout)
	}
	partial, err := os.OpenFile(path+".partial", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return backupIndex{}, err
	}
	index, err := c.fetchBackup(ctx, partial)
	if err == nil {
		err = partial.Sync()
	}
	if err = errors.Join(err, partial.Close()); err != nil {
		return index, errors.Join(err, os.Remove(partial.Name()))
	}
	return index, os.Rename(partial.Name(), path)
}

// fetchBackup copies the server's archive and checks what it copies.
func (c *client) fetchBackup(ctx context.Context, to io.Writer) (backupIndex, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+"/api/backup", nil)
	if err != nil {
		return backupIndex{}, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := (&http.Client{}).Do(req) // without a bound of time: there may be much
	if err != nil {
		return backupIndex{}, c.unreachable(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return backupIndex{}, c.locked(resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // what it says is more than that it was cut off
		return backupIndex{}, fmt.Errorf("the server says %d: %s", resp.StatusCode, text)
	}
	all := io.TeeReader(resp.Body, to)
	index, err := readBackup(all, func(_ string, content io.Reader) error {
		_, err := io.Copy(io.Discard, content)
		return err
	})
	if err != nil {
		return index, err
	}
	_, err = io.Copy(io.Discard, all) // the end of the archive
	return index, err
}

func newRestoreCommand() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Lay a backup into an empty data directory",
		Long: `Lay a backup into an empty data directory. Every file is held against the list
at the end of the archive; the directory can be opened only when all of them are
whole. - reads from standard input.`,
		Example: "  roentgen restore /backups/roentgen-2026-11-29.tar --data roentgen-data\n" +
			"  zstd -dc roentgen.tar.zst | roentgen restore - --data roentgen-data\n" +
			"  roentgen serve --data roentgen-data",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			from := c.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				from = f
			}
			index, err := restore(from, data)
			if err != nil {
				return fmt.Errorf("restore %s to %s: %w", args[0], data, err)
			}
			fmt.Fprintf(c.ErrOrStderr(), "%d files, %d bytes, as of %s. Start with: roentgen serve --data %s\n",
				len(index.Files), index.bytes(), index.Made.Format("2006-01-02 15:04:05 MST"), data)
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "roentgen-data", "`directory` to restore to; it must be empty or not there")
	return c
}

// restore lays the files of an archive into dir. The manifest comes last, so that
// nothing opens what was restored in part.
func restore(from io.Reader, dir string) (backupIndex, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return backupIndex{}, err
	}
	if there, err := os.ReadDir(dir); err != nil || len(there) > 0 {
		return backupIndex{}, errors.Join(err, fmt.Errorf("it is not empty: name another directory, or move what is there away"))
	}
	index, err := readBackup(from, func(name string, content io.Reader) error { return restoreFile(dir, name, content) })
	if err != nil {
		return index, fmt.Errorf("%w; what was written so far stays there and cannot be opened", err)
	}
	manifest := filepath.Join(dir, manifestFile)
	if err := os.Rename(manifest+".restoring", manifest); err != nil {
		return index, err
	}
	return index, syncDirs(dir)
}
