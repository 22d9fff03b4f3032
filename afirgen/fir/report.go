package fir

import "time"

// State is where a report stands. The values are as the API writes them.
type State string

// The states. A report that is transferred, lapsed, refused or finalized does not change any more, but for the number
// that the receiving station gives to a transferred one.
const (
	StateDraft       State = "draft"
	StateAwaiting    State = "awaiting_signature"  // an e-FIR whose informant has yet to sign
	StateEnquiry     State = "preliminary_enquiry" // BNSS s.173(3)
	StateRegistered  State = "registered"
	StateZero        State = "zero"        // registered for the station in whose limits the place lies
	StateTransferred State = "transferred" // a Zero FIR that has gone there
	StateNCR         State = "ncr"         // non-cognizable: an entry in the diary, BNSS s.174
	StateLapsed      State = "lapsed"      // an e-FIR that nobody signed in time
	StateRefused     State = "refused"     // the enquiry found no prima facie case: item 13(3)
	StateFinalized   State = "finalized"   // signed and locked
)

// Report is one FIR, from its draft to the day on which it is locked. What it says about people stays in the database
// and in answers to the caller.
type Report struct {
	SessionID    string      `json:"session_id"`
	State        State       `json:"status"`
	Document     Document    `json:"document"`
	Checks       Checks      `json:"checks"` // of the search behind item 2: what did not come to an end is said
	SignatureDue time.Time   `json:"signature_due,omitzero"`
	EnquiryDue   time.Time   `json:"enquiry_due,omitzero"`
	Permission   *Permission `json:"permission,omitempty"` // for the preliminary enquiry
	Finding      string      `json:"finding,omitempty"`    // of the preliminary enquiry
	Receiver     *Station    `json:"receiver,omitempty"`   // of a Zero FIR
	ReceivedAs   Number      `json:"received_as"`          // the regular number that the receiver gave
	Former       []Number    `json:"former_numbers,omitempty"`
	ReviewedAt   time.Time   `json:"reviewed_at,omitzero"`   // when its session was completed; nothing is signed before
	RegisteredAt time.Time   `json:"registered_at,omitzero"` // or entered in the diary, or transferred to us
	FinalizedAt  time.Time   `json:"finalized_at,omitzero"`
	FinalizedBy  string      `json:"finalized_by,omitempty"` // the name of the key or the officer, as the caller knows it
	TraceID      string      `json:"trace_id"`
	CreatedAt    time.Time   `json:"created_at"`
	UpdatedAt    time.Time   `json:"updated_at"`
	Version      int64       `json:"version"` // counts the writes; an update names the version it has read
}

// Number is the report's number.
func (r Report) Number() Number { return r.Document.Header.Number }

// NewReport makes the report of a session that has come to its final review. The caller stores it in the transaction
// that allocates the number and stores the session.
func NewReport(s Session, at time.Time) (Report, error) {
	if s.Status != AwaitingValidation || s.Step != FinalReview {
		return Report{}, conflict("a report is made at %s: %s", FinalReview, standing(s.Status))
	}
	return Report{
		SessionID: s.ID, State: StateDraft, Document: s.Document(), Checks: s.Checks, TraceID: s.TraceID,
		CreatedAt: at, UpdatedAt: at, Version: 1,
	}, nil
}

// clone returns a report that shares nothing with r that could be changed.
func (r Report) clone() Report {
	r.Document = r.Document.clone()
	r.Former = append([]Number(nil), r.Former...)
	if r.Permission != nil {
		p := *r.Permission
		r.Permission = &p
	}
	if r.Receiver != nil {
		s := *r.Receiver
		r.Receiver = &s
	}
	return r
}
