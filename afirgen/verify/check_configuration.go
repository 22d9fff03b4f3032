package verify

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

// checkConfiguration looks whether tracing is on in all three services, whether errors carry the header too, whether
// sampling rules can be read, and whether what is not sampled stays out.
func checkConfiguration(ctx context.Context, r *run, f *findings) {
	silent := r.unsampled(ctx, f) // first, so that everything below is later
	r.arrives(ctx, f, r.textJourney(ctx), string(fir.TranscriptReview))
	r.arrives(ctx, f, r.letterJourney(ctx), client.StepProcess)
	r.refusedWithHeader(ctx, f)
	r.rules(ctx, f)
	r.stays(ctx, f, silent)
}

// arrives asserts that a step's answer names its trace, and that the services have sent their segments.
func (r *run) arrives(ctx context.Context, f *findings, j *journey, step string) {
	s, err := j.at(step)
	if err != nil {
		f.fail(j.title, step, err)
		return
	}
	where := j.title + ", " + step
	f.want(s.receipt.TraceID != "", where, "X-Amzn-Trace-Id of the answer", "a trace id (is XRAY_ENABLED=false set?)", s.receipt.TraceID)
	f.want(s.receipt.Sampled, where, "decision in X-Amzn-Trace-Id",
		"Sampled=1, as was asked for (without XRAY_FORCE_KEY the backend believes its own host and XRAY_TRUSTED_PEERS alone)", "not sampled")
	for _, service := range servicesOf(j, step) {
		f.want(len(s.trace.segments(service)) > 0, where+", trace "+s.receipt.TraceID, "segment of "+service,
			"it arrives (is XRAY_ENABLED=false set for it, or its XRAY_DAEMON_ADDRESS wrong?)", "it did not")
	}
	_ = ctx
}

// unsampled makes a request that is not to be recorded. A backend that does not believe us still leaves probes out,
// unless it is told to record them.
func (r *run) unsampled(ctx context.Context, f *findings) client.Receipt {
	_, receipt, err := r.untraced.Call(ctx, client.Call{Method: http.MethodGet, Path: "/list_firs?limit=1"})
	if err != nil {
		f.fail("a request with Sampled=0", "GET /list_firs", err)
	}
	if receipt.Sampled {
		f.note("the backend does not believe Sampled=0 of this host; a probe stands for what is not sampled")
		_, receipt, err = r.untraced.Call(ctx, client.Call{Method: http.MethodGet, Path: web.Livez})
		if err != nil {
			f.fail("a probe", "GET "+web.Livez, err)
		}
	}
	f.want(receipt.TraceID != "", "a request with Sampled=0", "X-Amzn-Trace-Id of the answer", "a trace id all the same", receipt.TraceID)
	equal(f, "a request with Sampled=0", "recorded, as the answer says", false, receipt.Sampled)
	return receipt
}

// stays asserts that an unsampled trace is not there, after a later one, whose header was answered after it, is.
func (r *run) stays(ctx context.Context, f *findings, silent client.Receipt) {
	if silent.TraceID == "" {
		return
	}
	late, receipt, err := r.traced.Health(ctx)
	if err != nil {
		f.fail("a later request", "GET /health", err)
		return
	}
	_ = late
	t := r.read(ctx, f, "a later request", receipt.TraceID, contract.Backend)
	if !f.want(len(t.Documents) > 0, "trace "+receipt.TraceID, "of a later request that is sampled", "it arrives", "it did not") {
		return
	}
	got := map[string]*Trace{}
	if err := r.reader.batch(ctx, []string{silent.TraceID}, got); err != nil {
		f.fail("trace "+silent.TraceID, "asking for a trace that was not sampled", err)
		return
	}
	f.want(got[silent.TraceID] == nil, "trace "+silent.TraceID, "stored, though it was not sampled", "no", "yes")
}

// refusedWithHeader asserts that an answer which no handler has seen carries the header too.
func (r *run) refusedWithHeader(ctx context.Context, f *findings) {
	for _, c := range []client.Call{
		{Method: http.MethodGet, Path: "/list_firs", NoKey: true},
		{Method: http.MethodGet, Path: "/no/such/path"},
		{Method: http.MethodDelete, Path: "/process"},
	} {
		_, receipt, err := r.traced.Call(ctx, c)
		where := c.Method + " " + c.Path
		if !f.want(receipt.Status >= 400, where, "status", "an error", err) {
			continue
		}
		f.want(receipt.TraceID != "", where, "X-Amzn-Trace-Id of the error", "a trace id", receipt.TraceID)
	}
}

func (r *run) rules(ctx context.Context, f *findings) {
	count := 0
	in := &xray.GetSamplingRulesInput{}
	for range maxPages {
		out, err := r.cfg.Traces.GetSamplingRules(ctx, in)
		if err != nil {
			f.fail("X-Ray", "GetSamplingRules", err)
			return
		}
		count += len(out.SamplingRuleRecords)
		if in.NextToken = out.NextToken; in.NextToken == nil || *in.NextToken == "" {
			break
		}
	}
	f.want(count > 0, "X-Ray", "sampling rules", "at least one", count)
}
