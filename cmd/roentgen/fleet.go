package main

import (
	"log/slog"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/rates"
)

// What the server knows of its agents, and what those counted, within the data
// directory.
const (
	agentsDir = "fleet"
	ratesDir  = "rates"
)

// openFleet opens the book of agents; token reports whether there is a token of
// that name, nil: each may come in.
func openFleet(cfg config, token func(name string) bool, log *slog.Logger) (*fleet.Fleet, error) {
	return fleet.Open(vfs.OS{}, filepath.Join(cfg.Data, agentsDir), fleet.Options{Token: token, Logger: log})
}

func openRates(cfg config, log *slog.Logger) (*rates.Book, error) {
	return rates.Open(vfs.OS{}, filepath.Join(cfg.Data, ratesDir), rates.Options{Account: account, Hours: cfg.Retention, Logger: log})
}

// agentsOf puts together what agents talk to.
func agentsOf(a *accept.Acceptor, known *fleet.Fleet, counted *rates.Book, log *slog.Logger, reg prometheus.Registerer) api.Agents {
	return api.Agents{
		Intake: api.NewIntake(api.IntakeConfig{Documents: a, Book: known, Rates: counted, Logger: log, Registry: reg}),
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
