package bench

// Peer is another system, measured with a load of the same shape.
type Peer struct {
	Name    string
	Figures Figures
}

// PeersMeasured says when, on what and how the peers were measured.
const PeersMeasured = "Peers: medians of 22 November 2026, 2 million spans over OTLP, 2 cores AMD EPYC, ext4, the sender on the same cores."

// Peers are systems that keep traces on one machine. Tempo 3 is of 21 August
// 2026, Jaeger 2.20 of 20 August 2026, VictoriaTraces of 11 July 2025. Jaeger
// with badger reads 100 traces for its graph, so its figure answers less than
// was asked.
func Peers() []Peer {
	return []Peer{
		{"Tempo 3", Figures{
			{keyCPU, 71.2}, {keyPeak, 3933}, {keyDisk, 497}, {keyRate, 46_500}, {"trace_by_id_p50_ms", 83}, {"rare_annotation_p50_ms", 148},
			{"newest_failing_p50_ms", 22}, {"newest_slow_p50_ms", 40}, {"newest_common_p50_ms", 43},
		}},
		{"Jaeger 2 badger", Figures{
			{keyCPU, 237}, {keyPeak, 5003}, {keyDisk, 1211}, {keyRate, 7_120}, {"trace_by_id_p50_ms", 1.1}, {"rare_annotation_p50_ms", 1.1},
			{"newest_failing_p50_ms", 12.7}, {"newest_slow_p50_ms", 585}, {"newest_common_p50_ms", 14}, {"service_graph_p50_ms", 2650},
		}},
		{"Jaeger 2 memory", Figures{
			{keyCPU, 10.9}, {keyPeak, 4057}, {keyRate, 162_000}, {"trace_by_id_p50_ms", 1.2}, {"rare_annotation_p50_ms", 579},
			{"newest_failing_p50_ms", 21}, {"newest_slow_p50_ms", 35}, {"newest_common_p50_ms", 21}, {"service_graph_p50_ms", 1905},
		}},
		{"VictoriaTraces", Figures{
			{keyCPU, 22.7}, {keyPeak, 339}, {keyDisk, 76.4}, {keyRate, 91_700}, {"trace_by_id_p50_ms", 6.0}, {"rare_annotation_p50_ms", 6.8},
			{"newest_failing_p50_ms", 11.5}, {"newest_slow_p50_ms", 33}, {"newest_common_p50_ms", 10},
		}},
	}
}
