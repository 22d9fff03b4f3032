package fir

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAHindiComplaintReachesTheLockedReportUnchanged(t *testing.T) {
	want, err := Normalise(theft)
	if err != nil {
		t.Fatal(err)
	}
	s := walk(t, atFinalReview(t), noon.Add(time.Hour/2), Correct{Correction: details()})
	r, err := NewReport(s, noon)
	if err != nil {
		t.Fatal(err)
	}
	s = walk(t, s, noon.Add(40*time.Minute), Approve{Step: FinalReview})
	given := true
	r = advance(t, r, noon.Add(time.Hour), Reviewed{s}, signed(), CorrectReport{Correction{CopyGiven: &given}}, Finalise{By: "station key"})
	if s.Status != Completed || r.State != StateFinalized || r.Document.Contents.Statement != want {
		t.Fatalf("the session is %s, the report %s, and the statement reads\n%s", s.Status, r.State, r.Document.Contents.Statement)
	}
	if data := asJSON(t, r); !strings.Contains(data, `"statement":"मैं रमेश कुमार`) || !strings.Contains(data, "क्\u200dषमा") {
		t.Errorf("its JSON form does not hold the words: %.300s", data)
	}
	statement := find(t, r.Document.Form(), "contents.statement")
	if statement.Value.Hi != want || statement.Value.En != want {
		t.Error("the printed form does not hold the words")
	}
}

func TestEachStepGivesItsWorkWhatItNeeds(t *testing.T) {
	s := Session{}
	for i, want := range []struct {
		do  Action
		job Job
	}{
		{way()[0], Job{}},
		{Approve{Note: "name the vehicle"}, Job{Summarise, mustNormalise(t, theft), []string{"name the vehicle"}}},
		{way()[2], Job{}},
		{Reject{Note: "too long"}, Job{}},
		{Regenerate{Step: SummaryReview, Note: "one sentence"}, Job{Summarise, mustNormalise(t, theft), []string{"name the vehicle", "too long", "one sentence"}}},
		{way()[2], Job{}},
		{Approve{}, Job{Search, "मोटरसाइकिल चोरी।", nil}},
		{way()[4], Job{}},
		{Approve{Note: "with the hour"}, Job{Narrate, mustNormalise(t, theft), []string{"with the hour"}}},
		{way()[6], Job{}},
		{Approve{}, Job{Work: Draft}},
	} {
		s = walk(t, s, noon.Add(time.Duration(i)*time.Minute), want.do)
		got, working := s.Job()
		if got.Work != want.job.Work || got.Text != want.job.Text || !slices.Equal(got.Notes, want.job.Notes) || working != (want.job.Work != "") {
			t.Errorf("event %d, %T: got %+v, want %+v", i, want.do, got, want.job)
		}
	}
	if s.History[1].Decision != Rejected || s.History[1].Note != "too long" || s.History[1].Step != SummaryReview {
		t.Errorf("the history says %+v", s.History)
	}
}

func TestEventsThatAreRefused(t *testing.T) {
	text, final := walk(t, Session{}, noon, way()[0]), atFinalReview(t)
	working := walk(t, text, noon, Approve{})
	done := walk(t, final, noon, Correct{Correction: details()}, Approve{})
	failed := walk(t, Session{}, noon, Open{ID: "a"}, WorkFailed{"engine_failed"})
	summary := "short"
	given := true
	for _, c := range []struct {
		title string
		on    Session
		event Event
		kind  Kind
	}{
		{"approving what does not exist", Session{}, Event{Do: Approve{}}, Conflict},
		{"opening twice", text, Event{Do: way()[0]}, Conflict},
		{"an old version", text, Event{Version: 7, Do: Approve{}}, Conflict},
		{"approving a review that is over", final, Event{Do: Approve{Step: SummaryReview}}, Conflict},
		{"rejecting a review that is over", final, Event{Do: Reject{Step: SummaryReview}}, Conflict},
		{"correcting a review that is over", final, Event{Do: Correct{Step: SummaryReview, Correction: details()}}, Conflict},
		{"approving while work goes on", working, Event{Do: Approve{}}, Conflict},
		{"the result of other work", working, Event{Version: working.Version, Do: Narrated{"x"}}, Conflict},
		{"a result without a version", working, Event{Do: Summarised{"x"}}, Invalid},
		{"a result for a session that waits", text, Event{Version: text.Version, Do: Summarised{"x"}}, Conflict},
		{"an empty summary", working, Event{Version: working.Version, Do: Summarised{" \n"}}, Invalid},
		{"work that failed without a reason", working, Event{Version: working.Version, Do: WorkFailed{}}, Invalid},
		{"taking work back too early", working, Event{Version: working.Version, Do: TakeBack{"engine_timeout"}}, Conflict},
		{"regenerating a transcript", text, Event{Do: Regenerate{Step: TranscriptReview}}, Invalid},
		{"regenerating what is not there yet", text, Event{Do: Regenerate{Step: SummaryReview}}, Conflict},
		{"changing a completed session", done, Event{Do: Reject{}}, Conflict},
		{"changing a failed session", failed, Event{Do: Approve{}}, Conflict},
		{"a note that is too long", text, Event{Do: Approve{Note: strings.Repeat("क", MaxNote+1)}}, Invalid},
		{"a note that is no UTF-8", text, Event{Do: Reject{Note: "\xff"}}, Invalid},
		{"an event without a moment", text, Event{Do: Approve{}, TTL: -1}, Invalid},
		{"an event without an action", text, Event{}, Invalid},
		{"correcting nothing", text, Event{Do: Correct{}}, Invalid},
		{"correcting typed words", text, Event{Do: Correct{Correction: Correction{Transcript: &summary}}}, Conflict},
		{"correcting a summary that is over", final, Event{Do: Correct{Correction: Correction{Summary: &summary}}}, Conflict},
		{"moving a report that has its number to another station", final, Event{Do: Correct{Correction: Correction{Station: &Station{Code: "ALB"}}}}, Conflict},
		{"giving a copy of a draft", final, Event{Do: Correct{Correction: Correction{CopyGiven: &given}}}, Conflict},
		{"completing an incomplete form", final, Event{Do: Approve{}}, Invalid},
		{"a complaint that is too short", Session{}, Event{Do: Open{ID: "a", Text: "theft"}}, Invalid},
		{"a session without an id", Session{}, Event{Do: Open{Text: theft}}, Invalid},
		{"a language that is none", Session{}, Event{Do: Open{ID: "a", Text: theft, Language: "_!"}}, Invalid},
		{"an event after the end of the session's life", text, Event{At: noon.Add(2 * time.Hour), Do: Approve{}}, Gone},
		{"a result after it", working, Event{At: noon.Add(2 * time.Hour), Version: working.Version, Do: Summarised{"x"}}, Gone},
	} {
		t.Run(c.title, func(t *testing.T) {
			if c.event.At.IsZero() && c.event.TTL == 0 {
				c.event.At = noon.Add(10 * time.Minute)
			}
			before := asJSON(t, c.on)
			got, err := Apply(c.on, c.event)
			wantKind(t, err, c.kind)
			if asJSON(t, got) != before {
				t.Error("the session that came back is another one")
			}
		})
	}
}

func TestASessionLivesAsLongAsItsEventsSay(t *testing.T) {
	s := walk(t, Session{}, noon, way()[0])
	at := s.LastActivity.Add(5 * time.Minute)
	if _, err := Apply(s, Event{At: at.Add(-1), TTL: 5 * time.Minute, Do: Approve{}}); err != nil {
		t.Errorf("a nanosecond before the end: %v", err)
	}
	_, err := Apply(s, Event{At: at, TTL: 5 * time.Minute, Do: Approve{}})
	wantKind(t, err, Gone)
}

