package rates

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
)

// Kinds of records, drawn in docs/format/rollup.md.
const (
	kindBatch     byte = 1
	kindSpan      byte = 2
	kindSeen      byte = 3
	kindForgotten byte = 4
)

const (
	maxRecord = 64 << 20
	maxAgent  = 1024
)

// batch is the roll-ups that came together.
type batch struct {
	agent      string
	epoch, seq uint64
	rollups    [][]byte
}

func (in batch) parse() (out []*graph.Minutely, err error) {
	size := 0
	for i, text := range in.rollups {
		r, err := graph.ParseMinutes(text)
		if err != nil {
			return nil, &roentgen.Error{Kind: roentgen.Invalid, Err: fmt.Errorf("roll-up %d of batch %d of agent %s: %w", i, in.seq, in.agent, err)}
		}
		out = append(out, r)
		size += len(text)
	}
	if size > maxRecord/2 {
		return nil, roentgen.Invalidf("the roll-ups of batch %d of agent %s have %d bytes; up to %d are taken at once", in.seq, in.agent, size, maxRecord/2)
	}
	return out, nil
}

func (in batch) record() applog.Record {
	b := appendString(nil, in.agent)
	b = binary.AppendUvarint(b, in.epoch)
	b = binary.AppendUvarint(b, in.seq)
	b = binary.AppendUvarint(b, uint64(len(in.rollups)))
	for _, r := range in.rollups {
		b = appendString(b, string(r))
	}
	return applog.Record{Kind: kindBatch, Payload: b}
}

// write makes a record durable.
func (b *Book) write(ctx context.Context, r applog.Record) error {
	if _, err := b.log.Append(ctx, r); err != nil {
		if errors.Is(err, applog.ErrClosed) {
			return errClosed
		}
		return &roentgen.Error{Kind: roentgen.Unavailable, Err: fmt.Errorf("write roll-ups down: %w", err)}
	}
	b.logged += applog.FrameBytes(len(r.Payload))
	return nil
}

// rewrite writes the log anew where most of it has been added up. The caller
// holds writing. What has been acknowledged is in the old files until the new
// ones say it.
func (b *Book) rewrite(ctx context.Context) error {
	if b.log == nil || b.logged < b.opt.logBytes {
		return nil
	}
	records := b.snapshot()
	size := int64(0)
	for _, r := range records {
		size += applog.FrameBytes(len(r.Payload))
	}
	if b.logged < 2*size {
		return nil
	}
	if err := b.replace(ctx, records); err != nil {
		// The batch at hand is durable and counted: this can be done with a later one.
		b.opt.Logger.Warn("the log of rates could not be written anew", "err", err)
		return nil
	}
	b.logged = size
	return nil
}

func (b *Book) replace(ctx context.Context, records []applog.Record) error {
	begin, err := b.log.Rotate(ctx)
	if err != nil {
		return err
	}
	for _, r := range records { // one by one: together they may be larger than a call
		if _, err := b.log.Append(ctx, r); err != nil {
			return err
		}
	}
	return b.log.DropBefore(begin.File)
}

// snapshot is the records that make the book what it is.
func (b *Book) snapshot() (out []applog.Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range b.mu.levels {
		for _, s := range b.mu.levels[n].spans {
			p := []byte{byte(n + 1)}
			p = binary.AppendVarint(p, int64(s.begin))
			p = appendString(p, string(b.settleLocked(s).Bytes()))
			out = append(out, applog.Record{Kind: kindSpan, Payload: p})
		}
	}
	out = append(out, applog.Record{Kind: kindForgotten, Payload: binary.AppendVarint(nil, int64(b.mu.forgotten))})
	for _, e := range b.mu.seen.epochs {
		out = append(out, applog.Record{Kind: kindSeen, Payload: e.append(nil)})
	}
	return out
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
