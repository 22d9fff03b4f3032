package verify

import (
	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
)

// shape asserts that the trace of a step has the subsegments that the contract promises, in their places.
func (r *run) shape(f *findings, j *journey, s stop) {
	t := s.trace
	main := t.segments(contract.Backend)
	if len(main) != 1 {
		return // sound has said so
	}
	root := main[0]
	f.want(root.parent == nil, root.what(), "place in the trace", "at its top", root.ParentID)
	sql(f, t)
	switch s.step {
	case client.StepProcess:
		process := child(f, root, contract.ProcessRequest)
		if j.isLetter() && process != nil {
			r.uploaded(f, process)
			called(f, child(f, process, contract.OCR), contract.ASROCR)
		}
	case string(fir.TranscriptReview):
		inferred(f, validated(f, root, s.step), gguf.Summariser)
	case string(fir.SummaryReview):
		searched(f, validated(f, root, s.step))
	case string(fir.ViolationsReview):
		inferred(f, validated(f, root, s.step), gguf.FIRSummariser)
	case client.StepCorrect, string(fir.FinalReview):
		if s.step != client.StepCorrect {
			validated(f, root, s.step)
		}
	case string(fir.NarrativeReview):
		child(f, validated(f, root, s.step), contract.RenderFIR)
	case client.StepFinalise:
		equal(f, root.what(), "subsegments "+contract.RenderPDF, 2, len(t.named(contract.RenderPDF)))
	}
}

// child asserts that there is exactly one subsegment of that name directly beneath n. Of nothing it returns nothing.
func child(f *findings, n *node, name string) *node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, c := range n.children {
		if c.Name == name {
			found = append(found, c)
		}
	}
	if !equal(f, n.what(), "subsegments "+name+" directly beneath", 1, len(found)) {
		return nil
	}
	return found[0]
}

func validated(f *findings, root *node, step string) *node {
	return child(f, root, contract.Validate(step))
}

// inferred asserts a call of a model beneath n, down to the segment of the model server.
func inferred(f *findings, n *node, model string) {
	if n == nil {
		return
	}
	name := contract.ModelInference(model)
	attempt := child(f, n, name)
	segment := called(f, attempt, contract.GGUF)
	if segment == nil {
		return
	}
	equal(f, attempt.what(), "annotation "+contract.ModelName, any(model), attempt.Annotations[contract.ModelName])
	for _, key := range []string{contract.ModelName, contract.MaxTokens, contract.PromptLength, contract.PromptTokens, contract.CompletionTokens} {
		equal(f, segment.what(), "annotation "+key+", as the backend has it", attempt.Annotations[key], segment.Annotations[key])
	}
}

// called asserts the call of a service beneath n and returns the segment of the callee.
func called(f *findings, n *node, service string) *node {
	call := child(f, n, service)
	if call == nil {
		return nil
	}
	equal(f, call.what(), "namespace", "remote", call.Namespace)
	if f.want(call.HTTP != nil, call.what(), "http", "a request and a response", nil) {
		equal(f, call.what(), "http.response.status", 200, call.HTTP.Response.Status)
	}
	segment := child(f, call, service)
	if segment == nil {
		return nil
	}
	f.want(segment.segment == segment, segment.what(), "kind", "a segment of its own", "a subsegment")
	equal(f, segment.what(), "parent_id", call.ID, segment.ParentID)
	return segment
}

// searched asserts the search for sections of law: one look into the knowledge base, and a check with a call of the
// model for each hit, each of another section.
func searched(f *findings, n *node) {
	look := child(f, n, contract.KBRetrieve)
	if look == nil {
		return
	}
	hits, _ := look.Annotations[contract.Hits].(float64)
	f.want(hits >= 1, look.what(), "annotation "+contract.Hits, "at least 1 for the sample", look.Annotations[contract.Hits])
	sections := map[any]bool{}
	checks := 0
	for _, c := range n.children {
		if c.Name != contract.ViolationCheck {
			continue
		}
		checks++
		section := c.Annotations[contract.Section]
		f.want(section != nil && !sections[section], c.what(), "annotation "+contract.Section, "a section that no other check has", section)
		sections[section] = true
		inferred(f, c, gguf.BNSCheck)
	}
	equal(f, n.what(), "subsegments "+contract.ViolationCheck+", as many as hits", int(hits), checks)
}

// uploaded asserts that the upload was kept before it was read; in S3, by a call of AWS.
func (r *run) uploaded(f *findings, n *node) {
	kept := child(f, n, contract.ArchiveUpload)
	if kept == nil {
		return
	}
	found := false
	for _, c := range kept.children {
		if c.Namespace == "aws" {
			found = true
			equal(f, c.what(), "name", "S3", c.Name)
			equal(f, c.what(), "aws.operation", any("PutObject"), c.AWS["operation"])
		}
	}
	switch {
	case found:
	case r.cfg.S3:
		f.want(false, kept.what(), "subsegment with namespace aws", "S3", "none")
	default:
		f.note("uploads are not kept in S3 here: %s has no call of AWS beneath it", contract.ArchiveUpload)
	}
}

// sql asserts that the step has asked the database, and that the backend says so.
func sql(f *findings, t *Trace) {
	statements := t.filter(func(n *node) bool { return n.SQL != nil && n.segment != nil && n.segment.Name == contract.Backend })
	f.want(len(statements) > 0, "trace "+t.ID, "SQL subsegments of "+contract.Backend, "at least one", len(statements))
	for _, n := range statements {
		f.want(n.segment != n, n.what(), "kind", "a subsegment", "a segment")
	}
}
