package tail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"
)

// outage is a while in which a host's agent did not read what was sent to it.
type outage struct {
	host     int
	from, to int64 // Unix nanoseconds
	cause    string
}

// everybody stands for all hosts in an outage.
const everybody = -1

// event is something that was done to the machines, for the report.
type event struct {
	At   time.Duration // since the begin of the load
	What string
}

// faults does to agents and server what happens to hosts, one after the other.
type faults struct {
	fleet *fleet
	book  *book
	begin time.Time

	kills int // of agents
	*rand.Rand

	mu      sync.Mutex
	outages []outage // nobody read what was sent
	cuts    []outage // no notice could pass between the host and the server
	frozen  []frozen
	killed  []killing
	events  []event
}

// killing is one death of an agent.
type killing struct {
	host    int
	at      time.Time
	held    int64 // datagrams that lay in its socket's buffer, and were read there when it was dead
	late    int64 // that came until the socket was shut
	dropped int64 // by the kernel in that life: for want of room, or for it died while one was copied
	started int64 // by the kernel in the next life, until the agent was ready

	// Where its socket could not be held, how many there were is an estimate: an agent reads datagrams in their order, so that those that it
	// had not read are the last ones.
	why  error
	sent []int64 // when documents were sent to it before, the last one first
}

// unread widens the outage of a killed agent, whose socket could not be held, to what the kernel still held for it: missing is how many
// segments the host was sent and did not read, over the whole run, and are not known by name.
func (f *faults) unread(missing func(host int) int64) {
	for _, k := range f.killed {
		held := missing(k.host)
		if k.why == nil || held <= 0 || len(k.sent) == 0 {
			continue
		}
		from := k.sent[min(held, int64(len(k.sent)))-1]
		f.outages = append(f.outages, outage{k.host, from, k.at.UnixNano(), causeEstimated})
	}
}

// dropped is how many datagrams the kernel has dropped at the sockets of all lives of an agent; not ok: it could not be asked.
func (f *faults) dropped(host int) (n int64, ok bool) {
	n, err := dropsAt(f.fleet.agents[host].pid(), f.fleet.udp[host])
	if err != nil {
		return 0, false
	}
	for _, k := range f.killed {
		if k.host == host && k.why != nil {
			return 0, false
		}
		if k.host == host {
			n += k.dropped
		}
	}
	return n, true
}

func (f *faults) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, event{time.Since(f.begin), fmt.Sprintf(format, args...)})
	f.fleet.say(format, args...)
}

func (f *faults) cut(host int, from time.Time, cause string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cuts = append(f.cuts, outage{host, from.UnixNano(), time.Now().UnixNano(), cause})
}

// Causes that are put down to a document because of when it was sent, where the kernel did not let it be looked at.
const (
	causeEstimated = "sent just before the agent was killed, as many as it did not read (an estimate)"
	causeStood     = "sent while the agent was frozen, and the kernel's buffer ran over (by the time it was sent)"
)

// run spreads the faults over a while: killed agents, a restarted server, a partition, a full disk, a frozen agent, a killed server.
func (f *faults) run(ctx context.Context, span time.Duration) error {
	steps := []func(context.Context, time.Duration) error{f.killAgents, f.restartServer, f.partition, f.fullDisk, f.freezeAgent, f.killServer}
	each := span / time.Duration(len(steps))
	for i, step := range steps {
		began := time.Now()
		if err := step(ctx, each); err != nil {
			return fmt.Errorf("fault %d of %d: %w", i+1, len(steps), err)
		}
		if err := sleep(ctx, each-time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (f *faults) restartServer(ctx context.Context, _ time.Duration) error {
	f.note("the server is ended (SIGTERM) and started again after 3 s")
	from := time.Now()
	if err := f.fleet.server.stop(); err != nil {
		return err
	}
	if err := sleep(ctx, 3*time.Second); err != nil {
		return err
	}
	err := f.fleet.server.start(ctx)
	f.cut(everybody, from, "the server was away")
	f.note("the server is ready again after %.1f s", time.Since(from).Seconds())
	return err
}

func (f *faults) killServer(ctx context.Context, _ time.Duration) error {
	f.note("the server is killed (SIGKILL) and started again at once")
	from := time.Now()
	if err := f.fleet.server.kill(); err != nil {
		return err
	}
	err := f.fleet.server.start(ctx)
	f.cut(everybody, from, "the server was away")
	f.note("the server is ready again after %.1f s", time.Since(from).Seconds())
	return err
}

// partition parts one agent from the server, for 30 s where there is time.
func (f *faults) partition(ctx context.Context, each time.Duration) error {
	const host = 2
	span := min(30*time.Second, each*3/4)
	f.note("agent %d and the server are parted for %s: what is sent does not arrive", host, span)
	from := time.Now()
	f.fleet.relays[host].part()
	err := sleep(ctx, span)
	f.fleet.relays[host].join()
	f.cut(host, from, "it was parted from the server")
	f.note("agent %d and the server are joined", host)
	return err
}

// fullDisk takes all that is left of an agent's disk, and parts it from the server, so that it has to keep what it cannot write.
func (f *faults) fullDisk(ctx context.Context, each time.Duration) error {
	const host = 3
	if f.fleet.small == "" {
		f.note("no full disk: %s", f.fleet.whyNoDisk)
		return nil
	}
	span := min(20*time.Second, each/2)
	filler := filepath.Join(f.fleet.small, "filler")
	f.note("the disk of agent %d is full for %s, and it is parted from the server", host, span)
	if err := fill(filler); err != nil {
		return err
	}
	from := time.Now()
	f.fleet.relays[host].part()
	err := sleep(ctx, span)
	f.fleet.relays[host].join()
	f.cut(host, from, "it was parted from the server")
	f.note("the disk of agent %d has room again", host)
	return errors.Join(err, remove(filler))
}
