package overhead

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Write prints the rows, each beside what its variant adds to the first one at the same rate.
func Write(w io.Writer, rows []Row, services []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "what\trequests/s\tanswered/s\ttracing\tp50 ms\tp99 ms\tadded p50\tadded p99")
	for _, s := range services {
		fmt.Fprintf(t, "\t%s CPU %%\tadded\tRSS MB\tadded", s)
	}
	fmt.Fprintln(t, "\tfailed")
	var base Row
	for _, r := range rows {
		if r.Kind != base.Kind || r.Rate != base.Rate {
			base = r
		}
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%s\t%s\t%s\t%s\t%s", r.Kind, r.Rate, r.Got, r.Variant, ms(r.P50), ms(r.P99), ms(r.P50-base.P50), ms(r.P99-base.P99))
		for _, s := range services {
			fmt.Fprintf(t, "\t%.2f\t%+.2f\t%.1f\t%+.1f", r.CPU[s], r.CPU[s]-base.CPU[s], mb(r.RSS[s]), mb(r.RSS[s]-base.RSS[s]))
		}
		fmt.Fprintf(t, "\t%d\n", r.Failed)
	}
	return t.Flush()
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }
