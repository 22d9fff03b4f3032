package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

const (
	longestPoll    = 55 * time.Second // an answer has to be written within a minute
	defaultNotices = 8192
	mostNotices    = 1 << 16
)

// poll is the question of an agent.
type poll struct {
	agent string
	after uint64
	wait  time.Duration
	limit int
}

// agentNotices answers a long poll.
func (s *agentServer) agentNotices() http.Handler {
	const name = "AgentNotices"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		body, err := s.poll(r.Context(), r)
		if r.Context().Err() != nil {
			return // nobody reads the answer
		}
		if err != nil {
			retryLater(w, err)
			s.write(w, name, codes(err)) // a wrong question, or a server that stops: nothing for its log
			return
		}
		s.metrics.requests.WithLabelValues(name, "200").Inc()
		w.Header().Set("Content-Type", wire.NoticesContentType)
		w.Header().Set("Cache-Control", "no-store")
		w.Write(body)
	})
}

func (s *agentServer) poll(ctx context.Context, r *http.Request) ([]byte, error) {
	p, err := parsePoll(r)
	if err != nil {
		return nil, err
	}
	page, err := s.Fleet.Notices(ctx, p.agent, p.after, p.wait, p.limit)
	if err != nil {
		return nil, err
	}
	return wire.AppendNoticePage(nil, &page), nil
}

func parsePoll(r *http.Request) (p poll, err error) {
	q := r.URL.Query()
	p = poll{agent: q.Get("agent"), limit: defaultNotices}
	if p.agent == "" {
		return p, roentgen.Invalidf("agent is missing: it is the name under which batches are sent")
	}
	if text := q.Get("after"); text != "" {
		if p.after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return p, roentgen.Invalidf("after=%q is not a cursor: use next of the page before, or 0", text)
		}
	}
	if text := q.Get("wait"); text != "" {
		if p.wait, err = time.ParseDuration(text); err != nil || p.wait < 0 {
			return p, roentgen.Invalidf("wait=%q is not a time like 25s", text)
		}
	}
	if text := q.Get("limit"); text != "" {
		if p.limit, err = strconv.Atoi(text); err != nil || p.limit < 1 {
			return p, roentgen.Invalidf("limit=%q is not a number of notices above 0", text)
		}
	}
	p.wait, p.limit = min(p.wait, longestPoll), min(p.limit, mostNotices)
	return p, nil
}
