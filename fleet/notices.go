package fleet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// kindNotices is the one kind of record in the log of notices, drawn in
// docs/format/fleet.md.
const kindNotices byte = 1

const (
	noticesHead   = 8 + 8 + 1 // first number, time, length of the agent's name
	noticeBytes   = 16 + 1    // trace id, reason
	recordNotices = 4096      // at most in one record
	recordReasons = 255       // at most in one record
)

// noticeLog is the log under what is held.
type noticeLog struct {
	log   *applog.Log
	files []noticeFile // ascending; the last is written to
}

// noticeFile is one with at least one record.
type noticeFile struct {
	number uint64
	last   uint64 // the number of the newest notice in it
}

// grown notes that a file holds notices up to number last.
func (l *noticeLog) grown(file, last uint64) {
	if n := len(l.files); n > 0 && l.files[n-1].number == file {
		l.files[n-1].last = last
		return
	}
	l.files = append(l.files, noticeFile{file, last})
}

// drop removes the files that hold nothing from number oldest on, but never
// that of the newest notice: it says which number comes next.
func (l *noticeLog) drop(oldest uint64) error {
	n := 0
	for n < len(l.files)-1 && l.files[n].last < oldest {
		n++
	}
	if n == 0 {
		return nil
	}
	if err := l.log.DropBefore(l.files[n].number); err != nil {
		return err
	}
	l.files = l.files[n:]
	return nil
}

// fromAgent is notices of one agent that go into one record.
type fromAgent struct {
	agent   string
	notices []wire.Notice
}

// announce makes the notices of a group durable and hands them to polls.
func (f *Fleet) announce(group []*commit, now time.Time) error {
	parts := f.freshParts(group, now)
	if len(parts) == 0 {
		return f.trim(now)
	}
	if err := f.logNotices(parts, now); err != nil {
		f.recent.forget()
		return fmt.Errorf("write notices down: %w", err)
	}
	f.hold(parts, now)
	return f.trim(now)
}

// freshParts leaves out what was announced lately, and cuts the rest into what
// a record holds.
func (f *Fleet) freshParts(group []*commit, now time.Time) []fromAgent {
	var parts []fromAgent
	for _, c := range group {
		var fresh []wire.Notice
		reasons := map[string]struct{}{}
		for _, n := range c.notices {
			if !f.recent.fresh(n.Trace, now) {
				continue
			}
			if reasons[n.Reason] = struct{}{}; len(fresh) == recordNotices || len(reasons) > recordReasons {
				parts, fresh = append(parts, fromAgent{c.record.Agent, fresh}), nil
				reasons = map[string]struct{}{n.Reason: {}}
			}
			fresh = append(fresh, n)
		}
		if len(fresh) > 0 {
			parts = append(parts, fromAgent{c.record.Agent, fresh})
		}
	}
	return parts
}

// logNotices writes parts, each a record, some of them at a time: a call has a
// limit, and all of one call stand in one file.
func (f *Fleet) logNotices(parts []fromAgent, now time.Time) error {
	const atOnce = 16
	next := f.nextNotice()
	for len(parts) > 0 {
		n := min(atOnce, len(parts))
		records := make([]applog.Record, n)
		for i, p := range parts[:n] {
			records[i] = applog.Record{Kind: kindNotices, Payload: appendNoticeRecord(nil, next, now, p)}
			next += uint64(len(p.notices))
		}
		at, err := f.notices.log.Append(context.Background(), records...)
		if err != nil {
			return err
		}
		f.notices.grown(at.File, next-1)
		parts = parts[n:]
	}
	return nil
}

func (f *Fleet) nextNotice() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.held.next
}

// hold puts what is durable into memory and wakes the polls.
func (f *Fleet) hold(parts []fromAgent, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range parts {
		f.mu.held.add(p.agent, p.notices, now)
	}
	close(f.mu.woken)
	f.mu.woken = make(chan struct{})
}

