package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
)

// checkErrors makes mistakes, has something fail for a real cause, and looks at what the traces say of it.
func checkErrors(ctx context.Context, r *run, f *findings) {
	for _, m := range r.blunder(ctx, f) {
		r.refused(f, m)
	}
	if r.cfg.Exhaust {
		r.exhaust(ctx, f)
	} else {
		f.note("429 is left out, because it uses the rate limit up: ask for it with --exhaust-rate-limit")
	}
	r.fault(ctx, f)
}

func kindOfError(err error) string {
	var e *client.Error
	if errors.As(err, &e) {
		return e.ErrorType
	}
	return ""
}

// refused asserts on the answer to a mistake and on its trace.
func (r *run) refused(f *findings, m mistaken) {
	where := m.title + " (" + m.service + ")"
	if m.receipt.Status == 0 {
		f.fail(where, "an answer", m.err)
		return
	}
	equal(f, where, "status", m.status, m.receipt.Status)
	equal(f, where, "error_type of the body", string(m.kind), m.said)
	f.want(m.receipt.TraceID != "", where, "X-Amzn-Trace-Id of the answer", "a trace id", m.receipt.TraceID)
	t := m.trace
	segments := t.segments(m.service)
	if !equal(f, where+", trace "+t.ID, "segments of "+m.service, 1, len(segments)) {
		return
	}
	n := segments[0]
	r.soundSegment(f, n)
	mistakeSegment(f, n, m)
	if m.service == contract.Backend {
		r.sound(f, t)
		known := m.status != http.StatusUnauthorized && m.status != http.StatusTooManyRequests // both are answered before the key is looked at
		equal(f, n.what(), "user is named", known, n.User != "")
	}
}

func mistakeSegment(f *findings, n *node, m mistaken) {
	for key, want := range map[string]any{
		contract.StatusCode: float64(m.status), contract.ErrorKind: string(m.kind), contract.HasError: true,
		contract.Success: false, contract.Endpoint: m.endpoint, contract.HTTPMethod: m.call.Method,
	} {
		equal(f, n.what(), "annotation "+key, want, n.Annotations[key])
	}
	if n.HTTP != nil {
		equal(f, n.what(), "http.response.status", m.status, n.HTTP.Response.Status)
	}
	said, _ := n.Metadata[contract.ErrorNamespace][contract.Message].(string)
	f.want(said != "", n.what(), "metadata error.message", "what was wrong, in our words", said)
}

// maxExhaust bounds how often is asked for a 429.
const maxExhaust = 2000

// exhaust asks until the rate limit says no.
func (r *run) exhaust(ctx context.Context, f *findings) {
	for range maxExhaust {
		_, receipt, err := r.impatient.Call(ctx, client.Call{Method: http.MethodGet, Path: "/list_firs?limit=1"})
		if receipt.Status == http.StatusTooManyRequests {
			const where = "more than the rate limit"
			r.refused(f, mistaken{
				mistake: mistake{where, contract.Backend, client.Call{Method: http.MethodGet},
					http.StatusTooManyRequests, contract.RateLimited, "/list_firs"},
				receipt: receipt, said: kindOfError(err), err: err,
				trace: r.read(ctx, f, where, receipt.TraceID, contract.Backend),
			})
			return
		}
		if receipt.Status == 0 || ctx.Err() != nil {
			break
		}
	}
	f.want(false, "more than the rate limit", "status", "429", fmt.Sprintf("none in %d requests", maxExhaust))
}
