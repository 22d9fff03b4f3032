package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/wire"
)

// batchBuffer is the memory that one batch needs. A pool keeps it.
type batchBuffer struct {
	raw    []byte
	reader wire.BatchReader
}

// keptBatchBytes bounds what the pool holds on to for each batch under way: an
// agent sends about a megabyte of text at a time.
const keptBatchBytes = 8 << 20

// agentBatches is the handler of what agents call all the time. Of a batch only
// its header and its statement are JSON that is read here.
func (s *agentServer) agentBatches() http.Handler {
	const name = "AgentBatches"
	buffers := sync.Pool{New: func() any { return new(batchBuffer) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		b := buffers.Get().(*batchBuffer)
		answer, err := s.takeBatch(w, r, b)
		if cap(b.raw)+b.reader.Bytes() <= keptBatchBytes {
			buffers.Put(b)
		}
		switch {
		case r.Context().Err() != nil: // nobody reads the answer: the batch comes again
		case err == nil:
			s.answer(w, name, &answer)
		case errors.As(err, new(*fleet.NotYours)):
			s.cfg.Logger.Warn("a batch of an agent came with a token that does not speak for it", "error", err)
			s.write(w, name, wireError{http.StatusConflict, "ConflictException", err.Error()})
		case errors.As(err, new(*http.MaxBytesError)):
			s.write(w, name, wireError{http.StatusRequestEntityTooLarge, "RequestTooLargeException", err.Error()})
		default:
			retryLater(w, err)
			s.fail(w, name, err)
		}
	})
}

// retryLater says when to come again, where that may help.
func retryLater(w http.ResponseWriter, err error) {
	if kind := roentgen.KindOf(err); kind == roentgen.Throttled || kind == roentgen.Unavailable {
		w.Header().Set("Retry-After", "1")
	}
}

func (s *agentServer) takeBatch(w http.ResponseWriter, r *http.Request, b *batchBuffer) (wire.BatchAnswer, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != wire.BatchContentType {
		return wire.BatchAnswer{}, roentgen.Invalidf("Content-Type is %q: batches of agents are %s; is this meant for another address?", kind, wire.BatchContentType)
	}
	if err := b.read(w, r, s.MaxBatchBytes); err != nil {
		return wire.BatchAnswer{}, err
	}
	batch, err := b.reader.Read(b.raw, s.MaxBatchBytes)
	if err != nil {
		return wire.BatchAnswer{}, err
	}
	if s.cfg.Caller != nil {
		batch.Header.By = s.cfg.Caller(r.Context())
	}
	return s.Intake.Take(r.Context(), batch)
}

// read fills raw with the body.
func (b *batchBuffer) read(w http.ResponseWriter, r *http.Request, most int) error {
	body := http.MaxBytesReader(w, r.Body, int64(most))
	b.raw = slices.Grow(b.raw[:0], int(min(max(r.ContentLength, 512), int64(most), readAtFirst)))
	for {
		n, err := body.Read(b.raw[len(b.raw):cap(b.raw)])
		b.raw = b.raw[:len(b.raw)+n]
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, new(*http.MaxBytesError)):
			return err
		case err != nil: // the sender went away: nothing is known to be wrong with the batch
			return &roentgen.Error{Kind: roentgen.Unavailable, Err: err}
		}
		if len(b.raw) == cap(b.raw) {
			b.raw = slices.Grow(b.raw, len(b.raw))
		}
	}
}
