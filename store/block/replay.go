package block

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
)

// replay builds the heads from the logs, before anybody else has the store.
func (s *Store) replay(found *Recovery) error {
	for i, sh := range s.shards {
		r := replayer{shard: sh, found: found}
		damage, err := sh.log.Replay(applog.Position{}, r.read)
		found.Logs[i].Damage = append(found.Logs[i].Damage, damage...)
		if err != nil {
			return fmt.Errorf("read the log %s back: %w", walDir(s.dir, i), err)
		}
		r.settle()
	}
	return s.writePending(context.Background())
}

// replayer puts one record after the other into a shard that nobody else has
// yet.
type replayer struct {
	*shard
	found *Recovery
}

// read takes one record in. What was accepted once is accepted again, whatever
// the bounds are now; what cannot be read is left out, counted and logged.
func (r *replayer) read(pos applog.Position, kind byte, payload []byte) error {
	if err := checkRecord(kind, payload); err != nil {
		return fmt.Errorf("read record at %s: %w", pos, err)
	}
	by := [...]func(applog.Position, []byte) error{
		kindBatch: r.batch, kindLimit: r.limit, kindMember: r.member, kindDeleted: r.deleted,
	}[kind]
	return r.pass(pos, by(pos, payload))
}

// pass counts and logs what cannot be read, and goes on.
func (r *replayer) pass(pos applog.Position, err error) error {
	var unreadable *recordError
	if errors.As(err, &unreadable) {
		r.found.Unreadable++
		r.store.opt.Logger.Error("a record of the log cannot be read; it is left out", "position", pos, "error", err)
		return nil
	}
	return err
}

// recordError is a record that this version cannot make sense of.
type recordError struct{ error }

func (r *replayer) batch(pos applog.Position, payload []byte) error {
	return decodeBatch(payload, func(text []byte, d roentgen.Stored) error { return r.pass(pos, r.document(pos, text, d)) })
}

func (r *replayer) document(pos applog.Position, text []byte, d roentgen.Stored) (err error) {
	if d.Segment, err = r.parser.Parse(text); err != nil {
		return &recordError{err}
	}
	t, err := r.goOn(pos, d.Segment.Trace)
	if err != nil || t == nil || t.has(d.Segment) {
		return err
	}
	t.log(pos.File)
	r.mu.hold(t, d)
	r.found.Documents++
	return nil
}

// goOn returns the trace to which a record at pos belongs, pulled out of its
// block if it is in one; nil where the block has that record's content already.
func (r *replayer) goOn(pos applog.Position, id roentgen.TraceID) (*trace, error) {
	if t := r.mu.traces[id]; t != nil {
		return t, nil
	}
	at, err := r.store.locate(id)
	if err != nil {
		return nil, err
	}
	if at.block != nil {
		contained := pos.Before(at.block.position(r.number))
		if err := at.block.leave(); err != nil || contained {
			return nil, err
		}
		if err := r.pull(id); err != nil {
			return nil, err
		}
	}
	return r.mu.trace(id), nil
}

// position is up to where the block holds all documents of its traces.
func (b *block) position(shard int) applog.Position {
	for _, p := range b.file.Meta().Positions {
		if p.Shard == shard {
			return p.Position
		}
	}
	return applog.Position{}
}

func (r *replayer) limit(pos applog.Position, payload []byte) error {
	id, err := decodeTrace(payload)
	if err != nil {
		return &recordError{err}
	}
	t, err := r.goOn(pos, id)
	if err != nil || t == nil {
		return err
	}
	t.limited = true
	t.version++
	t.log(pos.File)
	return nil
}

// member takes a membership in whatever the position of a block says: those are
// written down beside the documents and not in their order.
func (r *replayer) member(pos applog.Position, payload []byte) error {
	id, m, err := decodeMember(payload)
	if err != nil {
		return &recordError{err}
	}
	if r.mu.traces[id] == nil {
		if known, err := r.inBlock(id, m.Group); err != nil || known {
			return err
		}
		if err := r.pull(id); err != nil {
			return err
		}
	}
	t := r.mu.traces[id]
	if t == nil {
		return nil // retention has removed it
	}
	t.join(m)
	t.log(pos.File)
	return nil
}

// inBlock tells whether the trace stands in a block as a member of the group.
func (r *replayer) inBlock(id roentgen.TraceID, group string) (bool, error) {
	at, err := r.store.locate(id)
	if err != nil || at.block == nil {
		return false, err
	}
	x, err := at.block.index()
	if err != nil {
		return false, errors.Join(r.store.judge(at.block, err), at.block.leave())
	}
	return isMember(x.Row(at.row).Members, group), at.block.leave()
}

// join makes t a member. The list may be in others' hands.
func (t *trace) join(m graph.Member) {
	if !isMember(t.members, m.Group) {
		t.members = append(slices.Clone(t.members), m)
		t.version++
	}
}

func (r *replayer) deleted(pos applog.Position, payload []byte) error {
	id, err := decodeTrace(payload)
	if err != nil {
		return &recordError{err}
	}
	r.erasedIn = pos.File
	if len(r.store.orphans) > 0 {
		r.store.deletions[id] = pos
	}
	if t := r.mu.traces[id]; t != nil {
		r.mu.drop(t)
	}
	return r.store.unplace(id, func(b *block) bool { return !pos.Before(b.position(r.number)) })
}

// settle does for all traces at once what reading left out.
func (r *replayer) settle() {
	for _, t := range r.mu.traces {
		if r.expired(t) {
			r.mu.drop(t)
		}
	}
	r.mu.sweep()
	r.mu.end = r.log.End()
	r.measure()
}

// expired tells whether retention would remove the trace, and may have done so
// already while it was in a block.
func (r *replayer) expired(t *trace) bool {
	if len(t.entities) == 0 {
		return false
	}
	opt := r.store.opt
	switch now, updated := opt.now(), t.clock().updated; {
	case updated >= before(now, opt.Retention):
		return false
	case updated < before(now, opt.RetainFailing):
		return true
	default:
		at := t.still()
		was := r.store.counter.reread.read(&at)
		partial := was.partial()
		summary := partial.Summary()
		return !graph.Fold(was.whole(), &summary, now, opt.Graph).Failing()
	}
}
