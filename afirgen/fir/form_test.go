package fir

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// everything is a document in which no field is empty and every list has a row.
func everything() Document {
	d := complete()
	value, place := int64(1_234_567), Station{Code: "ALB", Name: "आलमबाग", District: "लखनऊ", State: "उत्तर प्रदेश"}
	officer := Officer{Name: "सीमा सिंह", Rank: "SI", Number: "4"}
	d.Header.ZeroNumber = number(SeriesZero, 3)
	d.Charges[0].Evidence = []Span{{0, 3}}
	d.Charges = append(d.Charges, section("351", "(2)", NonCognizable, 2, Medium), section("64", "", Conditional, TermLife, Low))
	d.Ruling = Ruling{Class: Cognizable, Reason: "State amendment", Officer: officer}
	d.Occurrence.DateTo, d.Occurrence.Period, d.Occurrence.TimeTo = "2026-02-15", "तीसरा पहर", "20:00"
	d.Place = Place{Direction: "N", Beat: "3", Address: "x", Outside: place}
	d.Complainant = Complainant{"n", "r", "1980", "Indian", "u", "p", "2020-01-31", "l", "o", "farmer", "a", "b", "t"}
	d.Accused = []Accused{{"suspected", "n", "a", "r", "d", "f"}}
	d.Properties = []Property{{"c", "t", "d", &value}}
	d.Delay, d.Inquest = "illness", "UD 4"
	d.Contents.Translations = []Passage{{"en", "My motorcycle was stolen."}}
	d.Taken = Taken{Kind: TakenTransferred, Officer: officer, Reason: "limits", Transfer: place}
	d.ReadOver = ReadOver{true, true, true}
	d.Signature = Signature{"thumb", "n", noon}
	d.Despatch = Despatch{noon.Add(time.Hour), officer}
	return d
}

func golden(t *testing.T, name string, v any) []byte {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden file: %v (write it with -rewrite)", err)
	}
	if string(got) != string(want) {
		t.Errorf("the JSON form is not that of %s any more; if that is meant, write it anew with -rewrite:\n%s", path, got)
	}
	return got
}

func TestTheJSONFormsAreStable(t *testing.T) {
	d := everything()
	if err := d.tidy(); err != nil {
		t.Fatal(err)
	}
	data := golden(t, "document.json", d)
	var again Document
	if err := json.Unmarshal(data, &again); err != nil || asJSON(t, again) != asJSON(t, d) {
		t.Errorf("it does not come back as it went: %v", err)
	}
	golden(t, "form.json", d.Form())
	golden(t, "empty_form.json", Document{}.Form())

	s := walk(t, atFinalReview(t), noon.Add(time.Hour/2), Reject{Note: "नहीं"}, Correct{Correction: details()})
	data = golden(t, "session.json", s)
	var session Session
	if err := json.Unmarshal(data, &session); err != nil || asJSON(t, session) != asJSON(t, s) || session.Check() != nil {
		t.Errorf("a session does not come back as it went: %v", err)
	}
	r := advance(t, draft(complete()), noon, Enquire{signed(), Permission{"1", Officer{Name: "x"}, noon}}, ConcludeEnquiry{true, "seen"})
	data = golden(t, "report.json", r)
	var report Report
	if err := json.Unmarshal(data, &report); err != nil || asJSON(t, report) != asJSON(t, r) {
		t.Errorf("a report does not come back as it went: %v", err)
	}
	_, err := Apply(s, Event{At: noon.Add(time.Hour), Do: Correct{Correction: Correction{Occurrence: &Occurrence{DateFrom: "yesterday"}}}})
	golden(t, "error.json", err)
}

func TestNoListIsNull(t *testing.T) {
	s := walk(t, Session{}, noon, Open{ID: "a", Text: theft})
	r := draft(Document{})
	if text := asJSON(t, s) + asJSON(t, r) + asJSON(t, r.Duties()); strings.Contains(text, ":null") {
		t.Errorf("a list is null in %s", text)
	}
}

func TestTheFormHasFifteenItemsInTwoLanguages(t *testing.T) {
	d := everything()
	used := map[string]bool{}
	for _, doc := range []Document{d, {}} {
		items := doc.Form()
		if len(items) != 15 {
			t.Fatalf("it has %d items", len(items))
		}
		for i, item := range items {
			if item.Number != i+1 || !bilingual(item.Label) || len(item.Fields) == 0 {
				t.Errorf("item %d is %+v", i+1, item)
			}
			for _, f := range item.Fields {
				if !bilingual(f.Label) || f.Value.En == "" || f.Value.Hi == "" {
					t.Errorf("field %s is %+v", f.Name, f)
				}
				if f.Known != (f.Value != toBeAscertained) {
					t.Errorf("field %s is known %v and says %+v", f.Name, f.Known, f.Value)
				}
				if doc.Header.Number != (Number{}) && !f.Known {
					t.Errorf("field %s of a full form is not known", f.Name)
				}
				used[f.Name] = true
			}
		}
	}
	for _, f := range d.fields() {
		if !bilingual(labelOf(f.name)) {
			t.Errorf("field %s has no label", f.name)
		}
		shown := used[f.name] || f.name == "action.reason" || strings.HasSuffix(f.name, ".code")
		if !shown && *f.text != "" {
			t.Errorf("the form does not show %s", f.name)
		}
	}
	for w, label := range words {
		if !bilingual(label) {
			t.Errorf("word %q is %+v", w, label)
		}
	}
}

