//go:build !unix

package main

import "os"

// terminalWidth returns usualWidth for a terminal, which cannot be asked here,
// and 0 for anything else.
func terminalWidth(f *os.File) int {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return 0
	}
	return usualWidth
}
