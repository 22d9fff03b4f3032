package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"github.com/roentgen/roentgen/bench"
)

const profileFlag = "cpu-profile"

// profiled writes where the processor's time goes while fn runs; with an empty
// path it only runs it.
func profiled(path string, fn func() error) (err error) {
	if path == "" {
		return fn()
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--%s: %w", profileFlag, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return fmt.Errorf("--%s: %w", profileFlag, err)
	}
	defer pprof.StopCPUProfile()
	return fn()
}

// printRooms says where the time went, in seconds for a million spans.
func printRooms(w io.Writer, o *bench.Outcome) {
	if len(o.Rooms) == 0 {
		return
	}
	var all time.Duration
	for _, s := range o.Rooms {
		all += s.Time
	}
	perMillion := func(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()/float64(o.Spans)*1e6) }
	fmt.Fprintf(w, "\nWhere the server's processor time went, in seconds per million spans (%s, start and questions included):\n\n", o.Door)
	fmt.Fprintln(w, "| room | time | share | of it kernel | of it finding memory |\n| --- | --- | --- | --- | --- |")
	for _, s := range o.Rooms {
		share := 100 * s.Time.Seconds() / all.Seconds()
		if share < 0.5 {
			continue
		}
		fmt.Fprintf(w, "| %s | %s | %.1f %% | %s | %s |\n", s.Room, perMillion(s.Time), share, perMillion(s.Kernel), perMillion(s.Memory))
	}
	fmt.Fprintf(w, "| all | %s | 100 %% | | |\n", perMillion(all))
}
