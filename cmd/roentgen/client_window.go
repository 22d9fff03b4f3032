package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// window is the time that a tool asks about.
type window struct {
	from, to time.Time
	name     string // for sentences: "in the last 1h"
}

func addWindowFlags(c *cobra.Command) {
	c.Flags().String("since", "1h", "how far to look back, like 30m, 6h or 7d")
	c.Flags().String("from", "", "`time` to look from, like 2026-11-23T08:00, in this zone, with Z in UTC, or epoch seconds")
	c.Flags().String("to", "", "`time` to look up to (default now)")
}

// readWindow reads the flags.
func readWindow(c *cobra.Command, now time.Time) (w window, err error) {
	text := func(flag string) string { return c.Flags().Lookup(flag).Value.String() }
	if text("from") != "" && c.Flags().Changed("since") {
		return w, fmt.Errorf("--since %s and --from %s both say where to begin; leave one out", text("since"), text("from"))
	}
	w.to = now
	if text("to") != "" {
		if w.to, err = readTime("to", text("to"), now.Location()); err != nil {
			return w, err
		}
	}
	if text("from") == "" {
		back, err := readSince(text("since"))
		w.from = w.to.Add(-back)
		w.name = "in the last " + text("since")
		if text("to") != "" {
			w.name = fmt.Sprintf("in the %s before %s", text("since"), text("to"))
		}
		return w, err
	}
	if w.from, err = readTime("from", text("from"), now.Location()); err == nil && !w.from.Before(w.to) {
		err = fmt.Errorf("--from %s does not lie before %s", text("from"), w.to.Format(time.DateTime))
	}
	w.name = fmt.Sprintf("between %s and %s", w.from.Format(time.DateTime), w.to.Format(time.DateTime))
	return w, err
}

// readSince reads a duration; days, which Go's do not have, are 24 hours.
func readSince(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * 24 * float64(time.Hour))
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--since %s: not a time like 30m, 6h or 7d", text)
	}
	return d, nil
}

func readTime(flag, text string, zone *time.Location) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return t, nil
		}
	}
	if sec, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(sec) < 9e9 {
		return time.UnixMicro(int64(sec * 1e6)).In(zone), nil
	}
	return time.Time{}, fmt.Errorf("--%s %s: not a time like 2026-11-23T08:00, 2026-11-23T08:00:00Z or epoch seconds", flag, text)
}

// epochSeconds is how times are asked for.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func fromEpoch(sec float64, zone *time.Location) time.Time {
	return time.UnixMicro(int64(math.Round(sec * 1e6))).In(zone)
}
