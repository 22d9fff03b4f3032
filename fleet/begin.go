package fleet

import (
	"context"
	"sync"

	"github.com/roentgen/roentgen"
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
// An agent is spoken for by the token that its first batch came with, and by no
// other as long as there is one of that name: *NotYours.
//
// While the same batch is under way Begin waits for its end, or for that of ctx.
// release is never nil where err is nil, and may be called more than once.
func (f *Fleet) Begin(ctx context.Context, h wire.BatchHeader) (answered *wire.BatchAnswer, release func(), err error) {
	name := batchName{h.Agent, h.Epoch, h.Seq}
	for {
		other, err := f.begin(name, h, &answered)
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
// A batch comes again with the same documents: with others it is that of another
// agent, which must not be told that its documents are stored.
func (f *Fleet) begin(name batchName, h wire.BatchHeader, answered **wire.BatchAnswer) (other chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.closed {
		return nil, errClosed
	}
	if other := f.mu.underWay[name]; other != nil {
		return other, nil
	}
	if a := f.mu.agents[name.agent]; a != nil {
		if err := f.maySpeak(a, h.By); err != nil {
			return nil, err
		}
		if was := a.answer(name.epoch, name.seq); was != nil {
			if was.Totals.Documents != int64(h.Documents) {
				return nil, roentgen.Unavailablef("batch %d of agent %s came before, with %d documents and not %d: two agents have one id, as after their state directory was copied, or came with a machine's image; stop one of them, and start it with another --state or without the file ledger in it",
					name.seq, name.agent, was.Totals.Documents, h.Documents)
			}
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
