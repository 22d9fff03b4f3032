package block

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/store"
)

// Import makes a store in the empty directory dir of what fill hands to the
// Importer: what another store has kept, with the times and reasons that it
// has kept. Nothing of it is too old or too large. Until Import has returned, and
// for good where it returns an error, the directory says that it is unfinished,
// and why, and cannot be opened.
func Import(ctx context.Context, fs vfs.FS, dir string, opt Options, why string, fill func(*Importer) error) (store.Stats, error) {
	if err := datadir.Begin(fs, dir, storeName, why); err != nil {
		return store.Stats{}, err
	}
	opt.Retention, opt.RetainFailing, opt.MaxDiskBytes, opt.MaxTraceBytes, opt.Manual = -1, 0, 0, -1, true
	s, _, err := openClaimed(fs, dir, opt)
	if err != nil {
		return store.Stats{}, err
	}
	i := &Importer{ctx: ctx, store: s, groups: map[string]bool{}}
	stats, err := i.run(fill)
	if err = errors.Join(err, s.Close()); err != nil {
		return stats, fmt.Errorf("fill the data directory %s: %w", dir, err)
	}
	return stats, datadir.Finish(fs, dir)
}

// Importer takes in what another store has kept, in the order in which it came.
// It is for one goroutine.
type Importer struct {
	ctx    context.Context
	store  *Store
	docs   []roentgen.Stored
	marks  []mark
	size   int
	groups map[string]bool // that have members
}

// mark is what is known of a trace besides its documents: that it is a member,
// or, without a group, that documents were refused for its size.
type mark struct {
	trace roentgen.TraceID
	graph.Member
}

func (i *Importer) run(fill func(*Importer) error) (store.Stats, error) {
	err := fill(i)
	if err == nil {
		err = i.flush()
	}
	if err == nil {
		err = i.nameGroups()
	}
	if err == nil {
		err = i.store.Flush(i.ctx)
	}
	if err != nil {
		return store.Stats{}, err
	}
	return i.store.Stats(i.ctx)
}

// Document adds a document, with what stood beside it.
func (i *Importer) Document(d roentgen.Stored) error {
	i.docs = append(i.docs, d)
	return i.grow(len(d.Segment.Document))
}

// Limited notes that documents of the trace were refused for its size.
func (i *Importer) Limited(id roentgen.TraceID) error {
	i.marks = append(i.marks, mark{trace: id})
	return i.grow(traceLength)
}

// Member notes that a group has admitted the trace.
func (i *Importer) Member(id roentgen.TraceID, m graph.Member) error {
	if m.Group == "" || len(m.Group) > store.MaxGroupID {
		return fmt.Errorf("trace %s is a member of a group with an id of %d bytes, want 1 to %d", id, len(m.Group), store.MaxGroupID)
	}
	i.groups[m.Group] = true
	i.marks = append(i.marks, mark{id, m})
	return i.grow(memberHead + store.MaxGroupID)
}

// importBytes is how much is handed on at once: a sync for each.
const importBytes = callBytes / 2

func (i *Importer) grow(n int) error {
	if i.size += n; i.size < importBytes {
		return nil
	}
	return i.flush()
}

func (i *Importer) flush() error {
	if err := i.append(); err != nil {
		return err
	}
	for _, sh := range i.store.shards {
		mine := slices.DeleteFunc(slices.Clone(i.marks), func(m mark) bool { return i.store.shardOf(m.trace) != sh })
		if len(mine) == 0 {
			continue
		}
		if err := i.store.inTurn(i.ctx, sh, func() error { return sh.mark(i.ctx, mine) }); err != nil {
			return fmt.Errorf("note what is known of %d traces: %w", len(mine), err)
		}
	}
	clear(i.docs)
	i.docs, i.marks, i.size = i.docs[:0], i.marks[:0], 0
	return nil
}

func (i *Importer) append() error {
	outcomes, err := i.store.Append(i.ctx, i.docs)
	if err != nil {
		return err
	}
	for n, o := range outcomes {
		if o > roentgen.Duplicate {
			return fmt.Errorf("document %s of trace %s is refused: %s", i.docs[n].Segment.ID, i.docs[n].Segment.Trace, o)
		}
	}
	return nil
}

// mark runs in the shard's goroutine.
func (sh *shard) mark(ctx context.Context, marks []mark) error {
	var records []applog.Record
	for _, m := range marks {
		if err := sh.pull(m.trace); err != nil {
			return err
		}
		if m.Group == "" {
			records = append(records, traceRecord(kindLimit, m.trace))
		} else {
			records = append(records, memberRecord(m.trace, m.Member))
		}
	}
	at, err := sh.log.Append(ctx, records...)
	if err != nil {
		return storeError(err)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, m := range marks {
		t := sh.mu.trace(m.trace)
		if m.Group == "" {
			t.limited = true
			t.version++
		} else {
			t.join(m.Member)
		}
		t.log(at.File)
	}
	sh.mu.end = applog.Position{File: at.File, Offset: at.Offset + frameBytes(records)}
	return nil
}

// nameGroups writes down which groups have members, so that those of groups
// which are not named when the store is opened are dismissed.
func (i *Importer) nameGroups() error {
	if len(i.groups) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(i.groups))
	i.store.house.Lock()
	defer i.store.house.Unlock()
	return i.store.catalogue.commit(i.ctx, edit{Groups: &ids})
}
