package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// maxIDs is how many traces X-Ray gives at once.
const maxIDs = 5

// maxPages bounds the pages of one answer.
const maxPages = 50

// firstPause is the shortest between two looks; each is twice as long as the one before, up to the pause of the Config.
const firstPause = 20 * time.Millisecond

// reader reads traces back.
type reader struct {
	traces      Traces
	seen        map[string]*Trace // everything that was read so far
	wait, pause time.Duration
	now         func() time.Time
	after       func(time.Duration) <-chan time.Time
}

// until asks again and again until done or the patience is over. It returns the last error of asking, if the last
// answer was one; that something has not come is no error, for whoever looks at what has come says it better.
func (r reader) until(ctx context.Context, ask func(context.Context) (done bool, err error)) error {
	end := r.now().Add(r.wait)
	for pause := firstPause; ; pause *= 2 {
		done, err := ask(ctx)
		if done || ctx.Err() != nil || !r.now().Before(end) {
			return errors.Join(err, ctx.Err())
		}
		select {
		case <-r.after(min(pause, r.pause)):
		case <-ctx.Done():
		}
	}
}

// trace reads one trace, at its best until every service has its segment there. A trace that has not come at all is one
// without documents.
func (r reader) trace(ctx context.Context, id string, services ...string) (*Trace, error) {
	all, err := r.all(ctx, []string{id}, func(t *Trace) bool { return t.complete(services...) })
	return orEmpty(all, id), err
}

// orEmpty is the trace, or one without documents where it has not come.
func orEmpty(all map[string]*Trace, id string) *Trace {
	if t := all[id]; t != nil {
		return t
	}
	t, _ := newTrace(id, nil)
	return t
}

// all reads many traces, each until it is ready.
func (r reader) all(ctx context.Context, ids []string, ready func(*Trace) bool) (map[string]*Trace, error) {
	got := map[string]*Trace{}
	missing := ids
	err := r.until(ctx, func(ctx context.Context) (bool, error) {
		var late []string
		for start := 0; start < len(missing); start += maxIDs {
			if err := r.batch(ctx, missing[start:min(start+maxIDs, len(missing))], got); err != nil {
				return false, err
			}
		}
		for _, id := range missing {
			if t := got[id]; t == nil || !ready(t) {
				late = append(late, id)
			}
		}
		missing = late
		return len(missing) == 0, nil
	})
	return got, err
}

func (r reader) batch(ctx context.Context, ids []string, into map[string]*Trace) error {
	in := &xray.BatchGetTracesInput{TraceIds: ids}
	texts := map[string][]string{}
	for range maxPages {
		out, err := r.traces.BatchGetTraces(ctx, in)
		if err != nil {
			return fmt.Errorf("reading %d traces back: %w", len(ids), err)
		}
		for _, t := range out.Traces {
			for _, s := range t.Segments {
				id := aws.ToString(t.Id)
				texts[id] = append(texts[id], aws.ToString(s.Document))
			}
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	for id, list := range texts {
		t, err := newTrace(id, list)
		if err != nil {
			return err
		}
		into[id], r.seen[id] = t, t
	}
	return nil
}

// find waits until each search by a filter expression names its trace, and returns those that do not. since is a moment
// before the traces began.
func (r reader) find(ctx context.Context, searches []search, since time.Time) (missing []search, err error) {
	missing = searches
	err = r.until(ctx, func(ctx context.Context) (bool, error) {
		var late []search
		var failed error
		for _, s := range missing {
			found := false
			err := r.search(ctx, s.expression, since, func(one string) bool {
				found = one == s.id
				return !found
			})
			if failed = errors.Join(failed, err); !found {
				late = append(late, s)
			}
		}
		missing = late
		return len(missing) == 0, failed
	})
	return missing, err
}

// search goes through the traces that satisfy an expression, until each says that it has enough.
func (r reader) search(ctx context.Context, expression string, since time.Time, each func(id string) (more bool)) error {
	in := &xray.GetTraceSummariesInput{
		FilterExpression: aws.String(expression), StartTime: aws.Time(since), EndTime: aws.Time(r.now()),
	}
	for range maxPages {
		out, err := r.traces.GetTraceSummaries(ctx, in)
		if err != nil {
			return fmt.Errorf("searching for %s: %w", expression, err)
		}
		for _, s := range out.TraceSummaries {
			if !each(aws.ToString(s.Id)) {
				return nil
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		in.NextToken = out.NextToken
	}
	return nil
}
