package main

import (
	"log/slog"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// agentsDir is what the server knows of its agents, within the data directory.
const agentsDir = "fleet"

func openFleet(cfg config, log *slog.Logger) (*fleet.Fleet, error) {
	return fleet.Open(vfs.OS{}, filepath.Join(cfg.Data, agentsDir), fleet.Options{Logger: log})
}

// agentsOf puts together what agents talk to.
func agentsOf(a *accept.Acceptor, known *fleet.Fleet, log *slog.Logger, reg prometheus.Registerer) api.Agents {
	return api.Agents{
		Intake: api.NewIntake(api.IntakeConfig{Documents: a, Book: known, Logger: log, Registry: reg}),
		Fleet:  known,
		Doors:  func() ([]api.DoorSum, int64) { return doorSums(a) },
	}
}

// doorSums tells the API in its own words what the doors counted.
func doorSums(a *accept.Acceptor) ([]api.DoorSum, int64) {
	sums, waiting := a.Sums()
	out := make([]api.DoorSum, len(sums))
	for i, s := range sums {
		out[i] = api.DoorSum(s)
	}
	return out, waiting
}
