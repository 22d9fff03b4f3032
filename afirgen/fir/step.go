// Package fir holds the words of the First Information Report: what a complaint may be, the review steps that a draft
// passes through, and the session in which one complaint does so.
//
// It knows no HTTP, no database and no clock.
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

// The pieces of work so far.
const (
	OCRDone     Done = "ocr_done"
	SummaryDone Done = "summary_done"
)
