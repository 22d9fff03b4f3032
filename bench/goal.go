package bench

// Row is a line of the table: a figure and what it is to be.
type Row struct {
	Title string
	Key   string
	Goal  float64 // at most; 0: none was set
}

// Rows are those of the table, with the goals for so many spans. They were set
// for 2 million, 10 million and 100 million; between them those of the smaller
// number hold.
func Rows(spans int64) []Row {
	rows := []Row{
		{"server CPU, s per million spans, settled", keyCPU, 5},
		{"peak memory, MB", keyPeak, 200},
		{"disk, bytes per span", keyDisk, 38},
		{"trace by id, p50 ms", "trace_by_id_p50_ms", 1},
		{"rare annotation, p50 ms", "rare_annotation_p50_ms", 1},
		{"newest 20 failing, p50 ms", "newest_failing_p50_ms", 3},
		{"newest 20 slower than 8 s, p50 ms", "newest_slow_p50_ms", 3},
		{"newest 20 with a common annotation, p50 ms", "newest_common_p50_ms", 3},
		{"service graph of the hour, p50 ms", "service_graph_p50_ms", 10},
	}
	const million = 1_000_000
	switch {
	case spans >= 100*million:
		for i := range rows {
			if rows[i].Key != keyCPU && rows[i].Key != keyDisk {
				rows[i].Goal *= 3 // of the goal at 10 million
			}
		}
		rows[1].Goal, rows[4].Goal = 1000, 6
		rows = append(rows, Row{"opening, s", keyOpen, 2})
	case spans >= 10*million:
		rows[1].Goal, rows[4].Goal = 250, 2
	}
	return append(rows,
		Row{"spans a second, server and sender on one machine", keyRate, 0},
		Row{"request p50, durable, ms", keyRequest50, 0},
		Row{"request p99, durable, ms", keyRequest99, 0},
	)
}

// Met says whether a figure is within the goal; ok is false where there is no
// goal, or no figure.
func (r Row) Met(f Figures) (met, ok bool) {
	x, found := f.Get(r.Key)
	return found && x <= r.Goal, found && r.Goal > 0
}
