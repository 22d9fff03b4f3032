package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/roentgen/roentgen/bench"
)

// benchLine is a line of --json.
type benchLine struct {
	Run    int  `json:"run,omitempty"`
	Median bool `json:"median,omitempty"` // of all runs of this door
	*bench.Outcome
}

// table sends a number of spans through each door in turn, again and again.
func (b *bencher) table(ctx context.Context) error {
	outcomes := map[bench.Door][]*bench.Outcome{}
	for run := range b.runs {
		for _, d := range b.doors {
			b.trial.Say("run %d of %d, door %s", run+1, b.runs, d)
			o, err := b.once(ctx, d)
			if err != nil {
				return err
			}
			outcomes[d] = append(outcomes[d], o)
			if err := b.line(benchLine{Run: run + 1, Outcome: o}); err != nil {
				return err
			}
		}
	}
	var medians []*bench.Outcome
	for _, d := range b.doors {
		m := median(outcomes[d])
		medians = append(medians, m)
		if err := b.line(benchLine{Median: true, Outcome: m}); err != nil {
			return err
		}
	}
	if !b.json {
		printTable(b.c.OutOrStdout(), b.runs, medians)
	}
	return nil
}

func (b *bencher) line(l benchLine) error {
	if !b.json {
		return nil
	}
	return json.NewEncoder(b.c.OutOrStdout()).Encode(l)
}

func (b *bencher) once(ctx context.Context, d bench.Door) (out *bench.Outcome, err error) {
	t := b.trial
	t.Door, t.Model.End = d, b.w.now()
	if b.running != nil {
		return t.Measure(ctx, b.running, nil)
	}
	err = b.inDirectory(func(dir string) error {
		p, err := b.program(dir, d)
		if err != nil {
			return err
		}
		profile, _ := b.c.Flags().GetBool("profile")
		if profile {
			p.Once = []string{"--" + profileFlag, dir + "/profile"}
			t.Times = 1
		}
		if out, err = t.Run(ctx, p, dir+"/data"); err == nil && profile {
			out.Rooms, err = bench.ByRoom(dir + "/profile")
		}
		return err
	})
	return out, err
}

func median(outcomes []*bench.Outcome) *bench.Outcome {
	m := &bench.Outcome{Door: outcomes[0].Door, Spans: outcomes[0].Spans}
	var figures []bench.Figures
	for _, o := range outcomes {
		figures = append(figures, o.Figures)
		m.Wrong = append(m.Wrong, o.Wrong...)
		m.Rooms = o.Rooms // of the last run
	}
	m.Figures = bench.Medians(figures)
	return m
}

func printTable(w io.Writer, runs int, medians []*bench.Outcome) {
	spans := medians[0].Spans
	fmt.Fprintln(w, bench.Table(spans, medians))
	fmt.Fprintln(w, bench.PeersMeasured)
	fmt.Fprintf(w, "Roentgen: today, on this machine, medians of %d. A request is answered when it is on disk. Two runs of the same program differ by up to 1.5 ×.\n", runs)
	for _, m := range medians {
		for _, wrong := range m.Wrong {
			fmt.Fprintf(w, "WRONG, %s: %s\n", m.Door, wrong)
		}
	}
	missed := bench.Missed(spans, medians)
	switch len(missed) {
	case 0:
		fmt.Fprintln(w, "Every goal is met.")
	case 1:
		fmt.Fprintln(w, "1 goal is missed:")
	default:
		fmt.Fprintf(w, "%d goals are missed:\n", len(missed))
	}
	for _, title := range missed {
		fmt.Fprintln(w, "  "+title)
	}
	for _, m := range medians {
		printRooms(w, m)
	}
}
