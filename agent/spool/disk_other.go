//go:build !unix

package spool

import (
	"errors"
	"fmt"
)

const lockName, tableName, suffix, aside, unready = "LOCK", "cuts", ".spool", ".damaged", ".tmp"

// disk does not exist here: files are mapped on Unix only.
type disk struct {
	memory
	dir string
}

func openDisk(dir string) (*disk, error) {
	return nil, fmt.Errorf("%s: %w: this system has no mapped files that this program could use: %w", dir, ErrReadOnly, errors.ErrUnsupported)
}

func (d *disk) mapTable() (table, error) { return table{}, errors.ErrUnsupported }

// glance is the beginning of a file.
type glance struct {
	head []byte
	size int64
}

func (d *disk) peek(uint64) (glance, error) { return glance{}, errors.ErrUnsupported }

func readOnly(err error) error { return err }
