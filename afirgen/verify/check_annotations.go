package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
)

// checkAnnotations holds every annotation and the promised metadata of the traces of the journeys and the mistakes against
// the contract, searches by them, and looks for what people wrote in everything that was read back.
func checkAnnotations(ctx context.Context, r *run, f *findings) {
	var traces []*Trace
	for _, j := range r.journeys(ctx) {
		if j.err != nil {
			f.fail(j.title, "the way to a report", j.err)
		}
		for _, s := range j.stops {
			traces = append(traces, s.trace)
		}
	}
	promised(f, traces)
	for _, m := range r.blunder(ctx, f) {
		traces = append(traces, m.trace)
	}
	for _, t := range traces {
		for _, n := range t.nodes {
			typed(f, n)
		}
	}
	r.searches(ctx, f)
	r.secrets(f)
}

// promised asserts that each place is there, and has what it has to have.
func promised(f *findings, traces []*Trace) {
	for _, p := range places() {
		seen := 0
		for _, t := range traces {
			for _, n := range t.filter(p.takes) {
				seen++
				p.hold(f, n)
			}
		}
		f.want(seen > 0, p.name, "in the traces of a typed complaint and a letter", "at least one", seen)
	}
}

func (p place) hold(f *findings, n *node) {
	for _, key := range p.annotations {
		f.want(kindOf(n.Annotations[key]) == annotations[key], n.what(), "annotation "+key, string(annotations[key]), kindOf(n.Annotations[key]))
	}
	for _, key := range p.metadata {
		namespace, name, _ := strings.Cut(key, ".")
		got := kindOf(n.Metadata[namespace][name])
		f.want(got == metadata[key], n.what(), "metadata "+key, string(metadata[key]), got)
	}
}

// typed asserts that whatever stands there is of the contract, with the contract's type.
func typed(f *findings, n *node) {
	for _, key := range slices.Sorted(maps.Keys(n.Annotations)) {
		want, known := annotations[key]
		if f.want(known, n.what(), "annotation "+key, "a key of the contract", "another") {
			f.want(kindOf(n.Annotations[key]) == want, n.what(), "annotation "+key, string(want), kindOf(n.Annotations[key]))
		}
	}
	for namespace, values := range n.Metadata {
		for name, value := range values {
			if want, known := metadata[namespace+"."+name]; known {
				f.want(kindOf(value) == want, n.what(), "metadata "+namespace+"."+name, string(want), kindOf(value))
			}
		}
	}
	if n.segment != n {
		return
	}
	if code, ok := n.Annotations[contract.StatusCode].(float64); ok && n.HTTP != nil {
		equal(f, n.what(), "annotation "+contract.StatusCode, n.HTTP.Response.Status, int(code))
		equal(f, n.what(), "annotation "+contract.Success, any(code < 400), n.Annotations[contract.Success])
		equal(f, n.what(), "annotation "+contract.HasError, any(code >= 400), n.Annotations[contract.HasError])
		_, kind := n.Annotations[contract.ErrorKind]
		equal(f, n.what(), "annotation "+contract.ErrorKind+" is there", code >= 400, kind)
	}
}

// search is a filter expression and the trace that it has to find.
type search struct{ expression, id string }

// searches asserts that filter expressions over annotations find the traces that have them.
func (r *run) searches(ctx context.Context, f *findings) {
	all := r.expressions(ctx, f)
	missing, err := r.reader.find(ctx, all, r.started.Add(-r.cfg.Skew-time.Second))
	if err != nil {
		f.fail("filter expressions", "searching", err)
	}
	for _, s := range all {
		f.want(!slices.Contains(missing, s), s.expression, "finds trace "+s.id, "yes", "no")
	}
}

func (r *run) expressions(ctx context.Context, f *findings) []search {
	j := r.textJourney(ctx)
	var list []search
	for _, want := range []struct{ step, expression string }{
		{client.StepProcess, fmt.Sprintf("annotation.%s = %q", contract.SessionID, j.session.SessionID)},
		{client.StepProcess, fmt.Sprintf("annotation.%s = %q", contract.Endpoint, "/process")},
		{client.StepProcess, fmt.Sprintf("service(%q) AND responsetime > 0", contract.Backend)},
		{client.StepProcess, fmt.Sprintf("annotation.%s = true AND annotation.%s = 200", contract.HasText, contract.StatusCode)},
		{string(fir.TranscriptReview), fmt.Sprintf("annotation.%s = %q", contract.ModelName, "summariser")},
		{string(fir.TranscriptReview), fmt.Sprintf("edge(%q, %q)", contract.Backend, contract.GGUF)},
		{string(fir.TranscriptReview), fmt.Sprintf("annotation.%s > 0 AND annotation.%s = %q", contract.PromptTokens, contract.Decision, "approved")},
		{string(fir.NarrativeReview), fmt.Sprintf("annotation.%s = %q", contract.FIRNumber, j.session.FIRNumber)},
	} {
		s, err := j.at(want.step)
		if err != nil {
			f.fail(want.expression, "a trace to search for", err)
			continue
		}
		list = append(list, search{want.expression, s.receipt.TraceID})
	}
	for _, m := range r.blunder(ctx, f) {
		if m.kind == contract.Unauthorized && m.receipt.TraceID != "" {
			list = append(list, search{fmt.Sprintf("annotation.%s = %q AND error = true", contract.ErrorKind, contract.Unauthorized), m.receipt.TraceID})
			break
		}
	}
	return list
}

// secrets asserts that nothing of what people wrote stands in any document that was read back.
func (r *run) secrets(f *findings) {
	documents, clean := 0, true
	for _, id := range slices.Sorted(maps.Keys(r.reader.seen)) {
		for _, d := range r.reader.seen[id].all {
			documents++
			for _, path := range r.private.leaks(d) {
				clean = f.want(false, "trace "+id, "document"+path, "nothing that a person wrote", "words of a complaint or of a form")
			}
		}
	}
	f.want(documents > 0, "documents", "read back and searched for what people wrote", "some", documents)
	if clean {
		f.note("%d documents hold nothing of the complaints, names, addresses and numbers that were sent", documents)
	}
}
