package asrocr

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// queue is the way of one kind of work: as many uploads as may run and wait are taken into memory, and of those so many
// run.
type queue struct {
	door *gate.Gate // uploads in memory
	work *gate.Gate // uploads being worked on
}

func newQueue(running, waiting int, now func() time.Time) queue {
	waiting = max(waiting, 0)
	return queue{door: gate.New(running+waiting, 0, now), work: gate.New(running, waiting, now)}
}

// admit lets a request in before its body is read. Whoever is turned away has their body read and thrown away, so that
// they get to hear why.
func (q queue) admit(r *http.Request) (leave func(), err error) {
	leave, _, err = q.door.Enter(r.Context())
	if errors.Is(err, gate.ErrFull) {
		_, _ = io.Copy(io.Discard, r.Body)
		return nil, web.Overloaded(err)
	}
	return leave, err
}

// enter waits for a worker and annotates how long.
func (q queue) enter(ctx context.Context) (leave func(), waited time.Duration, err error) {
	leave, waited, err = q.work.Enter(ctx)
	tracing.AnnotateSegment(ctx, contract.QueueWaitMS, web.Milliseconds(waited))
	if errors.Is(err, gate.ErrFull) {
		return nil, waited, web.Overloaded(err)
	}
	return leave, waited, err
}

// timed does one piece of work within a time of its own and annotates how long it took, however it ended. what names the
// work in the sentence that a caller reads when time is up: "the image was not read".
func (s *Server) timed(ctx context.Context, limit time.Duration, what string, work func(context.Context) error) (time.Duration, error) {
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := s.cfg.Now()
	err := work(inner)
	took := s.cfg.Now().Sub(start)
	tracing.AnnotateSegment(ctx, contract.DurationMS, web.Milliseconds(took))
	switch {
	case err != nil && ctx.Err() != nil:
		return took, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return took, web.Fail(http.StatusGatewayTimeout, contract.EngineTimeout, what+" within "+limit.String())
	}
	return took, err
}