func TestTheMandatoryItemsAreThoseOfTheReference(t *testing.T) {
	want := map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 12: true, 13: true, 14: true}
	for _, item := range (Document{}).Form() {
		if item.Mandatory != want[item.Number] {
			t.Errorf("item %d is mandatory: %v", item.Number, item.Mandatory)
		}
	}
}

func TestATotalLeavesNothingOut(t *testing.T) {
	d := Document{}
	if _, known := d.TotalValue(); known {
		t.Error("without properties there is a total")
	}
	four, five := int64(4_000), int64(1_230_567)
	d.Properties = []Property{{Value: &four}, {Value: &five}}
	if sum, known := d.TotalValue(); sum != 1_234_567 || !known || d.total().En != "12,34,567" {
		t.Errorf("the total is %d, %v, %s", sum, known, d.total().En)
	}
	d.Properties = append(d.Properties, Property{})
	if _, known := d.TotalValue(); known {
		t.Error("a property of unknown value has a total")
	}
}

func TestFieldsThatCannotStand(t *testing.T) {
	below := int64(-1)
	for field, change := range map[string]func(*Document){
		"header.station.code":              func(d *Document) { d.Header.Station.Code = "थाना" },
		"occurrence.date_from":             func(d *Document) { d.Occurrence.DateFrom = "2026-02-30" },
		"occurrence.time_from":             func(d *Document) { d.Occurrence.TimeFrom = "7:00" },
		"occurrence.date_to":               func(d *Document) { d.Occurrence.DateTo = "2026-02-13" },
		"complainant.date_of_birth":        func(d *Document) { d.Complainant.Born = "80" },
		"complainant.name":                 func(d *Document) { d.Complainant.Name = strings.Repeat("क", MaxLine+1) },
		"complainant.phone":                func(d *Document) { d.Complainant.Phone = "\xff" },
		"information_type":                 func(d *Document) { d.Information = "telepathy" },
		"accused.0.kind":                   func(d *Document) { d.Accused[0].Kind = "x" },
		"properties.0.value_rupees":        func(d *Document) { d.Properties[0].Value = &below },
		"accused":                          func(d *Document) { d.Accused = make([]Accused, MaxRows+1) },
		"contents.translations.0.language": func(d *Document) { d.Contents.Translations = []Passage{{"EN", "x"}} },
		"action.kind":                      func(d *Document) { d.Taken.Kind = "x" },
		"ruling.class":                     func(d *Document) { d.Ruling.Class = Conditional },
		"signature.kind":                   func(d *Document) { d.Signature.Kind = "x" },
	} {
		t.Run(field, func(t *testing.T) {
			d := complete()
			change(&d)
			err := d.tidy()
			wantKind(t, err, Invalid)
			if p := err.(*Error).Problems; len(p) != 1 || p[0].Field != field || !bilingual(p[0].Label) || p[0].Item == 0 {
				t.Errorf("the problems are %+v", p)
			}
		})
	}
	d := complete()
	d.Occurrence.DateFrom = "2026-02-16"
	wantKind(t, d.tidy(), Invalid) // after it was reported
	d = complete()
	d.Complainant.Name, d.Place.Address = " रमेश\n कुमार\x00 ", "line one\r\nline two"
	if err := d.tidy(); err != nil || d.Complainant.Name != "रमेश कुमार" || d.Place.Address != "line one\nline two" {
		t.Errorf("name %q, address %q: %v", d.Complainant.Name, d.Place.Address, err)
	}
}

func FuzzCorrection(f *testing.F) {
	d := everything()
	seed, err := json.Marshal(Correction{Occurrence: &d.Occurrence, Accused: &d.Accused, Properties: &d.Properties, Add: d.Charges, Translations: &d.Contents.Translations})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"complainant":{"name":"क\u200dष\u0000"},"strike_charges":[{"act":"BNS","section":"303","sub_section":"(2)"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Correction
		if json.Unmarshal(data, &c) != nil {
			return
		}
		r, err := ApplyReport(draft(complete()), ReportEvent{At: noon, Do: CorrectReport{c}})
		if err != nil {
			if KindOf(err) == "" {
				t.Fatalf("an error without a kind: %v", err)
			}
			return
		}
		once := asJSON(t, r.Document)
		if err := r.Document.tidy(); err != nil || asJSON(t, r.Document) != once {
			t.Fatalf("tidying again changes it: %v", err)
		}
		if items := r.Document.Form(); len(items) != 15 {
			t.Fatalf("the form has %d items", len(items))
		}
	})
}

func TestTermsThatAreNone(t *testing.T) {
	for _, text := range []string{"0", "-1", "100", "1000", `"forever"`, "true", "[]"} {
		var term Term
		if err := json.Unmarshal([]byte(text), &term); err == nil {
			t.Errorf("%s was read as %v years", text, float64(term))
		}
	}
}

func FuzzTerm(f *testing.F) {
	for _, seed := range []string{"7", "0.5", `"life"`, `"death"`, "null", "-1", "1e3", `"x"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var term, again Term
		if json.Unmarshal(data, &term) != nil {
			return
		}
		if out := asJSON(t, term); !term.valid() || json.Unmarshal([]byte(out), &again) != nil || again != term {
			t.Errorf("%s was read as %v and written as %s", data, float64(term), out)
		}
	})
}
