package verify

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
)

// checkConcurrent files many complaints at once, each the whole way, and asserts that no trace knows of another's
// session.
func checkConcurrent(ctx context.Context, r *run, f *findings) {
	all := r.crowd(ctx)
	ids := map[string]string{} // who got which trace id
	waiting := map[string][]string{}
	for _, j := range all {
		if j.err != nil {
			f.fail(j.title, "the way to a report", j.err)
		}
		for _, s := range j.stops {
			where := j.title + ", " + s.step
			f.want(s.receipt.TraceID != "" && ids[s.receipt.TraceID] == "", where, "X-Amzn-Trace-Id of the answer",
				"an id that no other answer has", s.receipt.TraceID+" of "+ids[s.receipt.TraceID])
			if ids[s.receipt.TraceID] = where; s.receipt.TraceID != "" {
				waiting[s.receipt.TraceID] = servicesOf(j, s.step)
			}
		}
	}
	traces, err := r.reader.all(ctx, keys(waiting), func(t *Trace) bool { return t.complete(waiting[t.ID]...) })
	if err != nil {
		f.fail(TitleConcurrent, "reading traces back", err)
	}
	for _, j := range all {
		for _, s := range j.stops {
			if s.receipt.TraceID != "" {
				r.apart(f, j, s, traces[s.receipt.TraceID])
			}
		}
	}
	f.note("%d complaints at once, %d traces", len(all), len(traces))
}

func keys(m map[string][]string) (list []string) {
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// crowd files the complaints and waits for all of them.
func (r *run) crowd(ctx context.Context) []*journey {
	all := make([]*journey, r.cfg.Concurrent)
	details := r.details()
	details.Sign = nil // what comes after the five reviews is looked at elsewhere
	var wait sync.WaitGroup
	for i := range all {
		title := fmt.Sprintf("complaint %d of %d", i+1, len(all))
		text := variant(i, r.mark())
		wait.Go(func() {
			all[i] = r.travel(ctx, title, client.Complaint{Field: client.Text, Data: []byte(text)}, details)
		})
	}
	wait.Wait()
	return all
}

// variant is a complaint that differs from the others; every third is in Hindi.
func variant(i int, mark string) string {
	if i%3 == 2 {
		return fmt.Sprintf("महोदय, कल शाम %d बजकर %d मिनट पर सब्ज़ी मण्डी के सामने से मेरी काली मोटरसाइकिल किसी ने चुरा ली। उसकी क़ीमत %d रुपये है। पहचान का निशान %s है।\n",
			5+i%5, 10+i%50, 40_000+i*137, mark)
	}
	return fmt.Sprintf("Yesterday evening at %d.%02d p.m. my black motorcycle was stolen from in front of the vegetable market. "+
		"It cost Rs. %d, and the lock lay broken on the ground. The papers carry the mark %s.\n", 5+i%5, 10+i%50, 40_000+i*137, mark)
}

// apart asserts that a trace is of one request of one session and of nothing else.
func (r *run) apart(f *findings, j *journey, s stop, t *Trace) {
	where := j.title + ", " + s.step + ", trace " + s.receipt.TraceID
	if !f.want(t != nil, where, "the trace", "it arrives", "it did not") {
		return
	}
	for _, service := range servicesOf(j, s.step) {
		f.want(len(t.segments(service)) > 0, where, "segment of "+service, "it arrives", "it did not")
	}
	r.sound(f, t)
	said := 0
	for _, n := range t.nodes {
		if id, found := n.Annotations[contract.SessionID]; found {
			said++
			equal(f, n.what(), "annotation "+contract.SessionID, any(j.session.SessionID), id)
		}
		if number, found := n.Annotations[contract.FIRNumber]; found {
			equal(f, n.what(), "annotation "+contract.FIRNumber, any(j.session.FIRNumber), number)
		}
	}
	f.want(said > 0, where, "annotation "+contract.SessionID, "at least one", said)
}
