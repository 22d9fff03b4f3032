package tail

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// killAgents kills agents, one after the other: the first one at once, when what was before is still under way, the others by chance.
func (f *faults) killAgents(ctx context.Context, each time.Duration) error {
	slot := each / time.Duration(max(f.kills, 1))
	for i := range f.kills {
		began, host := time.Now(), 1
		if i > 0 {
			host = f.IntN(len(f.fleet.agents))
			if err := sleep(ctx, time.Duration(f.Float64()*float64(slot)/3)); err != nil {
				return err
			}
		}
		if err := f.killAgent(ctx, host, min(2*time.Second, slot/3)); err != nil {
			return err
		}
		if err := sleep(ctx, slot-time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}

func (f *faults) killAgent(ctx context.Context, host int, dead time.Duration) error {
	f.note("agent %d is killed (SIGKILL), and started again after %s", host, dead.Round(time.Millisecond))
	a := f.fleet.agents[host]
	k := killing{host: host}
	hand, why := holdSocket(a.pid(), f.fleet.udp[host])
	k.at = time.Now()
	if err := a.kill(); err != nil {
		return err
	}
	if k.why = why; why == nil {
		if err := f.readHeld(&k, hand); err != nil {
			return err
		}
		f.note("agent %d left %d datagrams in the kernel's buffer; %d came until it was shut; the kernel had dropped %d", host, k.held, k.late, k.dropped)
	} else {
		k.at = time.Now()
		k.sent = f.book.lately(host)
		f.note("how many datagrams agent %d left in the kernel's buffer is an estimate: %v", host, why)
	}
	if err := sleep(ctx, dead); err != nil {
		return err
	}
	err := a.start(ctx)
	if why == nil && err == nil {
		k.started, err = dropsAt(a.pid(), f.fleet.udp[host])
	}
	f.mu.Lock()
	f.killed = append(f.killed, k)
	f.mu.Unlock()
	f.cut(host, k.at, "its agent was killed")
	f.note("agent %d is ready again after %.1f s", host, time.Since(k.at).Seconds())
	return err
}

// dropsAt is how many datagrams the kernel has dropped at the socket of a process that listens at an address.
func dropsAt(pid int, address string) (n int64, err error) {
	hand, err := holdSocket(pid, address)
	if err != nil {
		return 0, err
	}
	n, err = hand.drops()
	return n, errors.Join(err, hand.close())
}

// readHeld reads what lies in the socket of a dead agent, and gives it back. What comes afterwards the kernel refuses, and tells the sender.
func (f *faults) readHeld(k *killing, hand *held) error {
	drain := func(n *int64) error {
		var odd error
		err := hand.drain(func(datagram []byte) {
			*n++
			id, ok := nameOf(datagram)
			if !ok {
				odd = fmt.Errorf("the kernel held a datagram for agent %d that was not sent by this load: %.200q", k.host, datagram)
			}
			f.book.unread.add(k.host, id, causeHeld)
		})
		return errors.Join(err, odd)
	}
	err := drain(&k.held)
	var odd error
	k.dropped, odd = hand.drops()
	err = errors.Join(err, odd, hand.shut())
	time.Sleep(time.Millisecond) // for senders that had found the socket before it was shut
	err = errors.Join(err, drain(&k.late))
	return errors.Join(err, hand.close())
}
