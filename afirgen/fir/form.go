package fir

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Item is one of the fifteen items of I.I.F.-I, ready to be printed.
type Item struct {
	Number    int     `json:"number"`
	Label     Label   `json:"label"`
	Mandatory bool    `json:"mandatory"` // for registration
	Fields    []Field `json:"fields"`    // in the order of the form; those of a row follow each other
}

// Field is one line of an item.
type Field struct {
	Name  string `json:"name"` // its path in the document's JSON form; rows are counted from 0
	Label Label  `json:"label"`
	Value Label  `json:"value"` // what a person wrote is the same in both; "To be ascertained" where nothing is known
	Known bool   `json:"known"`
}

// Form lays the document out as the fifteen items of I.I.F.-I, from which text, web page and PDF are made. It is the
// same for the same document.
func (d Document) Form() []Item {
	parts := [...][]Field{
		1: d.headerFields(), 2: d.chargeFields(), 3: d.occurrenceFields(), 4: {d.field("information_type", word(string(d.Information)))},
		5: d.placeFields(), 6: d.complainantFields(), 7: d.accusedFields(), 8: {d.text("delay_reasons", d.Delay)},
		9: d.propertyFields(), 10: {d.field("total_value", d.total())}, 11: {d.text("inquest", d.Inquest)},
		12: d.contentFields(), 13: d.takenFields(), 14: d.signatureFields(), 15: d.despatchFields(),
	}
	items := make([]Item, 0, 15)
	for n := 1; n <= 15; n++ {
		items = append(items, Item{Number: n, Label: itemLabels[n], Mandatory: mandatoryItem(n), Fields: parts[n]})
	}
	return items
}

// field makes a line; an empty value is not known.
func (Document) field(name string, value Label) Field {
	if value == (Label{}) {
		return Field{Name: name, Label: labelOf(name), Value: toBeAscertained}
	}
	return Field{Name: name, Label: labelOf(name), Value: value, Known: true}
}

func (d Document) text(name, value string) Field { return d.field(name, Label{value, value}) }

func (d Document) moment(name string, at time.Time) Field {
	if at.IsZero() {
		return d.text(name, "")
	}
	return d.text(name, at.In(India()).Format("02.01.2006 15:04"))
}

func (d Document) officer(at string, o Officer) []Field {
	return []Field{d.text(at+".name", o.Name), d.text(at+".rank", o.Rank), d.text(at+".number", o.Number)}
}

func (d Document) headerFields() []Field {
	h := d.Header
	year := ""
	if !h.Number.IsZero() {
		year = strconv.Itoa(h.Number.Year)
	}
	all := []Field{
		d.text("header.station.district", h.Station.District), d.text("header.station.name", h.Station.Name),
		d.text("header.station.state", h.Station.State), d.text("header.year", year),
		d.text("header.fir_number", h.Number.String()), d.moment("header.reported_at", h.ReportedAt),
	}
	if !h.ZeroNumber.IsZero() {
		all = append(all, d.text("header.zero_fir_number", h.ZeroNumber.String()))
	}
	return all
}

func (d Document) chargeFields() []Field {
	if len(d.Charges) == 0 {
		return []Field{d.text("charges", "")}
	}
	var all []Field
	for i, v := range d.Charges {
		all = append(all, d.field(fmt.Sprintf("charges.%d", i), v.cite()))
	}
	if d.Ruling.Class != "" {
		all = append(all, d.field("ruling.class", word(string(d.Ruling.Class))), d.text("ruling.reason", d.Ruling.Reason))
		all = append(all, d.officer("ruling.officer", d.Ruling.Officer)...)
	}
	// The First Schedule could not be read in full when the sections were compiled.
	return append(all, d.field("charges.notice", Label{
		"Verify the classification with the First Schedule of the BNSS.",
		"श्रेणी का मिलान भा.ना.सु.सं. की प्रथम अनुसूची से करें।"}))
}

// cite writes a charge with its classification and how sure that is.
func (v Violation) cite() Label {
	ref, class := v.Cited(), v.Classified()
	title := v.Title
	if title.Hi == "" {
		title.Hi = title.En
	}
	return Label{ref.En + "; " + title.En + "; " + class.En, ref.Hi + "; " + title.Hi + "; " + class.Hi}
}

// Cited is the section as it is cited: BNS 303(2), भा.न्या.सं. 303(2).
func (v Violation) Cited() Label {
	ref := " " + v.Section + v.SubSection
	return Label{v.Act + ref, actHindi(v.Act) + ref}
}

// Classified says in words what the section is and how sure that is: cognizable; non-bailable; confidence high.
func (v Violation) Classified() Label {
	var en, hi []string
	both := func(l Label) { en, hi = append(en, l.En), append(hi, l.Hi) }
	both(word(string(v.Cognizable)))
	if v.Bailable != "" {
		both(word(string(v.Bailable)))
	}
	sure := word(string(v.Confidence))
	both(Label{"confidence " + sure.En, "विश्वसनीयता " + sure.Hi})
	return Label{strings.Join(en, "; "), strings.Join(hi, "; ")}
}

func actHindi(act string) string {
	switch act {
	case BNS:
		return "भा.न्या.सं."
	case IPC:
		return "भा.दं.सं."
	}
	return act
}

