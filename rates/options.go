package rates

import (
	"log/slog"
	"time"

	"github.com/roentgen/roentgen"
)

// Options of a Book. The zero Options work.
type Options struct {
	// Account owns the traces: nodes of it carry no account.
	Account string
	// Minutes is how long minutes are told apart; of what is older the hours are
	// known. Default 48 h.
	Minutes time.Duration
	// Hours is how long hours are known. Default 400 days; a server gives its
	// retention.
	Hours time.Duration
	// MaxMinuteBytes and MaxHourBytes bound the memory of both: the oldest go
	// first. Default 64 MiB each.
	MaxMinuteBytes, MaxHourBytes int64
	// MaxAgents bounds how many agents' batches are told apart; those that have
	// been silent for longest are forgotten. Default 10,000.
	MaxAgents int

	Now    func() roentgen.Time // default: the machine's clock
	Logger *slog.Logger         // default: discard

	logBytes int64 // below this size the log is not written anew
}

// ahead is how far the clock of an agent may be before that of the server.
const ahead = roentgen.Time(time.Hour)

func (o Options) withDefaults() Options {
	orDefault(&o.Minutes, 48*time.Hour)
	orDefault(&o.Hours, 400*24*time.Hour)
	orDefault(&o.MaxMinuteBytes, 64<<20)
	orDefault(&o.MaxHourBytes, 64<<20)
	orDefault(&o.MaxAgents, 10_000)
	orDefault(&o.logBytes, 64<<20)
	if o.Now == nil {
		o.Now = func() roentgen.Time { return roentgen.At(time.Now()) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}
