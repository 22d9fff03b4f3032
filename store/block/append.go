package block

import (
	"context"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// Append hands the documents to the shards of their traces and waits until all
// of them are durable. A ctx that ends counts until the first shard has some.
// While the head is half as large again as it should be, Append waits for a flush.
func (s *Store) Append(ctx context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	err := ctx.Err()
	if err == nil {
		err = s.admit(ctx)
	}
	outcomes := make([]roentgen.Outcome, len(docs))
	if err == nil {
		err = s.appendAll(ctx, s.sort(docs, outcomes))
	}
	if err != nil {
		return nil, fmt.Errorf("append %d documents: %w", len(docs), err)
	}
	return outcomes, nil
}

// sort makes calls of docs: of each shard those of its traces in their order, as
// many as go into a log at once.
func (s *Store) sort(docs []roentgen.Stored, outcomes []roentgen.Outcome) (calls []sorted) {
	open := make([]*call, len(s.shards))
	for i, d := range docs {
		sh := s.shardOf(d.Segment.Trace)
		c, n := open[sh.number], len(d.Segment.Document)+entryHead
		if c == nil || c.size+n > callBytes {
			c = &call{outcomes: outcomes, done: make(chan struct{})}
			open[sh.number] = c
			calls = append(calls, sorted{sh, c})
		}
		c.docs, c.at, c.size = append(c.docs, d), append(c.at, i), c.size+n
	}
	return calls
}

// sorted is a call and where it belongs.
type sorted struct {
	*shard
	*call
}

func (s *Store) appendAll(ctx context.Context, calls []sorted) (err error) {
	sent := 0
	for _, c := range calls {
		c.ctx = ctx
		if err = s.submit(c.shard, c.call); err != nil {
			break
		}
		ctx = context.WithoutCancel(ctx)
		sent++
	}
	for _, c := range calls[:sent] {
		<-c.done
		if err == nil {
			err = c.err
		}
	}
	return err
}

// batch is the calls that share a write, on their way through the shard.
type batch struct {
	calls   []*call
	work    []planned
	limits  []*trace // found too large for the first time
	missing []roentgen.TraceID
	held    []*trace // were missing, and are pinned since they were found or made
	records []applog.Record
	raw     []byte                // the documents that are written, one behind the other
	packed  []byte                // the same, compressed
	seen    map[document]struct{} // those that are written, but for the first of each trace
}

// document is what tells documents apart.
type document struct {
	trace roentgen.TraceID
	id    roentgen.SegmentID
	hash  uint64
}

// planned is one document of a batch. Its trace is pinned: no flush takes it away.
type planned struct {
	roentgen.Stored
	trace   *trace
	outcome *roentgen.Outcome
	write   bool
}

func (p *planned) document() document {
	return document{p.Segment.Trace, p.Segment.ID, p.Segment.Hash}
}

// commit takes calls through: find the traces, decide what becomes of each
// document, make durable what is new, show it, answer.
func (sh *shard) commit(calls []*call) {
	b := &sh.batch
	b.calls = calls
	sh.collect(b)
	var at applog.Position
	err := sh.findTraces(b)
	if err == nil {
		sh.plan(b)
		at, err = sh.write(b)
	}
	sh.finish(b, at, err == nil)
	for _, c := range b.calls {
		if c.err == nil {
			c.err = err
		}
		close(c.done)
	}
	b.reset()
}

// mostScratch is how much memory of a large batch is kept for the next.
const mostScratch = 1 << 20

func (b *batch) reset() {
	if cap(b.raw) > mostScratch {
		b.raw, b.packed = nil, nil
	}
	clear(b.calls)
	clear(b.work)
	clear(b.limits)
	clear(b.records)
	clear(b.held)
	clear(b.seen)
	b.calls, b.work, b.limits, b.missing, b.held, b.records, b.raw = b.calls[:0], b.work[:0], b.limits[:0], b.missing[:0], b.held[:0], b.records[:0], b.raw[:0]
}

// collect lists the documents of the calls that are still wanted.
func (sh *shard) collect(b *batch) {
	for _, c := range b.calls {
		if c.err = c.ctx.Err(); c.err != nil {
			continue
		}
		for i, d := range c.docs {
			b.work = append(b.work, planned{Stored: d, outcome: &c.outcomes[c.at[i]]})
		}
	}
}

// findTraces pins the trace of every document. Those that the head has not are
// looked for in the blocks and, found there, pulled into the head.
func (sh *shard) findTraces(b *batch) error {
	sh.mu.Lock()
	for i := range b.work {
		sh.pin(&b.work[i], b)
	}
	sh.mu.Unlock()
	if len(b.missing) == 0 {
		return nil
	}
	for _, id := range b.missing {
		t, err := sh.fetch(id)
		if t != nil {
			b.held = append(b.held, t)
		}
		if err != nil {
			return err
		}
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range b.work {
		sh.pin(&b.work[i], b)
	}
	return nil
}

// fetch returns a trace that the head does not have, pulled or made, and pinned:
// a flush that came before it is written to would take it away again.
func (sh *shard) fetch(id roentgen.TraceID) (*trace, error) {
	if t, err := sh.pullAnd(id, true); t != nil || err != nil {
		return t, err
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.mu.trace(id)
	t.pins++
	return t, nil
}

// pin finds the trace of w in the head, or notes that it is missing.
func (sh *shard) pin(w *planned, b *batch) {
	if w.trace != nil {
		return
	}
	id := w.Segment.Trace
	t := sh.mu.traces[id]
	if t == nil {
		if n := len(b.missing); n == 0 || !slices.Contains(b.missing[max(0, n-4):], id) {
			b.missing = append(b.missing, id) // twice does no harm: then the head has it
		}
		return
	}
	t.pins++
	w.trace = t
}

// plan decides what becomes of each document, which is known before it is
// written for all but those that are: of them it says StoredNew.
func (sh *shard) plan(b *batch) {
	oldest := sh.store.opt.oldest()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range b.work {
		w := &b.work[i]
		*w.outcome = sh.planOne(b, i, oldest)
		if w.write = *w.outcome == roentgen.StoredNew; w.write {
			b.raw = appendEntry(b.raw, w.Stored)
		}
	}
	for _, t := range b.limits {
		b.records = append(b.records, traceRecord(kindLimit, t.id))
	}
}

func (sh *shard) planOne(b *batch, i int, oldest roentgen.Time) roentgen.Outcome {
	w := &b.work[i]
	t, n := w.trace, len(w.Segment.Document)
	if b.plans(w) || t.has(w.Segment) {
		return roentgen.Duplicate
	}
	switch {
	case w.Segment.Start < oldest:
		return roentgen.RefusedTooOld
	case t.bytes+t.planned+n > sh.store.opt.MaxTraceBytes:
		if !t.limited && !slices.Contains(b.limits, t) {
			b.limits = append(b.limits, t)
		}
		return roentgen.RefusedTraceTooLarge
	}
	if t.planned == 0 {
		t.first = i
	} else {
		b.seen[w.document()] = struct{}{}
	}
	t.planned += n
	return roentgen.StoredNew
}

// plans reports whether the batch has the document already. Most traces have one
// in it.
func (b *batch) plans(w *planned) bool {
	if w.trace.planned == 0 {
		return false
	}
	if b.work[w.trace.first].document() == w.document() {
		return true
	}
	_, twice := b.seen[w.document()]
	return twice
}

// write makes the records durable and returns where they begin.
func (sh *shard) write(b *batch) (applog.Position, error) {
	if len(b.raw) > 0 { // outside of the lock, which readers want
		var record applog.Record
		b.packed, record = batchRecord(b.raw, b.packed)
		b.records = append(b.records, record)
	}
	if len(b.records) == 0 {
		return applog.Position{}, nil
	}
	at, err := sh.log.Append(context.Background(), b.records...)
	return at, storeError(err)
}

// finish puts what was written into the head, where it was, and lets flushes
// have the traces again.
func (sh *shard) finish(b *batch, at applog.Position, written bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if written && len(b.records) > 0 {
		sh.show(b, at.File)
		sh.mu.end = applog.Position{File: at.File, Offset: at.Offset + frameBytes(b.records)}
	}
	for i := range b.work {
		w := &b.work[i]
		if w.trace == nil {
			continue
		}
		if w.write {
			w.trace.planned -= len(w.Segment.Document)
		}
		sh.unpin(w.trace)
	}
	for _, t := range b.held {
		sh.unpin(t)
	}
	sh.measure()
}

// unpin lets a flush have t again, unless somebody else pins it. mu is held.
func (sh *shard) unpin(t *trace) {
	if t.pins--; t.pins == 0 {
		sh.mu.forget(t)
	}
}

func (sh *shard) show(b *batch, file uint64) {
	for i := range b.work {
		if w := &b.work[i]; w.write {
			w.trace.log(file)
			*w.outcome = sh.mu.hold(w.trace, w.Stored)
		}
	}
	for _, t := range b.limits {
		t.limited = true
		t.version++
		t.log(file)
		sh.mu.soil(t)
	}
}

func frameBytes(records []applog.Record) (n int64) {
	for _, r := range records {
		n += applog.FrameBytes(len(r.Head) + len(r.Payload))
	}
	return n
}

// log notes that the log file holds something of t.
func (t *trace) log(file uint64) {
	if t.logged == 0 || file < t.logged {
		t.logged = file
	}
}
