package fir

import (
	"encoding/json"
	"testing"
	"time"
)

// The complaint of the tests, in Hindi with conjuncts, matras and a joiner.
const theft = "मैं रमेश कुमार, 14 फ़रवरी की शाम क़रीब सात बजे हज़रतगंज बाज़ार से लौट रहा था।\n" +
	"मेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली। क्\u200dषमा करें, मैंने चोर को नहीं देखा।"

// noon is the 15th of February 2026, 12:00 in India.
var noon = time.Date(2026, 2, 15, 12, 0, 0, 0, India())

func station() Station {
	return Station{Code: "HZG", Name: "हज़रतगंज", District: "लखनऊ", State: "उत्तर प्रदेश"}
}

func section(ref string, sub string, class Class, years Term, sure Confidence) Violation {
	return Violation{
		Act: BNS, Section: ref, SubSection: sub, Title: Label{"Section " + ref, "धारा " + ref}, Cognizable: class,
		Bailable: NonBailable, MaxYears: years, Confidence: sure, Source: "reference 4.4", Origin: ByModel,
	}
}

func stolen() Violation { return section("303", "(2)", Cognizable, 3, High) }

// complete is a document to which nothing is missing but the signature.
func complete() Document {
	value := int64(65_000)
	return Document{
		Language:    "hi",
		Header:      Header{Station: station(), Number: number(SeriesFIR, 1), ReportedAt: noon},
		Charges:     []Violation{stolen()},
		Occurrence:  Occurrence{DateFrom: "2026-02-14", TimeFrom: "19:00", ReceivedAt: noon, DiaryEntry: "17", DiaryTime: "12:05"},
		Information: Written,
		Place:       Place{Direction: "उत्तर, 2 कि.मी.", Address: "हज़रतगंज बाज़ार, लखनऊ"},
		Complainant: Complainant{Name: "रमेश कुमार", PresentAddress: "12, नरही, लखनऊ", PermanentAddress: "12, नरही, लखनऊ"},
		Accused:     []Accused{{Kind: "unknown"}},
		Properties:  []Property{{Category: "वाहन", Type: "मोटरसाइकिल", Description: "काली", Value: &value}},
		Contents:    Contents{Narrative: "शिकायतकर्ता की मोटरसाइकिल चोरी हुई।", Summary: "मोटरसाइकिल चोरी।", Statement: theft},
		Taken:       Taken{Kind: TakenRegistered},
	}
}

func number(series Series, seq int) Number {
	return Number{Station: "HZG", Series: series, Seq: seq, Year: 2026}
}

// details are the corrections that make a session's form complete.
func details() Correction {
	d := complete()
	return Correction{Occurrence: &d.Occurrence, Information: &d.Information, Place: &d.Place, Complainant: &d.Complainant,
		Accused: &d.Accused, Properties: &d.Properties, Taken: &d.Taken}
}

// walk applies actions one minute apart, each on the version before it.
func walk(t *testing.T, s Session, at time.Time, actions ...Action) Session {
	t.Helper()
	for _, do := range actions {
		at = at.Add(time.Minute)
		next, err := Apply(s, Event{At: at, Version: s.Version, Do: do})
		if err != nil {
			t.Fatalf("%T at %s: %v", do, s.Step, err)
		}
		if err := next.Check(); err != nil {
			t.Fatalf("%T at %s: %v", do, s.Step, err)
		}
		s = next
	}
	return s
}

// way is the way of a typed complaint to its final review.
func way() []Action {
	return []Action{
		Open{ID: "5f0c", TraceID: "1-2-3", Text: theft, Language: "hi", Type: Written, Station: station()},
		Approve{Step: TranscriptReview}, Summarised{"मोटरसाइकिल चोरी।"},
		Approve{Step: SummaryReview}, Searched{Violations: []Violation{stolen()}},
		Approve{Step: ViolationsReview}, Narrated{"शिकायतकर्ता की मोटरसाइकिल चोरी हुई।"},
		Approve{Step: NarrativeReview}, Drafted{number(SeriesFIR, 1)},
	}
}

func atFinalReview(t *testing.T) Session {
	t.Helper()
	return walk(t, Session{}, noon, way()...)
}

// advance applies actions to a report one minute apart.
func advance(t *testing.T, r Report, at time.Time, actions ...ReportAction) Report {
	t.Helper()
	for _, do := range actions {
		at = at.Add(time.Minute)
		next, err := ApplyReport(r, ReportEvent{At: at, Version: r.Version, Do: do})
		if err != nil {
			t.Fatalf("%T of a report that is %s: %v", do, r.State, err)
		}
		r = next
	}
	return r
}

// draft is a reviewed report with that document.
func draft(d Document) Report {
	return Report{SessionID: "5f0c", State: StateDraft, Document: d.clone(), ReviewedAt: noon, CreatedAt: noon, UpdatedAt: noon, Version: 1}
}

func signed() Sign { return Sign{Kind: "signature", ReadOver: true, Admitted: true} }

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wantKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	if KindOf(err) != kind || err == nil {
		t.Errorf("got %q (%v), want an error of kind %q", KindOf(err), err, kind)
	}
}
