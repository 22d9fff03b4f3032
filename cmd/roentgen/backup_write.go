package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/internal/datadir"
)

// A backup is a tar archive: the files of the data directory, and behind them
// backupList, which says of each how long it is and what its hash is. An archive
// without it was cut short. docs/format/backup.md draws it.
const backupList = "roentgen-backup.json"

// backupVersion is of the archive; what stands in it has versions of its own.
const backupVersion = 1

// backupIndex is what backupList holds.
type backupIndex struct {
	Program string       `json:"program"`
	Version int          `json:"version"`
	Made    time.Time    `json:"made"`
	By      string       `json:"by"` // version of the program
	Files   []backupFile `json:"files"`
}

type backupFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	XXHash string `json:"xxhash64"` // 16 hex digits
}

// snapshotter is what can be copied while it goes on.
type snapshotter interface {
	Snapshot(ctx context.Context) (*datadir.Snapshot, error)
}

// backup answers GET /api/backup with an archive of everything the server
// remembers.
func (m *memories) backup(w http.ResponseWriter, r *http.Request) {
	api.ReadingOf(r.Context()).Operation = "Backup"
	snap, err := m.snapshot(r.Context())
	if err != nil {
		m.log.Error("backup", "error", err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer snap.Close()
	// It takes as long as it takes: the bounds of other answers do not hold.
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		m.log.Warn("backup: the answer may be cut off after a minute", "error", err)
	}
	w.Header().Set("Content-Type", "application/x-tar")
	if err := writeBackup(w, snap, time.Now()); err != nil {
		logBackup(m.log, r.Context(), err)
		panic(http.ErrAbortHandler) // so that the other side sees that it was cut short
	}
}

func logBackup(log *slog.Logger, ctx context.Context, err error) {
	if ctx.Err() == nil {
		log.Error("backup", "error", err)
	}
}

// snapshot is that of everything. The book of agents comes first: a batch that
// it calls stored is in the traces then; what was under way is named as missing,
// and never the other way round. The rates come after the book, so that those of
// its batches are counted. The state comes after the traces: a group that they
// are members of is in it.
func (m *memories) snapshot(ctx context.Context) (*datadir.Snapshot, error) {
	traces, ok := m.traces.(snapshotter)
	if !ok {
		return nil, errors.New("this store cannot be copied while it runs: stop the server and copy its directory")
	}
	snap := &datadir.Snapshot{}
	take := func(part *datadir.Snapshot, err error) error {
		if err == nil {
			snap.Join(part)
		}
		return err
	}
	var err error
	if m.fleet != nil {
		err = take(m.fleet.Snapshot(agentsDir))
	}
	if err == nil {
		err = take(traces.Snapshot(ctx))
	}
	if err == nil {
		err = take(m.state.Snapshot(ctx))
	}
	if err == nil && m.rates != nil {
		err = snap.AddLog(ratesDir, m.rates)
	}
	if err != nil {
		return nil, errors.Join(err, snap.Close())
	}
	return snap, nil
}

func writeBackup(to io.Writer, snap *datadir.Snapshot, now time.Time) error {
	archive := tar.NewWriter(to)
	index := backupIndex{Program: "roentgen", Version: backupVersion, Made: now.UTC(), By: version}
	for _, f := range snap.Files {
		entry, err := writeBackupFile(archive, f, now)
		if err != nil {
			return fmt.Errorf("copy %s: %w", f.Name, err)
		}
		index.Files = append(index.Files, entry)
	}
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(tarHeader(backupList, int64(len(text)), now)); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	return archive.Close()
}

func writeBackupFile(archive *tar.Writer, f datadir.File, now time.Time) (backupFile, error) {
	if err := archive.WriteHeader(tarHeader(f.Name, f.Bytes, now)); err != nil {
		return backupFile{}, err
	}
	hash := xxhash.New()
	if _, err := io.Copy(archive, io.TeeReader(io.NewSectionReader(f, 0, f.Bytes), hash)); err != nil {
		return backupFile{}, err
	}
	return backupFile{f.Name, f.Bytes, fmt.Sprintf("%016x", hash.Sum64())}, nil
}

func tarHeader(name string, size int64, now time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: now, Format: tar.FormatPAX}
}
