package fir

import (
	"strings"
	"testing"
	"time"
)

func TestARegistrationNeedsEveryMandatoryItem(t *testing.T) {
	ready := complete()
	ready.ReadOver = ReadOver{true, true, true}
	ready.Signature = Signature{Kind: "signature", By: "x", At: noon}
	if err := ready.Ready(ForFinalisation); err != nil {
		t.Fatalf("a complete form: %v", err)
	}
	broken := map[string]func(*Document){
		"header.station.district":        func(d *Document) { d.Header.Station.District = "" },
		"header.station.name":            func(d *Document) { d.Header.Station.Name = "" },
		"header.fir_number":              func(d *Document) { d.Header.Number = Number{} },
		"header.reported_at":             func(d *Document) { d.Header.ReportedAt = time.Time{} },
		"charges":                        func(d *Document) { d.Charges = nil },
		"ruling.class":                   func(d *Document) { d.Charges[0].Cognizable = Conditional },
		"ruling.reason":                  func(d *Document) { d.Ruling = Ruling{Class: Cognizable, Officer: Officer{Name: "x"}} },
		"ruling.officer.name":            func(d *Document) { d.Ruling = Ruling{Class: Cognizable, Reason: "x"} },
		"occurrence.date_from":           func(d *Document) { d.Occurrence.DateFrom = "" },
		"occurrence.time_period":         func(d *Document) { d.Occurrence.TimeFrom = "" },
		"occurrence.received_at":         func(d *Document) { d.Occurrence.ReceivedAt = time.Time{} },
		"occurrence.diary_entry":         func(d *Document) { d.Occurrence.DiaryEntry = "" },
		"occurrence.diary_time":          func(d *Document) { d.Occurrence.DiaryTime = "" },
		"information_type":               func(d *Document) { d.Information = "" },
		"place.address":                  func(d *Document) { d.Place.Address = "" },
		"place.direction_distance":       func(d *Document) { d.Place.Direction = "" },
		"place.outside_station.name":     func(d *Document) { d.Place.Outside = Station{District: "x", State: "x"} },
		"place.outside_station.district": func(d *Document) { d.Place.Outside = Station{Name: "x", State: "x"} },
		"place.outside_station.state":    func(d *Document) { d.Place.Outside = Station{Name: "x", District: "x"} },
		"complainant.name":               func(d *Document) { d.Complainant.Name = "" },
		"complainant.present_address":    func(d *Document) { d.Complainant.PresentAddress = "" },
		"complainant.permanent_address":  func(d *Document) { d.Complainant.PermanentAddress = "" },
		"contents.narrative":             func(d *Document) { d.Contents.Narrative = "" },
		"action.kind":                    func(d *Document) { d.Taken.Kind = "" },
		"action.officer.name":            func(d *Document) { d.Taken = Taken{Kind: TakenDirected, Officer: Officer{"", "SI", "4"}} },
		"action.officer.rank":            func(d *Document) { d.Taken = Taken{Kind: TakenDirected, Officer: Officer{"x", "", "4"}} },
		"action.officer.number":          func(d *Document) { d.Taken = Taken{Kind: TakenDirected, Officer: Officer{"x", "SI", ""}} },
		"action.reason":                  func(d *Document) { d.Taken = Taken{Kind: TakenRefused} },
		"action.transfer_to.name":        func(d *Document) { d.Taken = Taken{Kind: TakenTransferred, Transfer: Station{District: "x"}} },
		"action.transfer_to.district":    func(d *Document) { d.Taken = Taken{Kind: TakenTransferred, Transfer: Station{Name: "x"}} },
		"read_over.read_over":            func(d *Document) { d.ReadOver.Read = false },
		"read_over.admitted_correct":     func(d *Document) { d.ReadOver.Admitted = false },
		"read_over.copy_given":           func(d *Document) { d.ReadOver.CopyGiven = false },
		"signature.kind":                 func(d *Document) { d.Signature.Kind = "" },
		"signature.at":                   func(d *Document) { d.Signature.At = time.Time{} },
	}
	for _, m := range mandatoryFields {
		t.Run(m.name, func(t *testing.T) {
			if broken[m.name] == nil {
				t.Fatal("no case of this test takes it away")
			}
			d := ready.clone()
			broken[m.name](&d)
			err := d.Ready(m.stage)
			wantKind(t, err, Invalid)
			problems := err.(*Error).Problems
			if len(problems) != 1 || problems[0].Field != m.name || problems[0].Item != m.item {
				t.Fatalf("the problems are %+v", problems)
			}
			if p := problems[0]; !bilingual(p.Message) || !bilingual(p.Label) {
				t.Errorf("label %+v and message %+v are not in both languages", p.Label, p.Message)
			}
			if m.stage > ForReview && d.Ready(m.stage-1) != nil {
				t.Error("it is asked for too early")
			}
		})
	}
}

func TestADiaryEntryNeedsLess(t *testing.T) {
	d := complete()
	d.Charges = []Violation{section("115", "(2)", NonCognizable, 1, High)}
	d.Occurrence.DateFrom, d.Occurrence.TimeFrom, d.Place, d.Taken = "", "", Place{}, Taken{}
	if err := d.Ready(ForFinalisation); err != nil {
		t.Error(err)
	}
	d.Complainant.Name = ""
	wantKind(t, d.Ready(ForReview), Invalid)
}

func TestTheClassOfACase(t *testing.T) {
	yes, no, maybe := section("303", "(2)", Cognizable, 3, Low), section("115", "(2)", NonCognizable, 1, High), section("85", "", Conditional, 3, High)
	unsure := section("351", "(2)", NonCognizable, 2, Medium)
	for _, c := range []struct {
		title   string
		charges []Violation
		ruling  Class
		want    Class
	}{
		{"no sections, no class", nil, "", ""},
		{"one cognizable section makes the case", []Violation{no, maybe, yes}, "", Cognizable},
		{"nobody rules that away", []Violation{no, yes}, NonCognizable, Cognizable},
		{"surely non-cognizable", []Violation{no}, "", NonCognizable},
		{"a State may have made it cognizable", []Violation{no}, Cognizable, Cognizable},
		{"a condition has to be ruled on", []Violation{no, maybe}, "", Conditional},
		{"ruled non-cognizable", []Violation{maybe}, NonCognizable, NonCognizable},
		{"ruled cognizable", []Violation{maybe}, Cognizable, Cognizable},
		{"doubt does not make an NCR", []Violation{unsure}, "", Conditional},
	} {
		t.Run(c.title, func(t *testing.T) {
			if got := (Document{Charges: c.charges, Ruling: Ruling{Class: c.ruling}}).Case(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnEFIRWaitsThreeDaysForItsSignature(t *testing.T) {
	d := complete()
	d.Information = Electronic
	r := advance(t, draft(d), noon, AwaitSignature{})
	if want := noon.AddDate(0, 0, 3); r.State != StateAwaiting || !r.SignatureDue.Equal(want) {
		t.Fatalf("it is %s and due %s, want %s", r.State, r.SignatureDue, want)
	}
	midnight := time.Date(2026, 2, 19, 0, 0, 0, 0, India())
	for _, at := range []time.Time{r.SignatureDue, midnight.Add(-1)} {
		_, err := ApplyReport(r, ReportEvent{At: at, Do: Lapse{}})
		wantKind(t, err, Conflict)
		if got, err := ApplyReport(r, ReportEvent{At: at.UTC(), Do: signed()}); err != nil || got.State != StateRegistered {
			t.Errorf("signed at %s it is %s: %v", at, got.State, err)
		}
	}
	_, err := ApplyReport(r, ReportEvent{At: midnight, Do: signed()})
	wantKind(t, err, Conflict)
	if got, err := ApplyReport(r, ReportEvent{At: midnight, Do: Lapse{}}); err != nil || got.State != StateLapsed {
		t.Errorf("it is %s: %v", got.State, err)
	}
	_, err = ApplyReport(draft(d), ReportEvent{At: midnight, Do: signed()})
	wantKind(t, err, Conflict)
	_, err = ApplyReport(draft(complete()), ReportEvent{At: noon, Do: AwaitSignature{}})
	wantKind(t, err, Conflict)
}

func TestASignatureNeedsARecordThatWasReadOver(t *testing.T) {
	for _, s := range []Sign{{Kind: "signature"}, {Kind: "thumb", ReadOver: true}, {ReadOver: true, Admitted: true}, {Kind: "cross", ReadOver: true, Admitted: true}} {
		_, err := ApplyReport(draft(complete()), ReportEvent{At: noon, Do: s})
		wantKind(t, err, Invalid)
	}
	r := advance(t, draft(complete()), noon, Sign{Kind: "thumb", ReadOver: true, Admitted: true})
	if s := r.Document.Signature; s.By != "रमेश कुमार" || !s.At.Equal(noon.Add(time.Minute)) {
		t.Errorf("signed %+v", s)
	}
}

func TestACognizableOffenceIsNotRefused(t *testing.T) {
	for _, taken := range []Taken{{Kind: TakenRefused, Reason: "x"}, {Kind: TakenTransferred, Transfer: Station{Name: "x", District: "y"}}} {
		d := complete()
		d.Taken = taken
		_, err := ApplyReport(draft(d), ReportEvent{At: noon, Do: signed()})
		wantKind(t, err, Invalid)
	}
}

func TestADraftUnderReviewBelongsToItsSession(t *testing.T) {
	s := walk(t, atFinalReview(t), noon, Correct{Correction: details()})
	r, err := NewReport(s, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []ReportAction{signed(), CorrectReport{details()}, EnterNCR{}, AwaitSignature{}, Renumber{number(SeriesZero, 1)}} {
		_, err := ApplyReport(r, ReportEvent{At: noon, Do: do})
		wantKind(t, err, Conflict)
	}
	_, err = ApplyReport(r, ReportEvent{At: noon, Do: Reviewed{s}})
	wantKind(t, err, Conflict)
	narrative := "नया विवरण।"
	s = walk(t, s, noon, Correct{Correction: Correction{Narrative: &narrative}})
	if r = advance(t, r, noon, Redraft{s}); r.Document.Contents.Narrative != narrative {
		t.Error("the draft did not follow the session")
	}
	other := s.clone()
	other.ID = "6a"
	_, err = ApplyReport(r, ReportEvent{At: noon, Do: Redraft{other}})
	wantKind(t, err, Conflict)
	r = advance(t, r, noon, Reviewed{walk(t, s, noon, Approve{})})
	_, err = ApplyReport(r, ReportEvent{At: noon, Do: Redraft{s}})
	wantKind(t, err, Conflict)
	if _, err := NewReport(walk(t, Session{}, noon, way()[:4]...), noon); KindOf(err) != Conflict {
		t.Errorf("a session that is searched for gave a report: %v", err)
	}
}

func TestAZeroFIRGoesToItsStation(t *testing.T) {
	d := complete()
	d.Place.Direction, d.Place.Outside = "", Station{Code: "ALB", Name: "आलमबाग", District: "लखनऊ", State: "उत्तर प्रदेश"}
	_, err := ApplyReport(draft(d), ReportEvent{At: noon, Do: signed()})
	wantKind(t, err, Invalid) // a regular number
	d.Header.Number = number(SeriesZero, 3)
	_, err = ApplyReport(draft(d), ReportEvent{At: noon, Do: signed()})
	wantKind(t, err, Invalid) // item 13 does not transfer it
	d.Taken = Taken{Kind: TakenTransferred, Transfer: d.Place.Outside}
	r := advance(t, draft(d), noon, signed())
	if r.State != StateZero {
		t.Fatalf("it is %s", r.State)
	}
	if _, err := Adopt(r, noon, Reception{}); KindOf(err) != Conflict {
		t.Errorf("taken over before its transfer: %v", err)
	}
	r = advance(t, r, noon, Transfer{})
	regular := Number{Station: "ALB", Series: SeriesFIR, Seq: 9, Year: 2026}
	for _, n := range []Number{number(SeriesFIR, 9), {Station: "ALB", Series: SeriesZero, Seq: 9, Year: 2026}, {}} {
		_, err = ApplyReport(r, ReportEvent{At: noon, Do: Acknowledge{n}})
		wantKind(t, err, Invalid)
	}
	r = advance(t, r, noon, Acknowledge{regular})
	_, err = ApplyReport(r, ReportEvent{At: noon, Do: Acknowledge{regular}})
	wantKind(t, err, Conflict)

	_, err = Adopt(r, noon, Reception{Station: d.Place.Outside, Number: regular})
	wantKind(t, err, Invalid) // its own direction and diary entry
	at := Reception{Station: d.Place.Outside, Number: regular, Direction: "दक्षिण, 1 कि.मी.", DiaryEntry: "4", DiaryTime: "16:00"}
	home, err := Adopt(r, noon, at)
	if err != nil || home.State != StateRegistered || home.Number() != regular || home.Document.Header.ZeroNumber != number(SeriesZero, 3) || home.Document.Zero() {
		t.Fatalf("taken over it is %s under %s: %v", home.State, home.Number(), err)
	}
	given := true
	if home = advance(t, home, noon, CorrectReport{Correction{CopyGiven: &given}}, Finalise{"key"}); home.State != StateFinalized {
		t.Errorf("it is %s", home.State)
	}
}

func TestAnNCRIsAnEntryInTheDiary(t *testing.T) {
	d := complete()
	d.Charges = []Violation{section("115", "(2)", NonCognizable, 1, High)}
	_, err := ApplyReport(draft(d), ReportEvent{At: noon, Do: EnterNCR{}})
	wantKind(t, err, Invalid) // the number is of the wrong series
	r := advance(t, draft(d), noon, Renumber{number(SeriesNCR, 5)})
	if len(r.Former) != 1 || r.Former[0] != number(SeriesFIR, 1) {
		t.Errorf("former numbers are %v", r.Former)
	}
	_, err = ApplyReport(r, ReportEvent{At: noon, Do: signed()})
	wantKind(t, err, Conflict)
	unfinished := r.clone()
	unfinished.Checks.TimedOut = 1
	_, err = ApplyReport(unfinished, ReportEvent{At: noon, Do: EnterNCR{}})
	wantKind(t, err, Invalid)
	unfinished.Document.Ruling = Ruling{Class: NonCognizable, Reason: "x", Officer: Officer{Name: "y"}}
	advance(t, unfinished, noon, EnterNCR{})
	r = advance(t, r, noon, EnterNCR{}, Finalise{"key"})
	if r.State != StateFinalized {
		t.Errorf("it is %s", r.State)
	}
	_, err = ApplyReport(draft(complete()), ReportEvent{At: noon, Do: EnterNCR{}})
	wantKind(t, err, Conflict)
	_, err = ApplyReport(draft(complete()), ReportEvent{At: noon, Do: Renumber{number(SeriesNCR, 1)}})
	wantKind(t, err, Conflict)
}

func TestAPreliminaryEnquiryIsForThreeToSevenYears(t *testing.T) {
	permitted := Enquire{Signature: signed(), Permission: Permission{"DySP/12", Officer{Name: "x", Rank: "DySP"}, noon}}
	for _, c := range []struct {
		years Term
		kind  Kind
	}{{2.9, Conflict}, {3, ""}, {6.9, ""}, {7, Conflict}, {TermLife, Conflict}, {TermDeath, Conflict}, {TermUnknown, Invalid}} {
		d := complete()
		d.Charges[0].MaxYears = c.years
		r, err := ApplyReport(draft(d), ReportEvent{At: noon.Add(time.Hour), Do: permitted})
		if KindOf(err) != c.kind {
			t.Errorf("%v years: %v", c.years, err)
		}
		if want := noon.Add(time.Hour).AddDate(0, 0, 14); c.kind == "" && (err != nil || r.State != StateEnquiry || !r.EnquiryDue.Equal(want)) {
			t.Errorf("%v years: it is %s, due %s: %v", c.years, r.State, r.EnquiryDue, err)
		}
	}
	for _, p := range []Permission{{}, {"x", Officer{}, noon}, {"x", Officer{Name: "y"}, noon.Add(2 * time.Hour)}, {"x", Officer{Name: "\xff"}, noon}} {
		_, err := ApplyReport(draft(complete()), ReportEvent{At: noon.Add(time.Hour), Do: Enquire{signed(), p}})
		wantKind(t, err, Invalid)
	}
	r := advance(t, draft(complete()), noon, permitted)
	if got := advance(t, r, noon, ConcludeEnquiry{true, "true"}); got.State != StateRegistered {
		t.Errorf("with a prima facie case it is %s", got.State)
	}
	refused := advance(t, r, noon, ConcludeEnquiry{false, "the vehicle was lent"})
	if refused.State != StateRefused || refused.Document.Taken.Kind != TakenRefused || refused.Document.Taken.Reason != "the vehicle was lent" {
		t.Errorf("without one it is %s and says %+v", refused.State, refused.Document.Taken)
	}
	_, err := ApplyReport(r, ReportEvent{At: noon, Do: ConcludeEnquiry{}})
	wantKind(t, err, Invalid)
}

func TestWhatMayChangeInAReport(t *testing.T) {
	given, narrative := true, "x"
	registered := advance(t, draft(complete()), noon, signed())
	enquiry := advance(t, draft(complete()), noon, Enquire{signed(), Permission{"1", Officer{Name: "x"}, noon}})
	for _, c := range []struct {
		title string
		on    Report
		with  Correction
		kind  Kind
	}{
		{"a draft's narrative", draft(complete()), Correction{Narrative: &narrative}, ""},
		{"a draft's section struck out", draft(complete()), Correction{Strike: []Ref{stolen().Ref()}}, ""},
		{"a section that is not there", draft(complete()), Correction{Strike: []Ref{{BNS, "1", ""}}}, Invalid},
		{"a draft's station, which has its number", draft(complete()), Correction{Station: &Station{}}, Conflict},
		{"a draft's copy", draft(complete()), Correction{CopyGiven: &given}, Conflict},
		{"nothing", draft(complete()), Correction{}, Invalid},
		{"an enquiry's action", enquiry, Correction{Taken: &Taken{Kind: TakenDirected}}, ""},
		{"what the informant has signed", enquiry, Correction{Narrative: &narrative}, Conflict},
		{"a registered report's copy", registered, Correction{CopyGiven: &given, Despatch: &Despatch{At: noon}}, ""},
		{"a registered report's sections", registered, Correction{Add: []Violation{stolen()}}, Conflict},
		{"a registered report's place", registered, Correction{Place: &Place{}}, Conflict},
	} {
		t.Run(c.title, func(t *testing.T) {
			r, err := ApplyReport(c.on, ReportEvent{At: noon, Do: CorrectReport{c.with}})
			for _, ref := range c.with.Strike {
				if err == nil && indexOf(r.Document.Charges, ref) >= 0 {
					t.Errorf("%s is still charged", ref)
				}
			}
			if KindOf(err) != c.kind || (err == nil) != (c.kind == "") {
				t.Errorf("got %v, want %q", err, c.kind)
			}
		})
	}
}

func TestSectionsBelongToTheDayOfTheOffence(t *testing.T) {
	old := section("379", "", Cognizable, 3, High)
	old.Act = IPC
	for _, c := range []struct {
		title, from, to string
		charge          Violation
		ok              bool
	}{
		{"IPC on the last day", "2024-06-30", "", old, true},
		{"IPC on the first day of the BNS", "2024-07-01", "", old, false},
		{"BNS on its first day", "2024-07-01", "", stolen(), true},
		{"BNS on the day before", "2024-06-30", "", stolen(), false},
		{"an offence over the border, under either", "2024-06-30", "2024-07-01", old, true},
		{"and the other", "2024-06-30", "2024-07-01", stolen(), true},
		{"a section that is not in force", "2025-01-01", "", section("106", "(2)", Cognizable, 10, High), false},
	} {
		t.Run(c.title, func(t *testing.T) {
			d := complete()
			d.Occurrence.DateFrom, d.Occurrence.DateTo, d.Charges = c.from, c.to, []Violation{c.charge}
			if err := d.Ready(ForReview); (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDeadlinesAndDuties(t *testing.T) {
	r := advance(t, draft(complete()), noon, signed())
	at := noon.Add(time.Minute)
	if got := keys(r.Deadlines(false)); got != "upload@"+at.Add(24*time.Hour).String()+" progress@"+at.AddDate(0, 0, 90).String()+" " {
		t.Errorf("a registered theft is due for %s", got)
	}
	if got := r.Deadlines(true)[0].Due; !got.Equal(at.Add(72 * time.Hour)) {
		t.Errorf("a remote upload is due %s", got)
	}
	d := complete()
	d.Charges = []Violation{section("64", "(1)", Cognizable, TermLife, High)}
	r = advance(t, draft(d), noon, signed())
	var duties []string
	for _, x := range r.Duties() {
		duties = append(duties, x.Key)
		if !bilingual(x.Label) || x.Source == "" || x.Confidence == "" {
			t.Errorf("%+v lacks a language, its source or its confidence", x)
		}
	}
	if got := strings.Join(duties, " "); got != "woman_officer victim_identity forensic_visit free_copy" {
		t.Errorf("the duties are %s", got)
	}
	if got := keys(r.Deadlines(false)); strings.Contains(got, "upload") {
		t.Errorf("a sensitive report is due for %s", got)
	}
}

func keys(all []Deadline) string {
	var b strings.Builder
	for _, d := range all {
		b.WriteString(d.Key + "@" + d.Due.String() + " ")
	}
	return b.String()
}

// bilingual reports whether a label has Latin letters in English and Devanagari in Hindi.
func bilingual(l Label) bool {
	devanagari := func(r rune) bool { return r >= 'ऀ' && r <= 'ॿ' }
	return l.En != "" && !strings.ContainsFunc(l.En, devanagari) && strings.ContainsFunc(l.Hi, devanagari)
}
