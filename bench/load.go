package bench

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// Load is requests that are ready to be sent. They stand in a temporary file
// without a name, so that neither memory nor the disk keeps them when the
// process ends, however it ends.
type Load struct {
	file     *os.File
	requests []prepared

	Spans, Documents, Bytes int64
}

// prepared is where a request stands in the file.
type prepared struct {
	at     int64
	before int64 // spans of the requests in front of it
	length int32
	spans  int32
}

// Prepare writes the requests of the traces from to to-1 into a file in dir;
// empty: where temporary files stand. The file is synced, so that the disk is the server's while
// it is read.
func Prepare(dir string, door Door, m *Model, batch Batch, from, to int) (*Load, error) {
	file, err := os.CreateTemp(dir, "roentgen-bench-*")
	if err != nil {
		return nil, fmt.Errorf("make the file of prepared requests: %w", err)
	}
	l := &Load{file: file}
	err = os.Remove(file.Name())
	if err == nil {
		err = l.fill(door, m, batch, from, to)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare requests in %s: %w", file.Name(), err), file.Close())
	}
	return l, nil
}

// Close gives the disk space back.
func (l *Load) Close() error { return l.file.Close() }

// Requests is how many there are.
func (l *Load) Requests() int { return len(l.requests) }

// read returns request i, in buf if it fits.
func (l *Load) read(i int, buf []byte) ([]byte, error) {
	r := l.requests[i]
	if cap(buf) < int(r.length) {
		buf = make([]byte, r.length+r.length/4)
	}
	buf = buf[:r.length]
	if _, err := l.file.ReadAt(buf, r.at); err != nil {
		return nil, fmt.Errorf("read prepared request %d: %w", i, err)
	}
	return buf, nil
}

func (l *Load) fill(door Door, m *Model, batch Batch, from, to int) error {
	out := bufio.NewWriterSize(l.file, 1<<20)
	add := func(request []byte, spans, documents int) error {
		l.requests = append(l.requests, prepared{l.Bytes, l.Spans, int32(len(request)), int32(spans)})
		l.Bytes += int64(len(request))
		l.Spans += int64(spans)
		l.Documents += int64(documents)
		_, err := out.Write(request)
		return err
	}
	p := newPacker(door, batch, add)
	var t Trace
	for i := from; i < to; i++ {
		m.Make(i, &t)
		if err := p.trace(&t); err != nil {
			return err
		}
	}
	return errors.Join(p.end(), out.Flush(), l.file.Sync())
}

// packer makes requests of traces.
type packer interface {
	trace(t *Trace) error
	end() error // packs what waits for more
}

type addFunc func(request []byte, spans, documents int) error

func newPacker(door Door, batch Batch, add addFunc) packer {
	switch door {
	case UDP:
		return &datagramPacker{add: add}
	case Put:
		return &putPacker{add: add, most: batch.Documents}
	default:
		return &otlpPacker{add: add, most: batch.Spans, framed: door == OTLPGRPC}
	}
}
