// Package fir holds the domain of the First Information Report: what a complaint may be, the review steps that a draft
// passes through and the session in which one complaint does so, the form that comes out of it (Integrated
// Investigation Form I), and the life of the report from its draft to the day on which it is locked.
//
// Two functions change anything: Apply moves a Session, ApplyReport moves a Report. Both are pure: they take the
// moment from their event, leave what they were given as it was, and return a new value with a higher version or an
// *Error of one Kind. The package knows no HTTP, no database and no clock, and no error of it repeats what a person
// wrote.
//
// The law behind a rule is named where the rule stands, with the confidence with which we know it.
package fir

// Step is where a session stands: the review that a human has to give next.
type Step string

// The review steps, in their order.
const (
	TranscriptReview Step = "transcript_review"
	SummaryReview    Step = "summary_review"
	ViolationsReview Step = "violations_review"
	NarrativeReview  Step = "fir_narrative_review"
	FinalReview      Step = "final_review"
)

// Done names a piece of work that a session has behind it, as the API lists it under "steps".
type Done string

// The pieces of work.
const (
	OCRDone        Done = "ocr_done"
	ASRDone        Done = "asr_done"
	SummaryDone    Done = "summary_done"
	ViolationsDone Done = "violations_done"
	NarrativeDone  Done = "narrative_done"
	DraftDone      Done = "draft_done"
)

// place returns where a step stands among the reviews, counted from 0, or -1 where it is none of them.
func (s Step) place() int {
	switch s {
	case TranscriptReview:
		return 0
	case SummaryReview:
		return 1
	case ViolationsReview:
		return 2
	case NarrativeReview:
		return 3
	case FinalReview:
		return 4
	}
	return -1
}
