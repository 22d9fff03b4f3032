package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// commit is one call of Commit on its way to the disk. done and err are guarded
// by Fleet.writing.
type commit struct {
	record  batchRecord
	text    []byte // the record, encoded
	notices []wire.Notice
	done    bool
	err     error
}

// Commit writes down that the documents of the batch are durable, and what was
// answered. It returns when that is durable too; commits that come together
// share one fsync. Then the batch counts, and polls that wait learn of notices.
//
// An error means that the batch may come again, and must be answered so. The
// caller has called Begin for h, and releases it when Commit has returned. A
// statement that is no JSON is an error of kind Invalid.
func (f *Fleet) Commit(h wire.BatchHeader, answer wire.BatchAnswer, notices []wire.Notice, statement []byte) error {
	c := &commit{notices: notices, record: batchRecord{
		At: f.opt.Now(), Agent: h.Agent, Host: h.Host, Version: h.Version, Epoch: h.Epoch, Seq: h.Seq,
		Documents: h.Documents, Outcomes: answer.Outcomes, Codes: answer.Codes, Rejected: answer.Rejected,
		Statement: bytes.Clone(statement), // it stays with the agent
		By:        h.By,
	}}
	var err error
	if c.text, err = json.Marshal(&c.record); err != nil {
		return roentgen.Invalidf("write batch %d of agent %s into the book: %w", h.Seq, h.Agent, err)
	}
	if err := f.enqueue(c); err != nil {
		return err
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	if !c.done { // whoever had the lock before wrote this one too, or it is our turn
		f.write(f.takePending())
	}
	return c.err
}

func (f *Fleet) enqueue(c *commit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.closed {
		return errClosed
	}
	f.mu.pending = append(f.mu.pending, c)
	return nil
}

func (f *Fleet) takePending() []*commit {
	f.mu.Lock()
	defer f.mu.Unlock()
	group := f.mu.pending
	f.mu.pending = nil
	return group
}

// write makes a group durable: notices first, because those of a batch that is
// not counted come again with it, and are known then. writing is held.
func (f *Fleet) write(group []*commit) {
	now := f.opt.Now()
	err := f.writeGroup(group, now)
	if err != nil {
		err = unavailable(fmt.Errorf("write the book of agents: %w", err))
	}
	for _, c := range group {
		c.done, c.err = true, err
	}
}

func (f *Fleet) writeGroup(group []*commit, now time.Time) error {
	if f.isClosed() {
		return errClosed
	}
	if err := f.announce(group, now); err != nil {
		return err
	}
	if err := f.rewrite(); err != nil {
		return err
	}
	records := make([]applog.Record, len(group))
	for i, c := range group {
		records[i] = applog.Record{Kind: kindBatch, Payload: c.text}
	}
	if err := f.book.append(records); err != nil {
		return err
	}
	f.apply(group)
	return nil
}

// apply makes what was written so.
func (f *Fleet) apply(group []*commit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range group {
		a := f.mu.agents[c.record.Agent]
		if a == nil {
			a = &agent{ID: c.record.Agent}
			f.mu.agents[a.ID] = a
		}
		a.take(&c.record)
	}
}

func (f *Fleet) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.closed
}

// unavailable gives an error of the disk its kind: the agent keeps what it has,
// and sends it again.
func unavailable(err error) error {
	var known *roentgen.Error
	if errors.As(err, &known) {
		return err
	}
	return &roentgen.Error{Kind: roentgen.Unavailable, Err: err}
}
