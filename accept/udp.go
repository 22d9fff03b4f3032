package accept

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// InvalidDatagram is the counter label of a datagram whose header line is
// wrong. It never leaves as an answer: UDP has none.
const InvalidDatagram roentgen.RejectCode = "InvalidDatagram"

// UDPConfig sets the limits of the datagram door. The zero value works.
type UDPConfig struct {
	// Allow lists the networks that may send.
	Allow Networks
	// ReadBuffer is the kernel's receive buffer in bytes. Default 4 MiB; the
	// kernel may grant less (net.core.rmem_max).
	ReadBuffer int
	// Queue is how many documents may wait for the store. Default 8,192;
	// when it is full the oldest is dropped and counted, as the daemon does.
	Queue int
	// Batch is how many are stored in one step. Default 256.
	Batch int
	// Drain bounds how long Run goes on storing after its context ended.
	// Default 5 s.
	Drain time.Duration
}

func (c UDPConfig) withDefaults() UDPConfig {
	if c.ReadBuffer == 0 {
		c.ReadBuffer = 4 << 20
	}
	if c.Queue == 0 {
		c.Queue = 8192
	}
	if c.Batch == 0 {
		c.Batch = 256
	}
	if c.Drain == 0 {
		c.Drain = 5 * time.Second
	}
	return c
}

// UDP is the door that X-Ray SDKs send to. It has no way to authenticate
// anybody and no way to answer: what is wrong is counted and logged.
type UDP struct {
	acceptor *Acceptor
	conn     *net.UDPConn
	cfg      UDPConfig
	queue    chan []byte
}

// NewUDP takes over conn, which Run closes.
func NewUDP(acceptor *Acceptor, conn *net.UDPConn, cfg UDPConfig) (*UDP, error) {
	cfg = cfg.withDefaults()
	if err := conn.SetReadBuffer(cfg.ReadBuffer); err != nil {
		return nil, fmt.Errorf("set the receive buffer of udp %s to %d bytes: %w", conn.LocalAddr(), cfg.ReadBuffer, err)
	}
	return &UDP{acceptor: acceptor, conn: conn, cfg: cfg, queue: make(chan []byte, cfg.Queue)}, nil
}

// Run reads datagrams until ctx ends, then stores what it has read and
// returns. An error of the socket ends it early.
func (u *UDP) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { u.conn.Close() })
	defer stop()
	var stored sync.WaitGroup
	stored.Go(func() { u.store(ctx) })
	err := u.read()
	close(u.queue)
	stored.Wait()
	if ctx.Err() != nil && errors.Is(err, net.ErrClosed) {
		return nil
	}
	u.conn.Close()
	return fmt.Errorf("read datagrams on %s: %w", u.conn.LocalAddr(), err)
}

// read takes datagrams off the socket until it is closed. Reading is all it
// does: a slow store must not fill the kernel's buffer.
func (u *UDP) read() error {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := u.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		u.take(buf[:n], from.Addr().Unmap())
	}
}

// take checks the header line and puts a copy of the document in the queue.
func (u *UDP) take(datagram []byte, from netip.Addr) {
	m := u.acceptor.metrics
	m.received.WithLabelValues(string(DoorUDP)).Inc()
	if !u.cfg.Allow.Allow(from) {
		m.lose(DoorUDP, causeForeign, 1)
		return
	}
	doc, _, err := wire.ParseDatagram(datagram)
	if err != nil {
		u.acceptor.reject(DoorUDP, &roentgen.Rejection{Code: InvalidDatagram, Detail: err.Error()})
		return
	}
	u.push(append(make([]byte, 0, len(doc)), doc...))
}

// push queues doc, in place of the oldest when the queue is full: the newest
// documents are those that somebody is looking for. Only read calls it.
func (u *UDP) push(doc []byte) {
	for {
		select {
		case u.queue <- doc:
			u.acceptor.metrics.waiting.Inc()
			return
		default:
		}
		select {
		case <-u.queue:
			u.acceptor.metrics.waiting.Dec()
			u.acceptor.metrics.lose(DoorUDP, causeQueue, 1)
		default:
		}
	}
}

// store hands batches on until the queue is closed and empty. While one batch
// is being made durable the next gathers, so batches grow with the load.
func (u *UDP) store(ctx context.Context) {
	ctx, cancel := graceful(ctx, u.cfg.Drain)
	defer cancel()
	for doc := range u.queue {
		batch := u.gather(doc)
		u.settle(ctx, batch)
		u.acceptor.metrics.waiting.Sub(float64(len(batch)))
	}
}

func (u *UDP) settle(ctx context.Context, batch [][]byte) {
	if ctx.Err() != nil {
		u.acceptor.metrics.lose(DoorUDP, causeShutdown, len(batch))
		return
	}
	if _, err := u.acceptor.decide(ctx, DoorUDP, batch); err != nil && u.acceptor.warn.Allow() {
		u.acceptor.cfg.Logger.Error("documents lost", "door", DoorUDP, "documents", len(batch), "error", err)
	}
}

// gather takes what is waiting, up to the size of a batch.
func (u *UDP) gather(first []byte) [][]byte {
	batch := [][]byte{first}
	for len(batch) < u.cfg.Batch {
		select {
		case doc, open := <-u.queue:
			if !open {
				return batch
			}
			batch = append(batch, doc)
		default:
			return batch
		}
	}
	return batch
}

// graceful returns a context that ends d after parent did.
func graceful(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		timer := time.AfterFunc(d, cancel)
		context.AfterFunc(ctx, func() { timer.Stop() })
	})
	return ctx, func() { stop(); cancel() }
}