func (d Document) occurrenceFields() []Field {
	o := d.Occurrence
	return []Field{
		d.field("occurrence.day", weekday(o.DateFrom)),
		d.text("occurrence.date_from", day(o.DateFrom)), d.text("occurrence.date_to", day(o.DateTo)),
		d.text("occurrence.time_period", o.Period), d.text("occurrence.time_from", o.TimeFrom), d.text("occurrence.time_to", o.TimeTo),
		d.moment("occurrence.received_at", o.ReceivedAt),
		d.text("occurrence.diary_entry", o.DiaryEntry), d.text("occurrence.diary_time", o.DiaryTime),
	}
}

// day writes 2026-02-14 as 14.02.2026; a year stays a year.
func day(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format("02.01.2006")
}

func weekday(iso string) Label {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return Label{}
	}
	hindi := [...]string{"रविवार", "सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार"}
	return Label{t.Weekday().String(), hindi[t.Weekday()]}
}

func (d Document) placeFields() []Field {
	p := d.Place
	all := []Field{d.text("place.direction_distance", p.Direction), d.text("place.beat_number", p.Beat), d.text("place.address", p.Address)}
	if d.Zero() {
		all = append(all, d.text("place.outside_station.name", p.Outside.Name),
			d.text("place.outside_station.district", p.Outside.District), d.text("place.outside_station.state", p.Outside.State))
	}
	return all
}

func (d Document) complainantFields() []Field {
	c := d.Complainant
	return []Field{
		d.text("complainant.name", c.Name), d.text("complainant.relative_name", c.Relative), d.text("complainant.date_of_birth", day(c.Born)),
		d.text("complainant.nationality", c.Nationality), d.text("complainant.uid_number", c.UID),
		d.text("complainant.passport_number", c.Passport), d.text("complainant.passport_issue_date", day(c.PassportIssued)),
		d.text("complainant.passport_issue_place", c.PassportPlace), d.text("complainant.other_id", c.OtherID),
		d.text("complainant.occupation", c.Occupation), d.text("complainant.present_address", c.PresentAddress),
		d.text("complainant.permanent_address", c.PermanentAddress), d.text("complainant.phone", c.Phone),
	}
}

func (d Document) accusedFields() []Field {
	if len(d.Accused) == 0 {
		return []Field{d.text("accused", "")}
	}
	var all []Field
	for i, a := range d.Accused {
		at := fmt.Sprintf("accused.%d.", i)
		all = append(all, d.field(at+"kind", word(a.Kind)), d.text(at+"name", a.Name), d.text(at+"alias", a.Alias),
			d.text(at+"relative_name", a.Relative), d.text(at+"address", a.Address), d.text(at+"physical_features", a.Features))
	}
	return all
}

func (d Document) propertyFields() []Field {
	if len(d.Properties) == 0 {
		return []Field{d.text("properties", "")}
	}
	var all []Field
	for i, p := range d.Properties {
		at, value := fmt.Sprintf("properties.%d.", i), ""
		if p.Value != nil {
			value = rupees(*p.Value)
		}
		all = append(all, d.text(at+"category", p.Category), d.text(at+"type", p.Type), d.text(at+"description", p.Description),
			d.text(at+"value_rupees", value))
	}
	return all
}

func (d Document) total() Label {
	sum, known := d.TotalValue()
	if !known {
		return Label{}
	}
	return Label{rupees(sum), rupees(sum)}
}

// rupees groups digits as India does: 12,34,567.
func rupees(n int64) string {
	digits := strconv.FormatInt(n, 10)
	if len(digits) <= 3 {
		return digits
	}
	head, grouped := digits[:len(digits)-3], digits[len(digits)-3:]
	for len(head) > 2 {
		head, grouped = head[:len(head)-2], head[len(head)-2:]+","+grouped
	}
	return head + "," + grouped
}

func (d Document) contentFields() []Field {
	c := d.Contents
	all := []Field{d.text("contents.narrative", c.Narrative), d.text("contents.statement", c.Statement)}
	for i, t := range c.Translations {
		at := fmt.Sprintf("contents.translations.%d.", i)
		all = append(all, d.text(at+"language", t.Language), d.text(at+"text", t.Text))
	}
	return all
}

func (d Document) takenFields() []Field {
	t := d.Taken
	all := append([]Field{d.field("action.kind", word(t.Kind))}, d.officer("action.officer", t.Officer)...)
	switch t.Kind {
	case TakenRefused:
		all = append(all, d.text("action.reason", t.Reason))
	case TakenTransferred:
		all = append(all, d.text("action.transfer_to.name", t.Transfer.Name), d.text("action.transfer_to.district", t.Transfer.District),
			d.text("action.transfer_to.state", t.Transfer.State))
	}
	return append(all, d.field("read_over.read_over", yes(d.ReadOver.Read)),
		d.field("read_over.admitted_correct", yes(d.ReadOver.Admitted)), d.field("read_over.copy_given", yes(d.ReadOver.CopyGiven)))
}

func (d Document) signatureFields() []Field {
	kind := d.Signature.Kind
	if kind == "electronic" {
		kind = "electronic_sign"
	}
	return []Field{d.field("signature.kind", word(kind)), d.text("signature.by", d.Signature.By), d.moment("signature.at", d.Signature.At)}
}

func (d Document) despatchFields() []Field {
	return append([]Field{d.moment("despatch.at", d.Despatch.At)}, d.officer("despatch.officer", d.Despatch.Officer)...)
}

func word(w string) Label { return words[w] }

func yes(b bool) Label {
	if b {
		return words["yes"]
	}
	return words["no"]
}
