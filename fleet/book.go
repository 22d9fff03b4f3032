package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// Kinds of the records in the book, drawn in docs/format/fleet.md.
const (
	kindBatch byte = 1 // batchRecord
	kindBegin byte = 2 // snapshotBegin: agents follow
	kindAgent byte = 3 // agent
	kindEnd   byte = 4 // the snapshot is whole: it replaces what was known
)

// maxRecord bounds a payload: an agent with all its windows full of rejections
// is the longest.
const maxRecord = 16 << 20

// batchRecord is a batch that was stored and answered.
type batchRecord struct {
	Agent     string                  `json:"agent"`
	Host      string                  `json:"host"`
	Version   string                  `json:"version"`
	Epoch     uint64                  `json:"epoch"`
	Seq       uint64                  `json:"seq"`
	At        time.Time               `json:"at"` // by the server's clock
	Documents int                     `json:"documents"`
	Outcomes  map[string]int64        `json:"outcomes,omitempty"`
	Codes     map[string]int64        `json:"codes,omitempty"`
	Rejected  []wire.RejectedDocument `json:"rejected,omitempty"`
	Statement json.RawMessage         `json:"statement,omitempty"`
	By        string                  `json:"by,omitempty"` // name of the token
}

type snapshotBegin struct {
	Version int `json:"version"`
	Agents  int `json:"agents"`
}

// snapshotVersion is that of kindBegin's payload and of the agents behind it.
const snapshotVersion = 1

// book is the log of batches, written anew when it is mostly history.
type book struct {
	log      *applog.Log
	bytes    int64 // since the last snapshot
	snapshot int64 // bytes of the last snapshot
}

// append writes records, as many at once as a call may hold.
func (b *book) append(records []applog.Record) error {
	for len(records) > 0 {
		n, bytes := 0, int64(0)
		for n < len(records) && (n == 0 || bytes+applog.FrameBytes(len(records[n].Payload)) <= maxRecord) {
			bytes += applog.FrameBytes(len(records[n].Payload))
			n++
		}
		if _, err := b.log.Append(context.Background(), records[:n]...); err != nil {
			return err
		}
		b.bytes += bytes
		records = records[n:]
	}
	return nil
}

// bookReader turns records back into agents.
type bookReader struct {
	agents map[string]*agent
	staged map[string]*agent // of a snapshot that has not ended
	expect int
	bytes  int64
}

func (r *bookReader) record(kind byte, payload []byte) error {
	r.bytes += applog.FrameBytes(len(payload))
	switch kind {
	case kindBatch:
		r.staged = nil // a snapshot that was cut short
		var b batchRecord
		if err := json.Unmarshal(payload, &b); err != nil {
			return err
		}
		a := r.agents[b.Agent]
		if a == nil {
			a = &agent{ID: b.Agent}
			r.agents[b.Agent] = a
		}
		a.take(&b)
	case kindBegin:
		var s snapshotBegin
		if err := json.Unmarshal(payload, &s); err != nil {
			return err
		}
		if s.Version > snapshotVersion {
			return fmt.Errorf("a snapshot of version %d; this program reads up to %d", s.Version, snapshotVersion)
		}
		r.staged, r.expect, r.bytes = map[string]*agent{}, s.Agents, 0
	case kindAgent:
		a := new(agent)
		if err := json.Unmarshal(payload, a); err != nil {
			return err
		}
		if r.staged != nil && a.sound() {
			r.staged[a.ID] = a
		}
	case kindEnd:
		if r.staged != nil && len(r.staged) == r.expect {
			r.agents = r.staged
		}
		r.staged = nil
	default:
		return fmt.Errorf("kind %d was written by a newer version; this program reads up to %d", kind, kindEnd)
	}
	return nil
}

// sound tells whether a has what the rest of the room relies on.
func (a *agent) sound() bool {
	for _, e := range a.Epochs {
		if e == nil {
			return false
		}
	}
	return a.ID != ""
}

// readBook fills f with what the log says.
func (f *Fleet) readBook() error {
	r := bookReader{agents: map[string]*agent{}}
	damage, err := f.book.log.Replay(applog.Position{}, func(pos applog.Position, kind byte, payload []byte) error {
		if err := r.record(kind, payload); err != nil {
			f.note(fmt.Sprintf("record of the book at %s: %v", pos, err))
		}
		return nil
	})
	f.noteDamage(append(f.book.log.Recovery().Damage, damage...)...)
	f.mu.agents, f.book.bytes = r.agents, r.bytes
	return err
}

// rewrite writes the book anew when it is mostly history.
func (f *Fleet) rewrite() error {
	if f.book.bytes < max(f.opt.logBytes, 4*f.book.snapshot) {
		return nil
	}
	return f.writeAnew()
}

// writeAnew puts what is known into a new file and drops those before it. A crash
// in between leaves both, of which the second replaces the first.
func (f *Fleet) writeAnew() error {
	begin, err := f.book.log.Rotate(context.Background())
	if err != nil {
		return err
	}
	records, err := f.snapshot()
	if err != nil {
		return err
	}
	f.book.bytes = 0
	if err := f.book.append(records); err != nil {
		f.book.bytes = f.opt.logBytes + 4*f.book.snapshot // try again at the next commit
		return err
	}
	f.book.snapshot, f.book.bytes = f.book.bytes, 0
	return f.book.log.DropBefore(begin.File)
}

// snapshot is the records that make f what it is.
func (f *Fleet) snapshot() ([]applog.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetLocked(f.opt.Now())
	head, err := json.Marshal(snapshotBegin{snapshotVersion, len(f.mu.agents)})
	if err != nil {
		return nil, err
	}
	out := []applog.Record{{Kind: kindBegin, Payload: head}}
	for _, a := range f.mu.agents {
		text, err := json.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("write down agent %s: %w", a.ID, err)
		}
		out = append(out, applog.Record{Kind: kindAgent, Payload: text})
	}
	return append(out, applog.Record{Kind: kindEnd}), nil
}

// forgetLocked drops agents that have been silent for too long.
func (f *Fleet) forgetLocked(now time.Time) {
	for id, a := range f.mu.agents {
		if now.Sub(a.Seen) > f.opt.ForgetAgents {
			delete(f.mu.agents, id)
		}
	}
	for len(f.mu.agents) > f.opt.MaxAgents {
		var oldest *agent
		for _, a := range f.mu.agents {
			if oldest == nil || a.Seen.Before(oldest.Seen) {
				oldest = a
			}
		}
		delete(f.mu.agents, oldest.ID)
		f.opt.Logger.Warn("an agent is forgotten: more agents than the book holds", "agent", oldest.ID, "host", oldest.Host, "max", f.opt.MaxAgents)
	}
}
