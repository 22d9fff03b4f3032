package fleet

import (
	"context"
	"sync"

	"github.com/roentgen/roentgen/wire"
)

// batchName is what a batch is known by.
type batchName struct {
	agent      string
	epoch, seq uint64
}

// Begin takes up the batch that h names: until release is called, nobody else
// can. answered is what was answered when the batch was counted before, and nil
// for a new one. A repeated batch has to be committed too, with that answer: it
// is counted as a repeat, and its notices and statement are taken.
//
// While the same batch is under way Begin waits for its end, or for that of ctx.
// release is never nil where err is nil, and may be called more than once.
func (f *Fleet) Begin(ctx context.Context, h wire.BatchHeader) (answered *wire.BatchAnswer, release func(), err error) {
	name := batchName{h.Agent, h.Epoch, h.Seq}
	for {
		other, err := f.begin(name, &answered)
		if err != nil {
			return nil, nil, err
		}
		if other == nil {
			return answered, sync.OnceFunc(func() { f.release(name) }), nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// begin returns the channel of whoever has the batch, or makes it the caller's.
func (f *Fleet) begin(name batchName, answered **wire.BatchAnswer) (other chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.closed {
		return nil, errClosed
	}
	if other := f.mu.underWay[name]; other != nil {
		return other, nil
	}
	if a := f.mu.agents[name.agent]; a != nil {
		if was := a.answer(name.epoch, name.seq); was != nil {
			*answered = was.answer()
		}
	}
	f.mu.underWay[name] = make(chan struct{})
	return nil, nil
}

func (f *Fleet) release(name batchName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.mu.underWay[name])
	delete(f.mu.underWay, name)
}
