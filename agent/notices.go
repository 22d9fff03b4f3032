package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roentgen/roentgen/agent/upstream"
)

// pullWait is how long the server may hold a question for notices open.
const pullWait = 25 * time.Second

// Bounds of the pause after a question, or a batch, that failed. While a server
// of ours is away segments grow old in the ring, so it is soon tried again.
const (
	minPause = 200 * time.Millisecond
	maxPause = 2 * time.Second
)

// pull asks the server which traces other agents keep, until ctx ends. The
// place in its log is durable: what came twice does no harm, and nothing is
// passed over.
func (a *Agent) pull(ctx context.Context) error {
	if a.cfg.Notices == nil {
		return nil
	}
	pause := minPause
	for ctx.Err() == nil {
		if err := a.pullOnce(ctx); err == nil {
			pause = minPause
			if a.noticeSpell.ends() {
				a.cfg.Logger.Info("notices of traces that other hosts keep come in again")
			}
			continue
		} else if ctx.Err() == nil {
			a.noticeTrouble.Store(err.Error())
			if a.noticeSpell.begins(a.cfg.Now(), causeOf(err)) {
				a.cfg.Logger.Warn("notices of traces that other hosts keep do not come in; their segments wait here meanwhile", "error", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(2*pause, maxPause)
	}
	return nil
}

func (a *Agent) pullOnce(ctx context.Context) error {
	after := a.books.ledger.Cursor()
	notices, next, oldest, err := a.cfg.Notices.Pull(ctx, after, pullWait)
	if err != nil {
		return err
	}
	a.noticeTrouble.Store("")
	if after > 0 && oldest > after+1 {
		// How many they were is not known: numbers jump where a server begins anew.
		a.gaps.Add(1)
		a.cfg.Logger.Warn("the server has forgotten notices that this agent has not seen, or has lost its data; segments of those traces stay behind", "after", after, "oldest", oldest)
	}
	if next < after {
		a.cfg.Logger.Warn("the server's notices began anew", "before", after, "now", next)
	}
	a.desk.notices(notices)
	a.books.ledger.SetCursor(next)
	return nil
}

// causeOf is what stays the same of an error while a trouble goes on.
func causeOf(err error) string {
	var e *upstream.Error
	if errors.As(err, &e) {
		return fmt.Sprint(e.Category, e.Status, e.Code)
	}
	return err.Error()
}
