package verify

import (
	"context"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
)

// checkProcessing files a typed complaint and a photographed letter, each through its five reviews, and looks at every
// trace of the way.
func checkProcessing(ctx context.Context, r *run, f *findings) {
	for _, j := range r.journeys(ctx) {
		if j.err != nil {
			f.fail(j.title, "the way to a report", j.err)
		}
		equal(f, j.title, "completed", true, j.session.Completed)
		f.want(j.session.FIRNumber != "", j.title, "number of the report", "one", j.session.FIRNumber)
		for _, step := range steps() {
			r.processed(f, j, step)
		}
		for _, s := range j.stops {
			if s.step == client.StepFinalise {
				r.processed(f, j, s.step)
			}
		}
	}
}

func (r *run) processed(f *findings, j *journey, step string) {
	s, err := j.at(step)
	if err != nil {
		f.fail(j.title, step, err)
		return
	}
	where := j.title + ", " + step
	equal(f, where, "status", http.StatusOK, s.receipt.Status)
	f.want(s.receipt.TraceID != "", where, "X-Amzn-Trace-Id of the answer", "a trace id", s.receipt.TraceID)
	for _, service := range servicesOf(j, step) {
		f.want(len(s.trace.segments(service)) > 0, where+", trace "+s.trace.ID, "segment of "+service, "it arrives", "it did not")
	}
	r.sound(f, s.trace)
	r.shape(f, j, s)
	for _, n := range s.trace.nodes {
		f.want(!n.Error && !n.Fault, n.what(), "error and fault", "neither, for everything went well", "one of them")
	}
	for _, n := range s.trace.segments(contract.Backend) {
		f.want(n.User != "", n.what(), "user", "the name of the key that was sent", n.User)
	}
}
