package web

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/tracing"
)

// tracerMetrics tells what the tracer does, as it counts it itself.
type tracerMetrics struct{ stats func() tracing.Stats }

// The families of a tracer's counters.
type tracerFamilies struct {
	segments, documents, bytes, lost, shed, headers, misuse *prometheus.Desc
}

func families() tracerFamilies {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("tracing_"+name, help, labels, nil)
	}
	return tracerFamilies{
		segments:  desc("segments_total", "Segments started, by the sampling decision.", "decision"),
		documents: desc("documents_sent_total", "Documents handed to the operating system."),
		bytes:     desc("documents_sent_bytes_total", "Their size, header lines included."),
		lost:      desc("lost_total", "Segments, subsegments and documents that were not sent, by why.", "reason"),
		shed:      desc("shed_total", "Parts left out of what was sent, by what.", "part"),
		headers:   desc("headers_refused_total", "Trace and force headers that were not believed, by why.", "reason"),
		misuse:    desc("misuse_total", "Calls of the SDK that could not do what was asked, by why.", "reason"),
	}
}

// Describe implements prometheus.Collector.
func (m tracerMetrics) Describe(out chan<- *prometheus.Desc) {
	f := families()
	for _, d := range []*prometheus.Desc{f.segments, f.documents, f.bytes, f.lost, f.shed, f.headers, f.misuse} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m tracerMetrics) Collect(out chan<- prometheus.Metric) {
	s, f := m.stats(), families()
	tell := func(d *prometheus.Desc, value uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	tell(f.segments, s.Sampled, "sampled")
	tell(f.segments, s.Unsampled, "unsampled")
	tell(f.documents, s.DocumentsSent)
	tell(f.bytes, s.BytesSent)
	tell(f.lost, s.SendErrors, "send_error")
	tell(f.lost, s.QueueFull, "queue_full")
	tell(f.lost, s.AfterShutdown, "after_shutdown")
	tell(f.lost, s.EncodePanics, "encode_panic")
	tell(f.shed, s.MetadataShed, "metadata")
	tell(f.shed, s.StacksShed, "stacks")
	tell(f.shed, s.DetailsShed, "details")
	tell(f.shed, s.MetadataTooBig, "metadata_value")
	tell(f.shed, s.AnnotationsLost, "annotation")
	tell(f.shed, s.AttributesLost, "attribute")
	tell(f.shed, s.EventsLost, "event")
	tell(f.shed, s.LinksLost, "link")
	tell(f.shed, s.ExceptionsLost, "exception")
	tell(f.headers, s.BadHeaders, "bad")
	tell(f.headers, s.UntrustedDecisions, "untrusted_decision")
	tell(f.headers, s.ForceRejected, "force")
	tell(f.misuse, s.ContextMissing, "context_missing")
	tell(f.misuse, s.DoubleEnds, "double_end")
	tell(f.misuse, s.UsesAfterEnd, "use_after_end")
	tell(f.misuse, s.MetadataFailed, "metadata_not_encodable")
}
