//go:build !unix

package ring

import "os"

// canMap says whether this system has what a ring on disk needs.
const canMap = false

func mapShared(*os.File, int) ([]byte, error) { return nil, ErrNoMapping }

func unmap([]byte) error { return ErrNoMapping }
