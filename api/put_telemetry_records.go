package api

import (
	"context"

	"github.com/roentgen/roentgen"
)

type putTelemetryRecordsRequest struct {
	TelemetryRecords      []telemetryRecord
	EC2InstanceID         string `json:"EC2InstanceId"`
	Hostname, ResourceARN string
}

type telemetryRecord struct {
	Timestamp               *epoch
	SegmentsReceivedCount   int64
	SegmentsSentCount       int64
	SegmentsSpilloverCount  int64
	SegmentsRejectedCount   int64
	BackendConnectionErrors struct {
		TimeoutCount, ConnectionRefusedCount, HTTPCode4XXCount, HTTPCode5XXCount, UnknownHostCount, OtherCount int64
	}
}

type empty struct{}

// putTelemetryRecords adds what a daemon counted of itself to our counters.
func (a *API) putTelemetryRecords(_ context.Context, in *putTelemetryRecordsRequest) (*empty, error) {
	for i, r := range in.TelemetryRecords {
		if r.Timestamp == nil {
			return nil, roentgen.Invalidf("TelemetryRecords[%d].Timestamp is missing", i)
		}
	}
	for _, r := range in.TelemetryRecords {
		e := r.BackendConnectionErrors
		for name, n := range map[string]int64{
			"segments_received": r.SegmentsReceivedCount, "segments_sent": r.SegmentsSentCount,
			"segments_spillover": r.SegmentsSpilloverCount, "segments_rejected": r.SegmentsRejectedCount,
			"timeout": e.TimeoutCount, "connection_refused": e.ConnectionRefusedCount,
			"http_4xx": e.HTTPCode4XXCount, "http_5xx": e.HTTPCode5XXCount,
			"unknown_host": e.UnknownHostCount, "other_error": e.OtherCount,
		} {
			a.metrics.telemetry.WithLabelValues(name).Add(float64(max(0, n))) // a counter cannot fall
		}
	}
	return &empty{}, nil
}