// trim lets go of old notices, in memory and on disk.
func (f *Fleet) trim(now time.Time) error {
	f.mu.Lock()
	f.mu.held.trim(now.Add(-f.opt.KeepNotices), f.opt.MaxNotices)
	oldest := f.mu.held.oldest()
	f.mu.Unlock()
	return f.notices.drop(oldest)
}

func appendNoticeRecord(b []byte, first uint64, at time.Time, p fromAgent) []byte {
	b = binary.LittleEndian.AppendUint64(b, first)
	b = binary.LittleEndian.AppendUint64(b, uint64(at.UnixNano()))
	b = appendShort(b, p.agent)
	index, reasons := map[string]byte{}, []string(nil)
	for _, n := range p.notices {
		if _, known := index[n.Reason]; !known {
			index[n.Reason] = byte(len(reasons))
			reasons = append(reasons, n.Reason)
		}
	}
	b = append(b, byte(len(reasons)))
	for _, r := range reasons {
		b = appendShort(b, r)
	}
	for _, n := range p.notices {
		b = append(append(b, n.Trace[:]...), index[n.Reason])
	}
	return b
}

// appendShort writes up to 255 bytes of s behind their number.
func appendShort(b []byte, s string) []byte {
	s = s[:min(len(s), wire.MaxReasonBytes)]
	return append(append(b, byte(len(s))), s...)
}

var errNotices = errors.New("is not a record of notices")

// readNoticeRecord reads what appendNoticeRecord wrote.
func readNoticeRecord(b []byte) (first uint64, at time.Time, p fromAgent, err error) {
	if len(b) < noticesHead {
		return 0, time.Time{}, p, errNotices
	}
	first, at = binary.LittleEndian.Uint64(b), time.Unix(0, int64(binary.LittleEndian.Uint64(b[8:])))
	var ok bool
	if p.agent, b, ok = cutShort(b[16:]); !ok || len(b) < 1 {
		return 0, time.Time{}, p, errNotices
	}
	reasons := make([]string, b[0])
	b = b[1:]
	for i := range reasons {
		if reasons[i], b, ok = cutShort(b); !ok {
			return 0, time.Time{}, p, errNotices
		}
	}
	if len(b)%noticeBytes != 0 || first == 0 || first+uint64(len(b)) < first {
		return 0, time.Time{}, p, errNotices
	}
	p.notices = make([]wire.Notice, 0, len(b)/noticeBytes)
	for ; len(b) > 0; b = b[noticeBytes:] {
		if int(b[16]) >= len(reasons) {
			return 0, time.Time{}, p, errNotices
		}
		p.notices = append(p.notices, wire.Notice{Trace: roentgen.TraceID(b[:16]), Reason: reasons[b[16]]})
	}
	return first, at, p, nil
}

func cutShort(b []byte) (s string, rest []byte, ok bool) {
	if len(b) < 1 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}

// readNotices fills f with what the log holds. Numbers begin with the
// microseconds of now, so that those of a log that was lost do not come again.
func (f *Fleet) readNotices() error {
	now := f.opt.Now()
	h := &f.mu.held
	h.next = uint64(now.UnixMicro())
	damaged := len(f.mu.damage)
	empty := true
	damage, err := f.notices.log.Replay(applog.Position{}, func(pos applog.Position, kind byte, payload []byte) error {
		first, at, p, err := readNoticeRecord(payload)
		if err != nil || kind != kindNotices || !empty && first < h.next {
			f.note(fmt.Sprintf("record of notices at %s, kind %d: %v", pos, kind, errNotices))
			return nil
		}
		h.next, empty = first, false
		h.add(p.agent, p.notices, at)
		f.notices.grown(pos.File, h.next-1)
		h.trim(now.Add(-f.opt.KeepNotices), f.opt.MaxNotices)
		return nil
	})
	f.noteDamage(append(f.notices.log.Recovery().Damage, damage...)...)
	if len(f.mu.damage) > damaged {
		h.next = max(h.next, uint64(now.UnixMicro()))
	}
	if err != nil || !empty {
		return err
	}
	return f.markNumber(now)
}