func TestASecondClickFindsANewVersion(t *testing.T) {
	s := walk(t, Session{}, noon, way()[0])
	first, err := Apply(s, Event{At: noon.Add(time.Minute), Version: s.Version, Do: Approve{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Apply(first, Event{At: noon.Add(time.Minute), Version: s.Version, Do: Approve{}})
	wantKind(t, err, Conflict)
}

func TestWorkThatFailsCostsNothing(t *testing.T) {
	final := atFinalReview(t)
	back := walk(t, final, noon, Regenerate{Step: SummaryReview}, WorkFailed{"engine_timeout"})
	if back.Step != FinalReview || back.Summary != final.Summary || back.Narrative != final.Narrative || back.ErrorType != "engine_timeout" ||
		!slices.Equal(back.Done, final.Done) {
		t.Errorf("it came back as %+v", back)
	}
	working := walk(t, final, noon, Regenerate{Step: NarrativeReview})
	taken, err := Apply(working, Event{At: working.LastActivity.Add(Lease), Version: working.Version, Do: TakeBack{"engine_timeout"}})
	if err != nil || taken.Step != FinalReview || taken.Status != AwaitingValidation {
		t.Errorf("after its lease it is %s at %s: %v", taken.Status, taken.Step, err)
	}
	if letter := walk(t, Session{}, noon, Open{ID: "a"}, WorkFailed{"undecodable_image"}); letter.Status != Failed {
		t.Errorf("a letter that nobody can read is %s", letter.Status)
	}
}

func TestRegeneratingKeepsWhatPeopleEntered(t *testing.T) {
	byHand, wrong := section("317", "(2)", Cognizable, 3, High), section("308", "(2)", Cognizable, 7, High)
	s := walk(t, Session{}, noon, way()[:4]...)
	s = walk(t, s, noon, Searched{Violations: []Violation{stolen(), wrong}}, Correct{Correction: Correction{
		Add: []Violation{byHand}, Strike: []Ref{wrong.Ref()}, Complainant: details().Complainant}})
	s = walk(t, s, noon, Approve{}, way()[6], Approve{}, way()[8], Regenerate{Step: SummaryReview}, Summarised{"दूसरा सार।"},
		Approve{}, Searched{Violations: []Violation{wrong, section("324", "(4)", NonCognizable, 2, Medium)}})
	var refs []string
	for _, v := range s.Document().Charges {
		refs = append(refs, v.Ref().String())
	}
	if !slices.Equal(refs, []string{"BNS 324(4)", "BNS 317(2)"}) {
		t.Errorf("charged are %v: what was struck out or not found again must be gone, what was added must stay", refs)
	}
	s = walk(t, s, noon, Approve{}, way()[6], Approve{}, Drafted{})
	if s.Details.Header.Number != number(SeriesFIR, 1) || s.Details.Complainant.Name != "रमेश कुमार" || s.Step != FinalReview {
		t.Errorf("number %s, complainant %q", s.Details.Header.Number, s.Details.Complainant.Name)
	}
	working := walk(t, s, noon, Regenerate{Step: NarrativeReview}, Narrated{"x"}, Approve{})
	_, err := Apply(working, Event{At: noon.Add(10 * time.Minute), Version: working.Version, Do: Drafted{number(SeriesFIR, 2)}})
	wantKind(t, err, Conflict)
}

func TestASectionStaysStruckOutWhenItIsFoundAgain(t *testing.T) {
	wrong := section("308", "(2)", Cognizable, 7, High)
	s := walk(t, Session{}, noon, append(way()[:4:4], Searched{Violations: []Violation{stolen(), wrong}})...)
	s = walk(t, s, noon, Correct{Correction: Correction{Strike: []Ref{wrong.Ref()}}}, Regenerate{Step: ViolationsReview},
		Searched{Violations: []Violation{stolen()}}, Regenerate{Step: ViolationsReview}, Searched{Violations: []Violation{wrong, stolen()}})
	if got := s.Document().Charges; len(got) != 1 || got[0].Ref() != stolen().Ref() {
		t.Errorf("charged are %v", got)
	}
	s = walk(t, s, noon, Correct{Correction: Correction{Restore: []Ref{wrong.Ref()}}})
	if got := s.Document().Charges; len(got) != 2 {
		t.Errorf("after the strike was taken back, charged are %v", got)
	}
}

func TestAnUnfinishedSearchNeverLooksLikeNothingFound(t *testing.T) {
	s := walk(t, Session{}, noon, append(way()[:4:4], Searched{Checks: Checks{Failed: 1, TimedOut: 2}})...)
	_, err := Apply(s, Event{At: noon.Add(time.Minute), Do: Approve{}})
	wantKind(t, err, Invalid)
	walk(t, s, noon, Correct{Correction: Correction{Add: []Violation{stolen()}}}, Approve{})
	walk(t, s, noon, Regenerate{Step: ViolationsReview}, Searched{}, Approve{})
}

func TestTheFirstReadingOfALetterIsKept(t *testing.T) {
	misread, first, second := "My hag was stolen at the fair.", "My bag was stolen at the fair.", "My bag was stolen at the fair today."
	s := walk(t, Session{}, noon, Open{ID: "a"}, Transcribed{Text: misread, By: OCRDone, Language: "EN-in"},
		Correct{Correction: Correction{Transcript: &first}}, Correct{Correction: Correction{Transcript: &second}})
	if s.Reading != misread || s.Transcript != second || s.Details.Language != "en-IN" || !slices.Equal(s.Done, []Done{OCRDone}) {
		t.Errorf("read %q, corrected to %q, in %q", s.Reading, s.Transcript, s.Details.Language)
	}
}

func TestViolationsThatCannotStand(t *testing.T) {
	s := walk(t, Session{}, noon, way()[:4]...)
	for title, change := range map[string]func(*Violation){
		"no act":                            func(v *Violation) { v.Act = " " },
		"no such class":                     func(v *Violation) { v.Cognizable = "yes" },
		"no such confidence":                func(v *Violation) { v.Confidence = "" },
		"no such bail":                      func(v *Violation) { v.Bailable = "no" },
		"no origin":                         func(v *Violation) { v.Origin = "" },
		"a hundred years":                   func(v *Violation) { v.MaxYears = 100 },
		"evidence behind the end":           func(v *Violation) { v.Evidence = []Span{{0, len(s.Transcript) + 1}} },
		"evidence that cuts a character":    func(v *Violation) { v.Evidence = []Span{{0, 1}} },
		"evidence that ends where it began": func(v *Violation) { v.Evidence = []Span{{3, 3}} },
	} {
		t.Run(title, func(t *testing.T) {
			v := stolen()
			change(&v)
			_, err := Apply(s, Event{At: noon.Add(time.Minute), Version: s.Version, Do: Searched{Violations: []Violation{v}}})
			wantKind(t, err, Invalid)
		})
	}
	_, err := Apply(s, Event{At: noon.Add(time.Minute), Version: s.Version, Do: Searched{Violations: []Violation{stolen(), stolen()}}})
	wantKind(t, err, Invalid)
	good := stolen()
	good.Evidence = []Span{{0, len("मैं")}, {0, len(s.Transcript)}}
	walk(t, s, noon, Searched{Violations: []Violation{good}})
}

func TestAHistoryIsBoundedButASessionCanEnd(t *testing.T) {
	s := walk(t, Session{}, noon, way()[0])
	for range MaxHistory {
		s = walk(t, s, noon, Reject{})
	}
	_, err := Apply(s, Event{At: noon, Do: Reject{}})
	wantKind(t, err, Invalid)
	walk(t, s, noon, Approve{})
}

func TestErrorsRepeatNothingThatPeopleWrote(t *testing.T) {
	const secret = "ओमप्रकाश"
	s := atFinalReview(t)
	c := details()
	c.Complainant = &Complainant{Name: strings.Repeat(secret, 100), Born: secret, Phone: secret}
	c.Occurrence = &Occurrence{DateFrom: secret, TimeFrom: secret}
	_, err := Apply(s, Event{At: noon.Add(time.Minute), Do: Correct{Correction: c}})
	wantKind(t, err, Invalid)
	if text := asJSON(t, err) + err.Error(); strings.Contains(text, secret) || !utf8.ValidString(text) {
		t.Errorf("it says %s", text)
	}
}

func mustNormalise(t *testing.T, text string) string {
	t.Helper()
	text, err := Normalise(text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func find(t *testing.T, items []Item, name string) Field {
	t.Helper()
	for _, item := range items {
		for _, f := range item.Fields {
			if f.Name == name {
				return f
			}
		}
	}
	t.Fatalf("the form has no field %s", name)
	return Field{}
}

// A draft is completed through its session alone: one whose report has a number must not be lost to the clock.
func TestASessionWithANumberDoesNotExpire(t *testing.T) {
	s := atFinalReview(t)
	late := s.LastActivity.Add(48 * time.Hour)
	if s.Expired(late, DefaultTTL) {
		t.Error("it has expired")
	}
	if _, err := Apply(s, Event{At: late, Do: Reject{Note: "later"}}); err != nil {
		t.Error(err)
	}
}
