package tail

import (
	"context"
	"errors"
	"time"
)

// frozen is a while in which an agent stood still, and what the kernel's buffer for it was seen to do.
type frozen struct {
	host    int
	from    int64 // all its threads stood
	to      int64 // the buffer was looked into, and the agent went on
	rose    int64 // the kernel dropped nothing after that
	known   int64 // until when it was asked
	clean   bool  // the kernel had dropped nothing before it stood
	waiting map[documentID]bool
}

// cause says why the agent did not read a document; empty, and known, is that the kernel did not drop it.
func (f *frozen) cause(id documentID, d sentDocument) (cause string, known bool) {
	const before = int64(5 * time.Second)
	switch {
	case f.host != int(d.host) || d.spans:
		return "", false
	case d.sent < f.from:
		return "", f.clean && d.sent > f.from-before
	case d.began >= f.from && d.sent <= f.to && f.waiting[id]:
		return "", true
	case d.began >= f.from && d.sent <= f.to:
		return causeFrozen, true
	default:
		return "", d.began > f.rose && d.sent <= f.known
	}
}

const causeStill = "its agent was frozen"

// watchAfter is how long the kernel's count of drops is watched when a frozen agent goes on.
const watchAfter = 3 * time.Second

func (f *faults) freezeAgent(ctx context.Context, each time.Duration) error {
	return f.standStill(ctx, 4, min(15*time.Second, each/2), watchAfter)
}

// standStill freezes an agent for a while.
func (f *faults) standStill(ctx context.Context, host int, span, after time.Duration) error {
	f.note("agent %d is frozen (SIGSTOP) for %s", host, span)
	a := f.fleet.agents[host]
	from := time.Now()
	if err := freeze(a); err != nil {
		return err
	}
	hand, why := holdSocket(a.pid(), f.fleet.udp[host])
	var err error
	if why == nil {
		err = f.watchFrozen(ctx, host, hand, from, span, after)
		err = errors.Join(err, hand.close())
	} else {
		f.note("which datagrams the kernel drops meanwhile is an estimate: %v", why)
		err = errors.Join(sleep(ctx, span), thaw(a))
		f.mu.Lock()
		f.outages = append(f.outages, outage{host, from.UnixNano(), time.Now().UnixNano(), causeStood})
		f.mu.Unlock()
		f.cut(host, from, causeStill)
	}
	return err
}

// watchFrozen looks into the kernel's buffer before the agent goes on, and watches for a while how many datagrams the kernel drops.
func (f *faults) watchFrozen(ctx context.Context, host int, hand *held, from time.Time, span, after time.Duration) error {
	s := frozen{host: host, from: time.Now().UnixNano(), waiting: map[documentID]bool{}}
	drops, err := hand.drops()
	if err != nil {
		return errors.Join(err, thaw(f.fleet.agents[host]))
	}
	s.clean = drops == 0
	err = sleep(ctx, span)
	s.to = time.Now().UnixNano()
	err = errors.Join(err, hand.peek(func(datagram []byte) {
		if id, ok := nameOf(datagram); ok {
			s.waiting[id] = true
		}
	}))
	if err = errors.Join(err, thaw(f.fleet.agents[host])); err != nil {
		return err
	}
	f.cut(host, from, causeStill)
	before := drops
	for s.known = s.to; s.known < s.to+int64(after); s.known = time.Now().UnixNano() {
		now, err := hand.drops()
		if err != nil {
			return err
		}
		if now != drops {
			drops, s.rose = now, time.Now().UnixNano()
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	f.mu.Lock()
	f.frozen = append(f.frozen, s)
	f.mu.Unlock()
	f.note("agent %d went on %s ago; %d datagrams waited for it, the kernel dropped %d", host, after, len(s.waiting), drops-before)
	return nil
}
