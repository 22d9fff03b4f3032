package client

import (
	"context"
	"fmt"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Details is what a clerk adds to a complaint on its way to a report.
type Details struct {
	// Correction is entered at fir_narrative_review, before the number is allocated, because place and ruling decide
	// from which series that comes.
	Correction fir.Correction
	Charges    []fir.Violation // entered where the search has found no section
	Ruling     fir.Ruling      // entered where it does not follow from the sections whether the case is cognizable

	Sign    *Signature // nil leaves the report a draft that is reviewed
	AuthKey string     // FIR_AUTH_KEY locks the report, once it is signed or entered as an NCR; empty leaves it open
}

// Signature is the informant's, after the record was read over and admitted correct.
type Signature struct {
	Kind string // signature, thumb or electronic
	By   string // empty takes the informant's name
}

// The steps that File observes, beside those of fir.Step, under whose name the decision in that review stands.
const (
	StepProcess  = "process"
	StepCorrect  = "correct"
	StepSign     = "sign" // or the entry as an NCR
	StepCopy     = "copy"
	StepFinalise = "finalise"
)

// File takes a complaint the whole way: files it, approves its five reviews, enters the details on the way, then signs
// and locks the report as far as the details ask for that. observe, unless it is nil, sees every answer, also that of an
// error, in its order; what happens to the report after its session leaves the session as it was.
//
// The session that is returned is the last that was seen, also with an error.
func (c *Client) File(ctx context.Context, complaint Complaint, details Details, observe func(step string, s Session, r Receipt)) (Session, error) {
	if observe == nil {
		observe = func(string, Session, Receipt) {}
	}
	w := way{client: c, details: details, observe: observe}
	for _, leg := range []func(context.Context) error{
		func(ctx context.Context) error { return w.open(ctx, complaint) },
		w.approve(fir.TranscriptReview), w.approve(fir.SummaryReview), w.review, w.approve(fir.ViolationsReview),
		w.correct, w.approve(fir.NarrativeReview), w.approve(fir.FinalReview), w.sign, w.finalise,
	} {
		if err := leg(ctx); err != nil {
			return w.session, fmt.Errorf("filing a complaint: %w", err)
		}
	}
	return w.session, nil
}

// way is one complaint on its way.
type way struct {
	client  *Client
	details Details
	observe func(string, Session, Receipt)

	session Session
	charges []fir.Violation
}

// take keeps the session that an answer brought.
func (w *way) take(step string, s Session, r Receipt, err error) error {
	if err == nil {
		w.session = s
	}
	w.observe(step, w.session, r)
	return err
}

func (w *way) open(ctx context.Context, complaint Complaint) error {
	s, r, err := w.client.Process(ctx, complaint)
	return w.take(StepProcess, s, r, err)
}

func (w *way) approve(step fir.Step) func(context.Context) error {
	return func(ctx context.Context) error {
		if w.session.CurrentStep != step {
			return fmt.Errorf("the session is at %q and not at %s", w.session.CurrentStep, step)
		}
		s, r, err := w.client.Validate(ctx, w.session.Approve())
		return w.take(string(step), s, r, err)
	}
}

// review remembers the sections that were found.
func (w *way) review(context.Context) error {
	found, err := w.session.Violations()
	for _, v := range found.Violations {
		if !v.Struck {
			w.charges = append(w.charges, v)
		}
	}
	return err
}

func (w *way) correct(ctx context.Context) error {
	correction := w.details.correction(w.charges)
	s, r, err := w.client.Correct(ctx, w.session.SessionID,
		Change{Step: w.session.CurrentStep, Version: w.session.Version, Correction: correction})
	return w.take(StepCorrect, s, r, err)
}

// correction is what has to be entered, given the sections that were found.
func (d Details) correction(found []fir.Violation) fir.Correction {
	correction := d.Correction
	if len(found) == 0 {
		correction.Add = append(append([]fir.Violation(nil), correction.Add...), d.Charges...)
		found = correction.Add
	}
	if correction.Ruling == nil && (fir.Document{Charges: found}).Case() == fir.Conditional {
		correction.Ruling = &d.Ruling
	}
	return correction
}

// sign registers the report, or enters it as an NCR where no section is cognizable, and hands out the free copy.
func (w *way) sign(ctx context.Context) error {
	if w.details.Sign == nil {
		return nil
	}
	report, r, err := w.client.Report(ctx, w.session.FIRNumber)
	if err != nil {
		return w.take(StepSign, w.session, r, err)
	}
	event := Event{Action: "sign", Version: report.Version, Kind: w.details.Sign.Kind, By: w.details.Sign.By, ReadOver: true, Admitted: true}
	if report.Class == fir.NonCognizable {
		event = Event{Action: "enter_ncr", Version: report.Version}
	}
	report, r, err = w.client.Event(ctx, w.session.FIRNumber, event)
	if err := w.take(StepSign, w.session, r, err); err != nil {
		return err
	}
	given := true
	_, r, err = w.client.Event(ctx, w.session.FIRNumber,
		Event{Action: "correct", Version: report.Version, Correction: &fir.Correction{CopyGiven: &given}})
	return w.take(StepCopy, w.session, r, err)
}

func (w *way) finalise(ctx context.Context) error {
	if w.details.Sign == nil || w.details.AuthKey == "" {
		return nil
	}
	r, err := w.client.Authenticate(ctx, w.session.FIRNumber, w.details.AuthKey)
	return w.take(StepFinalise, w.session, r, err)
}

// MadeUpDetails are plausible details of a complaint that came in at a moment: whatever the form needs and no complaint
// says. Nobody of that name is meant.
func MadeUpDetails(at time.Time) Details {
	at = at.In(fir.India()).Truncate(time.Minute)
	written := fir.Written
	home := "14 Banyan Lane, Lakeside"
	officer := fir.Officer{Name: "R. Example", Rank: "Inspector", Number: "0001"}
	return Details{
		Correction: fir.Correction{
			Occurrence: &fir.Occurrence{
				DateFrom: at.AddDate(0, 0, -1).Format(time.DateOnly), TimeFrom: "21:40", Period: "night",
				ReceivedAt: at, DiaryEntry: "17", DiaryTime: at.Format("15:04"),
			},
			Information: &written,
			Place:       &fir.Place{Direction: "north, 2 km", Beat: "3", Address: "in front of the vegetable market, Lakeside"},
			Complainant: &fir.Complainant{
				Name: "Meera Kulkarni", Nationality: "Indian", PresentAddress: home, PermanentAddress: home, Phone: "+91 00000 00000",
			},
			Accused: &[]fir.Accused{{Kind: "unknown"}},
			Taken:   &fir.Taken{Kind: fir.TakenRegistered},
		},
		Charges: []fir.Violation{{
			Act: fir.BNS, Section: "303", SubSection: "(2)", Title: fir.Label{En: "Theft", Hi: "चोरी"}, Cognizable: fir.Cognizable,
			Bailable: fir.NonBailable, MaxYears: 3, Confidence: fir.High, Source: "entered by hand", Origin: fir.ByClerk,
		}},
		Ruling: fir.Ruling{Class: fir.Cognizable, Reason: "the facts as told disclose a cognizable offence", Officer: officer},
		Sign:   &Signature{Kind: "signature"},
	}
}
