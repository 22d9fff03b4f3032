package tail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Headers of datagrams (docs/protocol/datagram.md).
const (
	headerSampled   = `{"format":"json","version":1}` + "\n"
	headerUndecided = `{"format":"json","version":1,"undecided":true}` + "\n"
)

// sender sends the segments of one host. It is for one goroutine.
type sender interface {
	// send sends one part and returns the length of its document and what it can be recognised by.
	send(r *request, p *part, fails bool) (bytes int, check uint64)
	// trouble is how many sends failed at once.
	trouble() int64
	close()
}

// datagrams are sent as X-Ray's SDKs do.
type datagrams struct {
	conn          net.Conn
	roots, others []*template
	chance        *rand.Rand
	buf           []byte
	failed        atomic.Int64
}

func newDatagrams(ctx context.Context, address string, roots, others []*template, seed uint64) (*datagrams, error) {
	c, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return nil, fmt.Errorf("open a socket to %s: %w", address, err)
	}
	return &datagrams{conn: c, roots: roots, others: others, chance: rand.New(rand.NewPCG(seed, 2))}, nil
}

func (d *datagrams) send(r *request, p *part, fails bool) (int, uint64) {
	header := headerUndecided
	if r.sampled {
		header = headerSampled
	}
	t := d.others[int(p.id[0])%len(d.others)]
	if p.parent.IsZero() {
		t = d.roots[int(p.id[0])%len(d.roots)]
	}
	d.buf = append(d.buf[:0], header...)
	d.buf = t.write(d.buf, r, p, fails, d.chance)
	doc := d.buf[len(header):]
	// An error is of the datagram before: nobody listened. This one was not sent then.
	if _, err := d.conn.Write(d.buf); err != nil {
		d.failed.Add(1)
		if _, err := d.conn.Write(d.buf); err != nil {
			d.failed.Add(1)
		}
	}
	return len(doc), xxhash.Sum64(doc)
}

func (d *datagrams) trouble() int64 { return d.failed.Load() }
func (d *datagrams) close()         { d.conn.Close() } // a datagram socket holds nothing back

// exporter sends spans as OpenTelemetry's SDKs do: in requests, at the latest after a fifth of a second, and again where
// a request was not answered.
type exporter struct {
	url, host string
	chance    *rand.Rand
	writer    spanWriter

	client *http.Client
	queue  chan []byte // requests, encoded
	failed atomic.Int64
	sent   *atomic.Int64 // bytes of bodies; nil: not counted
	work   sync.WaitGroup

	spans []byte
	count int
	since time.Time
}

const (
	exportSpans = 512
	exportEvery = 200 * time.Millisecond
	// exportQueue bounds what waits while nobody answers; an SDK's queue is of 2,048 spans by default, and drops as well.
	exportQueue = 256
	exportTries = 40
)

func newExporter(ctx context.Context, url, host string, seed uint64, sent *atomic.Int64) *exporter {
	e := &exporter{url: url + "/v1/traces", host: host, chance: rand.New(rand.NewPCG(seed, 3)), queue: make(chan []byte, exportQueue), sent: sent,
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
	for range 2 {
		e.work.Go(func() { e.post(ctx) })
	}
	return e
}

func (e *exporter) send(r *request, p *part, fails bool) (int, uint64) {
	check := checkOf(p)
	before := len(e.spans)
	e.spans = e.writer.write(e.spans, r, p, fails, check, e.chance)
	n := len(e.spans) - before
	if e.count++; e.count == 1 {
		e.since = time.Now()
	}
	if e.count >= exportSpans {
		e.flush()
	}
	return n, check
}

// due says whether what was gathered has waited long enough.
func (e *exporter) due(now time.Time) bool { return e.count > 0 && now.Sub(e.since) >= exportEvery }

func (e *exporter) flush() {
	if e.count == 0 {
		return
	}
	select {
	case e.queue <- exportRequest(nil, e.host, e.spans):
	default:
		e.failed.Add(int64(e.count))
	}
	e.spans, e.count = e.spans[:0], 0
}

func (e *exporter) post(ctx context.Context) {
	for body := range e.queue {
		var err error
		for range exportTries {
			if err = e.try(ctx, body); err == nil || ctx.Err() != nil {
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(250 * time.Millisecond):
			}
		}
		if err != nil {
			e.failed.Add(1)
		} else if e.sent != nil {
			e.sent.Add(int64(len(body)))
		}
	}
}

func (e *exporter) try(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode/100 != 2 {
		err = errors.Join(err, fmt.Errorf("%s answers %s", e.url, resp.Status))
	}
	return errors.Join(err, resp.Body.Close())
}

func (e *exporter) trouble() int64 { return e.failed.Load() }

// close sends what is left.
func (e *exporter) close() {
	e.flush()
	close(e.queue)
	e.work.Wait()
	e.client.CloseIdleConnections()
}
