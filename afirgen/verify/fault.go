package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
)

// storedFault is the search for a request that failed without us.
const storedFault = `service("` + contract.Backend + `") { fault = true }`

// maxStored is how many traces with a fault are looked at before we say that none is of a failed request.
const maxStored = 25

// fault asserts on the trace of a request that failed for a real cause. The product has no switch for that, so it tries
// what fails on this deployment: a recording where there is no engine for speech, then a letter while the ASR/OCR server
// is full. Where neither fails it takes the newest trace with a fault that is stored.
func (r *run) fault(ctx context.Context, f *findings) {
	for _, cause := range []struct {
		title string
		asked bool
		try   func(context.Context) (client.Receipt, error)
	}{
		{"a recording, where there is no engine for speech", true, r.silence},
		{"a letter, while the ASR/OCR server is full", r.cfg.Overload, r.overload},
	} {
		if !cause.asked {
			f.note("not tried, because it was not asked for: %s", cause.title)
			continue
		}
		receipt, err := cause.try(ctx)
		if receipt.Status < 500 {
			f.note("no fault was caused by %s: %s", cause.title, outcome(receipt, err))
			continue
		}
		f.note("a fault was caused by %s: %s", cause.title, outcome(receipt, err))
		t := r.read(ctx, f, cause.title, receipt.TraceID, contract.Backend)
		r.failed(f, cause.title, t, receipt.Status, kindOfError(err))
		return
	}
	r.storedFault(ctx, f)
}

func outcome(receipt client.Receipt, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("it was answered %d", receipt.Status)
}

// silence sends a second of nothing. With an engine for speech that is the caller's mistake; without one it is a 503.
func (r *run) silence(ctx context.Context) (client.Receipt, error) {
	_, receipt, err := r.traced.Process(ctx, client.Complaint{Field: client.Audio, Data: silentWAV()})
	return receipt, err
}

// failed asserts on the trace of a failed request: the segment and the subsegment that failed say fault and why, with a
// stack.
func (r *run) failed(f *findings, where string, t *Trace, status int, kind string) {
	segments := t.segments(contract.Backend)
	if !equal(f, where+", trace "+t.ID, "segments of "+contract.Backend, 1, len(segments)) {
		return
	}
	r.sound(f, t)
	n := segments[0]
	equal(f, n.what(), "fault", true, n.Fault)
	equal(f, n.what(), "error", false, n.Error)
	if n.HTTP != nil {
		equal(f, n.what(), "http.response.status", status, n.HTTP.Response.Status)
	}
	for key, want := range map[string]any{
		contract.StatusCode: float64(status), contract.ErrorKind: kind, contract.HasError: true, contract.Success: false,
	} {
		equal(f, n.what(), "annotation "+key, want, n.Annotations[key])
	}
	for _, key := range []string{contract.Message, contract.Stack} {
		said, _ := n.Metadata[contract.ErrorNamespace][key].(string)
		f.want(said != "", n.what(), "metadata error."+key, "a text", said)
	}
	caused(f, n)
	failing := t.filter(func(s *node) bool { return s.segment == n && s != n && s.Fault })
	if f.want(len(failing) > 0, n.what(), "subsegments with fault", "the one that failed", "none") {
		caused(f, failing[len(failing)-1].ours())
	}
}

// ours is the nearest (sub)segment around n that is no call of another service: a call says its status, and no exception
// where it was answered.
func (n *node) ours() *node {
	for range n.trace.nodes { // bounded: a broken trace can go in circles
		if n.Namespace == "" || n.parent == nil || n.segment == n {
			break
		}
		n = n.parent
	}
	return n
}

// caused asserts that a fault has its exceptions, with message and stack.
func caused(f *findings, n *node) {
	exceptions := n.exceptions()
	if !f.want(len(exceptions) > 0, n.what(), "cause.exceptions", "at least one", 0) {
		return
	}
	e := exceptions[0]
	f.want(e.Message != "", n.what(), "cause.exceptions[0].message", "a sentence", e.Message)
	f.want(e.Type != "", n.what(), "cause.exceptions[0].type", "a type", e.Type)
	if f.want(len(e.Stack) > 0, n.what(), "cause.exceptions[0].stack", "frames", len(e.Stack)) {
		top := e.Stack[0]
		f.want(top.Path != "" && top.Line > 0 && top.Label != "", n.what(), "cause.exceptions[0].stack[0]", "path, line and label", top)
	}
}

// storedFault looks for a request that failed on its own.
func (r *run) storedFault(ctx context.Context, f *findings) {
	const where = "a stored fault"
	var ids []string
	err := r.reader.search(ctx, storedFault, r.cfg.Now().Add(-r.cfg.Lookback), func(id string) bool {
		ids = append(ids, id)
		return len(ids) < maxStored
	})
	if err != nil {
		f.fail(where, "searching", err)
		return
	}
	slices.Sort(ids) // by second
	slices.Reverse(ids)
	// What a search has found is there, and waits for nothing.
	got, err := r.reader.all(ctx, ids, func(*Trace) bool { return true })
	if err != nil {
		f.fail(where, "reading the traces back that a search has found", err)
	}
	for _, id := range ids {
		t := orEmpty(got, id)
		if segments := t.segments(contract.Backend); len(segments) == 1 && segments[0].HTTP != nil {
			n := segments[0]
			kind, _ := n.Annotations[contract.ErrorKind].(string)
			f.note("the fault that was looked at is stored: trace %s", id)
			r.failed(f, where, t, n.HTTP.Response.Status, kind)
			return
		}
	}
	f.fail(where, fmt.Sprintf("no 5xx could be caused on this deployment, and no trace of the last %s satisfies %s", r.cfg.Lookback, storedFault),
		errors.New("nothing to look at"))
}
