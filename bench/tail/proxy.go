package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// relay stands between one host and the server: it counts the bytes in both directions, and can part the two as a broken
// network does: nothing arrives and nobody is told.
type relay struct {
	listener net.Listener
	to       string
	up, down atomic.Int64 // bytes that left the host, and that came to it

	mu     sync.Mutex
	open   chan struct{} // closed while traffic may pass
	conns  map[net.Conn]bool
	closed bool
	work   sync.WaitGroup
}

func newRelay(ctx context.Context, to string) (*relay, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for a host's traffic: %w", err)
	}
	r := &relay{listener: l, to: to, open: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(r.open)
	r.work.Go(r.accept)
	return r, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		if r.track(c) {
			r.work.Go(func() { r.serve(c) })
		}
	}
}

// track remembers a connection, so that close can end it; false: it is too late.
func (r *relay) track(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		c.Close() // nobody is told: the run is over
		return false
	}
	r.conns[c] = true
	return true
}

func (r *relay) forget(c net.Conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.mu.Unlock()
	c.Close() // what it held was relayed
}

func (r *relay) serve(host net.Conn) {
	defer r.forget(host)
	r.wait()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return // the host sees its connection end, as it would without a relay
	}
	if !r.track(server) {
		return
	}
	defer r.forget(server)
	var both sync.WaitGroup
	both.Go(func() { r.pass(server, host, &r.up) })
	both.Go(func() { r.pass(host, server, &r.down) })
	both.Wait()
}

// pass copies one direction until it ends, and ends the other one too.
func (r *relay) pass(to, from net.Conn, count *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		count.Add(int64(n))
		if n > 0 {
			r.wait()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) wait() {
	r.mu.Lock()
	open := r.open
	r.mu.Unlock()
	<-open
}

// part stops the traffic until join.
func (r *relay) part() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.open:
		r.open = make(chan struct{})
	default:
	}
}

func (r *relay) join() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.open:
	default:
		close(r.open)
	}
}

func (r *relay) close() error {
	err := r.listener.Close()
	r.join()
	r.mu.Lock()
	r.closed = true
	for c := range r.conns {
		c.Close() // its two copies end
	}
	r.mu.Unlock()
	r.work.Wait()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
