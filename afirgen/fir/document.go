package fir

import (
	"slices"
	"time"
)

// Document is the form I.I.F.-I with its fifteen items: the source of truth from which text, pages and PDF are made. An
// empty field is not known yet; Form shows it as "To be ascertained" (ज्ञात किया जाना है). Its JSON keys are stable.
//
// Days are written 2026-02-14, hours of the day 15:04, both in India's time; a moment is RFC 3339. Texts are UTF-8, NFC.
type Document struct {
	Language    string      `json:"language,omitempty"` // of the informant's words, a BCP 47 tag
	Header      Header      `json:"header"`             // 1
	Charges     []Violation `json:"charges"`            // 2
	Ruling      Ruling      `json:"ruling"`             // 2, where the class of the case has to be decided
	Occurrence  Occurrence  `json:"occurrence"`         // 3
	Information Information `json:"information_type"`   // 4
	Place       Place       `json:"place"`              // 5
	Complainant Complainant `json:"complainant"`        // 6
	Accused     []Accused   `json:"accused"`            // 7
	Delay       string      `json:"delay_reasons"`      // 8
	Properties  []Property  `json:"properties"`         // 9; item 10 is their sum
	Inquest     string      `json:"inquest"`            // 11: number of the inquest report or U.D. case
	Contents    Contents    `json:"contents"`           // 12
	Taken       Taken       `json:"action"`             // 13
	ReadOver    ReadOver    `json:"read_over"`          // 13, R.O.A.C.
	Signature   Signature   `json:"signature"`          // 14
	Despatch    Despatch    `json:"despatch"`           // 15
}

// Station is a police station.
type Station struct {
	Code     string `json:"code"` // of numbers: 2 to 16 capital letters, digits and hyphens
	Name     string `json:"name"`
	District string `json:"district"`
	State    string `json:"state"`
}

// Header is item 1. The year of the form is the number's.
type Header struct {
	Station    Station   `json:"station"`
	Number     Number    `json:"fir_number"`
	ReportedAt time.Time `json:"reported_at,omitzero"` // when the number was allocated
	ZeroNumber Number    `json:"zero_fir_number"`      // of the station from which a Zero FIR came; mostly empty
}

// Occurrence is item 3.
type Occurrence struct {
	DateFrom   string    `json:"date_from"`
	DateTo     string    `json:"date_to"` // empty for a single day
	Period     string    `json:"time_period"`
	TimeFrom   string    `json:"time_from"`
	TimeTo     string    `json:"time_to"`
	ReceivedAt time.Time `json:"received_at,omitzero"` // when the station got the information
	DiaryEntry string    `json:"diary_entry"`          // of the General Diary
	DiaryTime  string    `json:"diary_time"`
}

// Information is item 4: how the information came (BNSS s.173(1)).
type Information string

// The types of information. On the printed form electronic information stands as written.
const (
	Written    Information = "written"
	Oral       Information = "oral"
	Electronic Information = "electronic"
)

// Place is item 5.
type Place struct {
	Direction string  `json:"direction_distance"` // from the station
	Beat      string  `json:"beat_number"`
	Address   string  `json:"address"`
	Outside   Station `json:"outside_station"` // whose limits the place lies in, where it is not this station: a Zero FIR
}

// Complainant is item 6.
type Complainant struct {
	Name             string `json:"name"`
	Relative         string `json:"relative_name"` // father or husband
	Born             string `json:"date_of_birth"` // a day or a year
	Nationality      string `json:"nationality"`
	UID              string `json:"uid_number"`
	Passport         string `json:"passport_number"`
	PassportIssued   string `json:"passport_issue_date"`
	PassportPlace    string `json:"passport_issue_place"`
	OtherID          string `json:"other_id"`
	Occupation       string `json:"occupation"`
	PresentAddress   string `json:"present_address"`
	PermanentAddress string `json:"permanent_address"`
	Phone            string `json:"phone"`
}

// Accused is one person of item 7.
type Accused struct {
	Kind     string `json:"kind"` // known, suspected or unknown
	Name     string `json:"name"`
	Alias    string `json:"alias"`
	Relative string `json:"relative_name"`
	Address  string `json:"address"`
	Features string `json:"physical_features"`
}

// Property is one row of item 9.
type Property struct {
	Category    string `json:"category"`
	Type        string `json:"type"`
	Description string `json:"description"`
	Value       *int64 `json:"value_rupees"` // null where it is not known
}

// Contents is item 12: the narrative, and beside it what it was made from. Translations never replace the original.
type Contents struct {
	Narrative    string    `json:"narrative"`
	Summary      string    `json:"summary"`
	Statement    string    `json:"statement"` // the complaint in the informant's words, in Document.Language
	Translations []Passage `json:"translations,omitempty"`
}

// Passage is a text in a language.
type Passage struct {
	Language string `json:"language"` // a BCP 47 tag
	Text     string `json:"text"`
}

// Officer is a police officer.
type Officer struct {
	Name   string `json:"name"`
	Rank   string `json:"rank"`
	Number string `json:"number"`
}

// Taken is item 13: which of the form's four actions was taken, and what belongs to it.
type Taken struct {
	Kind     string  `json:"kind"` // registered, directed, refused or transferred
	Officer  Officer `json:"officer"`
	Reason   string  `json:"reason"`      // of a refusal
	Transfer Station `json:"transfer_to"` // on jurisdiction
}

// The kinds of action of item 13.
const (
	TakenRegistered  = "registered"  // (1) registered the case and took up the investigation
	TakenDirected    = "directed"    // (2) directed an officer to take up the investigation
	TakenRefused     = "refused"     // (3) refused investigation, with a reason
	TakenTransferred = "transferred" // (4) transferred on point of jurisdiction
)

// ReadOver is R.O.A.C. of item 13: read over, admitted correct, a copy given free (BNSS s.173(1) and (2)).
type ReadOver struct {
	Read      bool `json:"read_over"`
	Admitted  bool `json:"admitted_correct"`
	CopyGiven bool `json:"copy_given"`
}

// Signature is item 14.
type Signature struct {
	Kind string    `json:"kind"` // signature, thumb or electronic
	By   string    `json:"by"`
	At   time.Time `json:"at,omitzero"`
}

// Despatch is item 15.
type Despatch struct {
	At      time.Time `json:"at,omitzero"`
	Officer Officer   `json:"officer"` // in charge of the station
}

// TotalValue is item 10, the sum in rupees. It is false where no property is named or the value of one is not known: a
// sum that leaves something out could put a theft under the ₹5,000 of the proviso to BNS 303(2).
func (d Document) TotalValue() (int64, bool) {
	var sum int64
	for _, p := range d.Properties {
		if p.Value == nil {
			return 0, false
		}
		sum += *p.Value // cannot overflow: MaxRows of at most MaxValue
	}
	return sum, len(d.Properties) > 0
}

// Zero reports whether the place lies outside the station's limits, which makes the report a Zero FIR.
func (d Document) Zero() bool { return d.Place.Outside != Station{} }

// clone returns a document that shares nothing with d that could be changed.
func (d Document) clone() Document {
	d.Charges = cloneViolations(d.Charges)
	d.Accused = copied(d.Accused)
	d.Properties = copied(d.Properties)
	for i, p := range d.Properties {
		if p.Value != nil {
			value := *p.Value
			d.Properties[i].Value = &value
		}
	}
	d.Contents.Translations = slices.Clone(d.Contents.Translations)
	return d
}
