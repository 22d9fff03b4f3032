package fleet

import (
	"context"
	"errors"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Page is notices behind a cursor.
type Page = wire.NoticePage

// Notices returns up to limit notices with numbers above after that others than
// agent announced, and the cursor to go on from. Where there are none it waits,
// at most wait, and when it finds some that do not fill the page it gathers for
// a moment more. Own notices alone do not end the wait; they move the cursor.
//
// Where Page.Oldest is above after+1, and after above 0, notices were dropped
// before this agent saw them; that is answered at once. An error is that of ctx,
// or of kind Unavailable after EndPolls, where there is nothing to answer.
func (f *Fleet) Notices(ctx context.Context, agent string, after uint64, wait time.Duration, limit int) (Page, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		page, woken := f.page(agent, after, limit)
		gap := after > 0 && page.Oldest > after+1 || page.Next < after
		switch {
		case wait <= 0 || gap || len(page.Notices) >= limit:
			return page, nil
		case len(page.Notices) > 0:
			return f.gather(ctx, over.C, agent, after, limit)
		}
		after = page.Next
		select {
		case <-woken:
		case <-over.C:
			return page, nil
		case <-f.closing:
			return Page{}, errStopping
		case <-ctx.Done():
			return Page{}, ctx.Err()
		}
	}
}

// errStopping keeps those who ask in a loop from asking at once again.
var errStopping = &roentgen.Error{Kind: roentgen.Unavailable, Err: errors.New("the server is stopping: ask again when it is up")}

// gather waits a little and returns what has come by then.
func (f *Fleet) gather(ctx context.Context, over <-chan time.Time, agent string, after uint64, limit int) (Page, error) {
	little := time.NewTimer(f.opt.Gather)
	defer little.Stop()
	select {
	case <-little.C:
	case <-over:
	case <-f.closing:
	case <-ctx.Done():
		return Page{}, ctx.Err()
	}
	page, _ := f.page(agent, after, limit)
	return page, nil
}

// page reads what is held, and returns what is closed when more comes.
func (f *Fleet) page(agent string, after uint64, limit int) (Page, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.held.page(agent, after, limit), f.mu.woken
}
