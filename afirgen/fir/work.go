package fir

import "time"

// Work is what is done between two reviews.
type Work string

// The pieces of work. Each ends in the review that result names.
const (
	Transcribe Work = "transcribe" // speech or a photograph into the transcript
	Summarise  Work = "summarise"  // the transcript into a summary
	Search     Work = "search"     // the summary into sections of law, each checked
	Narrate    Work = "narrate"    // the transcript into the narrative of item 12
	Draft      Work = "draft"      // allocate the number and make the report
)

// Lease is how long work may take before TakeBack is possible: above the longest time that the model servers get, 180 s
// for speech, with two retries.
const Lease = 10 * time.Minute

// Job is the work that a session waits for, with what it needs.
type Job struct {
	Work Work
	Text string // the transcript or the summary; empty for Transcribe and Draft
	// Notes are what people asked to heed in this work, the oldest first. They come beside the text, never inside it:
	// what a clerk says to a model is no part of what an informant has said.
	Notes []string
}

// Job returns the work that the session waits for, and false where it waits for none.
func (s Session) Job() (Job, bool) {
	if s.Status != Processing || s.Work.result() == "" {
		return Job{}, false
	}
	job := Job{Work: s.Work}
	switch s.Work {
	case Summarise, Narrate:
		job.Text = s.Transcript
	case Search:
		job.Text = s.Summary
	}
	for _, n := range s.Notes {
		if n.Step == s.Work.result() {
			job.Notes = append(job.Notes, n.Text)
		}
	}
	return job, true
}

// result is the review in which the outcome of the work is shown.
func (w Work) result() Step {
	switch w {
	case Transcribe:
		return TranscriptReview
	case Summarise:
		return SummaryReview
	case Search:
		return ViolationsReview
	case Narrate:
		return NarrativeReview
	case Draft:
		return FinalReview
	}
	return ""
}

// workBefore is the work whose result a review shows.
func workBefore(step Step) Work {
	for _, w := range []Work{Transcribe, Summarise, Search, Narrate, Draft} {
		if w.result() == step {
			return w
		}
	}
	return ""
}

// begin leaves the review for a piece of work, and keeps the way back. Artefacts stay until the new ones are there:
// work that fails costs nothing.
func (s *Session) begin(w Work) {
	s.Status, s.Work, s.Back, s.Step, s.ErrorType = Processing, w, s.Step, "", ""
}

// finish ends a piece of work in its review, and forgets that later work was ever done.
func (s *Session) finish(w Work, done ...Done) error {
	if s.Work != w {
		return conflict("the session waits for %q and not for %q", s.Work, w)
	}
	s.Status, s.Step, s.Work, s.Back, s.ErrorType = AwaitingValidation, w.result(), "", "", ""
	s.Done = append(doneBefore(s.Done, w), done...)
	return nil
}

// doneBefore returns what stands before the outcome of w.
func doneBefore(all []Done, w Work) []Done {
	kept := []Done{}
	for _, d := range all {
		if p := d.step().place(); p >= 0 && p < w.result().place() {
			kept = append(kept, d)
		}
	}
	return kept
}

// step is the review that shows what was done.
func (d Done) step() Step {
	switch d {
	case OCRDone, ASRDone:
		return TranscriptReview
	case SummaryDone:
		return SummaryReview
	case ViolationsDone:
		return ViolationsReview
	case NarrativeDone:
		return NarrativeReview
	case DraftDone:
		return FinalReview
	}
	return ""
}
