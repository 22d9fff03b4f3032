package main

import (
	"log/slog"
	"net"
	"time"

	"github.com/roentgen/roentgen/accept"
)

// allow puts the networks of --allow before OpenTelemetry's doors, as the agent
// does before its own.
func (d *otlpDoors) allow(networks accept.Networks, log *slog.Logger, now func() time.Time) {
	for _, l := range []*net.Listener{&d.grpc, &d.http} {
		if *l != nil {
			*l = networks.Guard(*l, log, now)
		}
	}
}
