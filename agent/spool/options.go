package spool

import (
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/wire"
)

// Options say where the spool is and how large it may get. The zero value is a
// spool in memory.
type Options struct {
	Dir       string           // made where it is missing; "": in memory, which does not outlive the process
	MaxBytes  int64            // of all files together, as they lie on disk; default 1 GiB, in memory 32 MiB
	FileBytes int              // of one file before it is compressed; default 2 MiB, in memory 1 MiB
	PackBytes int64            // what files have to take before those not read soon are compressed: what waits for a moment only is sent without; default an eighth of MaxBytes, in memory nothing
	Logger    *slog.Logger     // default: none
	Now       func() time.Time // default: time.Now
}

// Limit says when a batch is cut: as soon as one of its bounds is reached.
type Limit struct {
	Documents int           // at most so many; default 256
	Bytes     int           // of documents; one that is larger goes alone; default 2 MiB, in memory 1 MiB
	Age       time.Duration // of the oldest document; default 1 s
	Idle      time.Duration // after so long without anything a cut without documents is made; 0: never
}

// Cut is a batch: what Seq names.
type Cut struct {
	Seq       uint64               // from 1; the same documents for ever
	Documents []wire.BatchDocument // valid until Done
	Rollups   [][]byte             // what AppendRollup was given between these documents; valid until Done
	Bytes     int                  // of documents and roll-ups
	Oldest    time.Time            // when the first of them was appended; zero in an empty cut
	Recovered bool                 // it was cut by a process that ended before it was acknowledged
}

// Stats is what the spool holds.
type Stats struct {
	Epoch     uint64    // of the numbers of cuts
	InMemory  bool      // nothing of it outlives the process
	Documents int64     // that wait: appended, or found at the start, and not acknowledged
	Bytes     int64     // of all files
	Capacity  int64     // MaxBytes
	Files     int       // with something in them that is not acknowledged
	Packed    int       // of these, how many are compressed
	InFlight  int       // cuts that are not acknowledged
	Oldest    time.Time // when the oldest document that waits was appended; zero where none waits
	Full      bool      // the last Append found no room
	Trouble   string    // why no file can be made or read, in words; "" where nothing is wrong
	Damaged   Damage
}

// Damage counts what could not be read again since Open.
type Damage struct {
	Documents int64 // known to have been there
	Files     int64 // set aside, missing, or broken off in the middle
}
