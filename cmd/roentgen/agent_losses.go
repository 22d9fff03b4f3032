package main

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/roentgen/roentgen/agent"
)

// losses tells what is lost or shed, by cause: at once when it begins, and then
// with each line of the ledger while it goes on.
type losses struct {
	told  map[string]int64
	since bool // something was told since the last line of the ledger
}

// What each cause means to whoever reads the log; other causes go by their
// names.
var lossWords = map[string]string{
	"spool_full":     "documents are lost: the upstream does not take what comes, and the spool is full; mend the upstream, or give --spool-bytes more",
	"network":        "documents are lost: their senders are not among --allow",
	"upstream_error": "documents are given up: the upstream breaks down over them alone; their trace ids are in the log, their texts in aside/ of the state directory",
	"unanswered":     "documents are lost: the upstream took a batch and did not name their fate; is the server of this version?",
	"shed":           "traces are shed whole, because more comes than leaves: the spool or the queue is nearly full",
	"kernel_drops":   "datagrams are lost in the kernel: the agent gets too little of the processor, or --receive-buffer-bytes is small",
}

// lossesOf are counts of what should not be.
func lossesOf(s agent.Statement) map[string]int64 {
	counts := maps.Clone(s.Lost)
	if counts == nil {
		counts = map[string]int64{}
	}
	counts["shed"], counts["kernel_drops"] = s.Dropped["shed"], s.KernelDrops
	return counts
}

func (l *losses) begin(s agent.Statement) { l.told = lossesOf(s) }

// look tells what begins.
func (l *losses) look(log *slog.Logger, s agent.Statement) {
	if !l.since {
		l.since = l.say(log, s)
	}
}

// tell tells what goes on.
func (l *losses) tell(log *slog.Logger, s agent.Statement) {
	l.since = l.say(log, s)
}

// say reports whether there was something to say.
func (l *losses) say(log *slog.Logger, s agent.Statement) (said bool) {
	now := lossesOf(s)
	for _, cause := range slices.Sorted(maps.Keys(now)) {
		n := now[cause] - l.told[cause]
		if n <= 0 {
			continue
		}
		said = true
		words := lossWords[cause]
		if words == "" {
			words = "documents are lost"
		}
		log.Warn(words, "cause", cause, "documents", n)
	}
	l.told = now
	return said
}
