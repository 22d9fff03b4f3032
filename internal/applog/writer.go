package applog

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// writer is what the writer goroutine keeps between batches.
type writer struct {
	current *segment   // the last segment if it can be appended to, else nil
	carry   *request   // claimed, and did not fit the batch before
	batch   []*request // reused
	buf     []byte     // reused
}

// run is the writer: the one goroutine that changes files. It ends after
// Close, when the queue is empty.
func (l *Log) run() {
	defer close(l.done)
	for {
		r := l.take()
		if r == nil {
			return
		}
		if r.do != nil {
			at, err := r.do()
			r.done <- result{at, err}
			continue
		}
		l.commit(l.gather(r))
	}
}

// take waits for the next request; nil after Close.
func (l *Log) take() *request {
	if r := l.w.carry; r != nil {
		l.w.carry = nil
		return r
	}
	for {
		r := l.receive()
		if r == nil || r.claim() {
			return r
		}
	}
}

func (l *Log) receive() *request {
	select {
	case r := <-l.queue:
		return r
	case <-l.closing:
		return l.poll()
	}
}

// poll returns a request that is there already, or nil.
func (l *Log) poll() *request {
	select {
	case r := <-l.queue:
		return r
	default:
		return nil
	}
}

// gather adds to first what waits in the queue, as far as a batch goes.
//
// Nothing waits for more to come: while one batch is being synced the next one
// gathers by itself. Only the processor is yielded once, because the callers
// whom the batch before has just woken are runnable and about to come
// back; without it the first of them gets an fsync of its own, every time.
func (l *Log) gather(first *request) []*request {
	batch, size := append(l.w.batch[:0], first), first.bytes
	runtime.Gosched()
	for {
		r := l.poll()
		if r == nil {
			break
		}
		if !r.claim() {
			continue
		}
		if r.do != nil || size+r.bytes > int64(l.opt.MaxBatchBytes) {
			l.w.carry = r
			break
		}
		batch, size = append(batch, r), size+r.bytes
	}
	l.w.batch = batch
	return batch
}

// commit makes a batch durable and answers it.
func (l *Log) commit(batch []*request) {
	at, err := l.write(batch)
	for i, r := range batch {
		bytes := r.bytes // r is the caller's again once answered
		r.done <- result{at, err}
		at.Offset += bytes
		batch[i] = nil
	}
}

func (l *Log) write(batch []*request) (Position, error) {
	if err := l.Err(); err != nil {
		return Position{}, err
	}
	if err := l.makeRoom(batch); err != nil {
		return Position{}, err
	}
	s := l.w.current
	age := s.age(l.opt.Now())
	buf, records := l.encode(s, age, batch)
	if _, err := s.f.WriteAt(buf, s.end); err != nil {
		return Position{}, l.writeFailed(s, err)
	}
	if err := l.sync(s.f.Sync, records); err != nil {
		return Position{}, l.fail(fmt.Errorf("sync log file %s: %w", s.path, err))
	}
	at := Position{s.number, s.end}
	l.publish(s, age, int64(len(buf)), len(batch), records)
	return at, nil
}

// makeRoom begins a new file where there is none or the batch would make the
// current one too large.
func (l *Log) makeRoom(batch []*request) error {
	var size int64
	for _, r := range batch {
		size += r.bytes
	}
	s := l.w.current
	if s != nil && (s.end == headerSize || s.end+size <= l.opt.SegmentBytes) {
		return nil
	}
	return l.begin()
}

func (l *Log) encode(s *segment, age uint32, batch []*request) (buf []byte, records int) {
	buf = l.w.buf[:0]
	for _, r := range batch {
		for _, rec := range r.records {
			f := frame{kind: rec.Kind, distance: uint32(len(buf)), age: age}
			buf = appendFrame(buf, s.seed, s.end+int64(len(buf)), f, rec)
			records++
		}
	}
	l.w.buf = buf
	return buf, records
}

// age is how long after the file's creation now is, in milliseconds. A clock
// that was set back gives 0, a file older than 49 days the greatest value.
func (s *segment) age(now time.Time) uint32 {
	return uint32(min(max(now.Sub(s.created).Milliseconds(), 0), math.MaxUint32))
}

// writeFailed decides what a write that failed means.
//
// A full disk is an answer, not a riddle: some of the batch was taken, the
// rest refused, and everything in front of the batch is durable as before. So
// the part that was taken is cut off, the cut is synced, and the log goes on.
// The sync is needed: the kernel may have put the taken part and its length on
// the disk meanwhile, and a power cut would bring them back: whole records
// with good checksums, whose callers were told that they were not written.
//
// Any other error, and any error while cutting, leaves the file's content
// unknown. Writing on, or trying again, could acknowledge records behind
// a hole. Only opening the log again, which reads what is there, can tell.
//
// A failed fsync never comes here, not even one that says that there is
// no space (as file systems that allocate late do): the kernel may have dropped
// the pages and marked them clean, so that neither a second fsync nor what is
// read back proves anything.
func (l *Log) writeFailed(s *segment, cause error) error {
	cause = fmt.Errorf("write log file %s at %d: %w", s.path, s.end, cause)
	if !vfs.IsNoSpace(cause) {
		return l.fail(cause)
	}
	if err := s.f.Truncate(s.end); err != nil {
		return l.fail(fmt.Errorf("%w; cut it back: %w", cause, err))
	}
	if err := l.sync(s.f.Sync, 0); err != nil {
		return l.fail(fmt.Errorf("%w; sync the cut: %w", cause, err))
	}
	return fmt.Errorf("%w: %w", ErrNoSpace, cause)
}

// fail makes err the answer to everything from now on.
func (l *Log) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.failed = fmt.Errorf("%w: %w", ErrFailed, err)
	return l.mu.failed
}

// publish lets readers and Stats see a batch that is durable.
func (l *Log) publish(s *segment, age uint32, bytes int64, calls, records int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.end += bytes
	s.records += int64(records)
	s.lastAge = max(s.lastAge, age)
	l.mu.stats.addBatch(calls, records, bytes)
}
