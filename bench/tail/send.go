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
	// flush sends what was gathered, and asks what became of what was sent.
	flush()
	// trouble is how many sends failed at once.
	trouble() int64
	close()
}

// datagrams are sent as X-Ray's SDKs do.
type datagrams struct {
	conn          *net.UDPConn
	host          int
	unread        *unread
	roots, others []*template
	chance        *rand.Rand
	buf           []byte
	failed        atomic.Int64
}

func newDatagrams(ctx context.Context, address string, host int, u *unread, roots, others []*template, seed uint64) (*datagrams, error) {
	c, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return nil, fmt.Errorf("open a socket to %s: %w", address, err)
	}
	d := &datagrams{conn: c.(*net.UDPConn), host: host, unread: u, roots: roots, others: others, chance: rand.New(rand.NewPCG(seed, 2))}
	return d, tellRefusals(d.conn)
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
	if !d.write() {
		d.unread.add(d.host, documentID{r.id, p.id}, causeUnsent)
	}
	return len(doc), xxhash.Sum64(doc)
}

// write sends what is in the buffer. An error is of a datagram before: nobody listened. This one was not sent then.
func (d *datagrams) write() bool {
	const tries = 4
	for range tries {
		if _, err := d.conn.Write(d.buf); err == nil {
			return true
		}
		d.failed.Add(1)
		d.flush()
	}
	return false
}

// flush asks which datagrams nobody listened for.
func (d *datagrams) flush() {
	err := refused(d.conn, func(datagram []byte) {
		if id, ok := nameOf(datagram); ok {
			d.unread.add(d.host, id, causeRefused)
		}
	})
	if err != nil {
		d.failed.Add(1)
	}
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
	queue  chan export
	number int // of the host
	unread *unread
	failed atomic.Int64
	sent   *atomic.Int64 // bytes of bodies; nil: not counted
	work   sync.WaitGroup

	spans []byte
	ids   []documentID
	since time.Time
}

// export is one request.
type export struct {
	body []byte
	ids  []documentID
}

const (
	exportSpans = 512
	exportEvery = 200 * time.Millisecond
	// exportQueue bounds what waits while nobody answers; an SDK's queue is of 2,048 spans by default, and drops as well.
	exportQueue = 256
	exportTries = 40
)

func newExporter(ctx context.Context, url string, host int, u *unread, seed uint64, sent *atomic.Int64) *exporter {
	e := &exporter{url: url + "/v1/traces", host: fmt.Sprintf("host-%d", host), number: host, unread: u, chance: rand.New(rand.NewPCG(seed, 3)), queue: make(chan export, exportQueue), sent: sent,
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
	if e.ids = append(e.ids, documentID{r.id, p.id}); len(e.ids) == 1 {
		e.since = time.Now()
	}
	if len(e.ids) >= exportSpans {
		e.flush()
	}
	return n, check
}

// due says whether what was gathered has waited long enough.
func (e *exporter) due(now time.Time) bool { return len(e.ids) > 0 && now.Sub(e.since) >= exportEvery }

func (e *exporter) flush() {
	if len(e.ids) == 0 {
		return
	}
	request := export{exportRequest(nil, e.host, e.spans), e.ids}
	select {
	case e.queue <- request:
	default:
		e.giveUp(request, false)
	}
	e.spans, e.ids = e.spans[:0], nil
}

// giveUp drops a request, as an SDK does when its queue is full, or nobody answered for long. What an agent may have read, although
// it did not answer, is not called unread.
func (e *exporter) giveUp(r export, reached bool) {
	e.failed.Add(int64(len(r.ids)))
	if reached {
		return
	}
	for _, id := range r.ids {
		e.unread.add(e.number, id, causeUnsent)
	}
}

func (e *exporter) post(ctx context.Context) {
	for request := range e.queue {
		var err error
		reached := false
		for range exportTries {
			if err = e.try(ctx, request.body); err == nil || ctx.Err() != nil {
				break
			}
			var op *net.OpError
			reached = reached || !errors.As(err, &op) || op.Op != "dial"
			select {
			case <-ctx.Done():
			case <-time.After(250 * time.Millisecond):
			}
		}
		if err != nil {
			e.giveUp(request, reached)
		} else if e.sent != nil {
			e.sent.Add(int64(len(request.body)))
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
