package upstream

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/roentgen/roentgen/wire"
)

const (
	// pageLimit bounds the notices of one answer.
	pageLimit = 8192
	// never is behind every notice.
	never = math.MaxInt64
)

// Pull asks for the notices after the given one and waits for them as long as
// wait. No notices and next == after: there were none.
func (r *Roentgen) Pull(ctx context.Context, after uint64, wait time.Duration) (notices []wire.Notice, next, oldest uint64, err error) {
	return r.pull(ctx, "ask for notices", after, wait, pageLimit)
}

func (r *Roentgen) pull(ctx context.Context, doing string, after uint64, wait time.Duration, limit int) ([]wire.Notice, uint64, uint64, error) {
	c := call{doing: doing, method: http.MethodGet, path: "/api/agent/notices", limit: wait + r.cfg.Timeout, query: url.Values{
		"agent": {r.cfg.Agent}, "after": {strconv.FormatUint(after, 10)},
		"wait": {wait.String()}, "limit": {strconv.Itoa(limit)},
	}}
	resp, body, err := r.do(ctx, c, nil)
	if err != nil {
		return nil, after, 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, after, 0, r.refusal(c, resp, body)
	}
	page, err := wire.ReadNoticePage(body)
	if err != nil {
		return nil, after, 0, &Error{Config: true, Status: resp.StatusCode, Err: err,
			Text: fmt.Sprintf("%s of %s: %v: is the URL that of a Roentgen server?", doing, r.base.Redacted(), err)}
	}
	return page.Notices, page.Next, page.Oldest, nil
}
