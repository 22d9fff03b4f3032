package fir

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a document.
const (
	MaxLine  = 300               // characters of a name, a number, a date
	MaxBlock = 5_000             // characters of an address, a description, a reason
	MaxRows  = 100               // accused, properties, translations
	MaxValue = 1_000_000_000_000 // rupees of one property
)

// field is one text of a document.
type field struct {
	item  int
	name  string
	text  *string
	bound int  // characters
	lines bool // newlines may stand in it
	form  func(string) bool
}

// tidy normalises every text of the document and returns an *Error with a Problem for each that cannot stand: too long,
// no UTF-8, no such day or hour, no such word, days in the wrong order.
func (d *Document) tidy() error {
	var problems []Problem
	for _, f := range d.fields() {
		if message := f.tidy(); message != (Label{}) {
			problems = append(problems, problem(f.item, f.name, message))
		}
	}
	problems = append(problems, d.checkWords()...)
	problems = append(problems, d.checkOrder()...)
	return refuse("the form has fields that cannot stand", problems)
}

func (f field) tidy() Label {
	text, err := Normalise(*f.text)
	if err != nil {
		return Label{"it is not valid UTF-8", "यह मान्य UTF-8 नहीं है"}
	}
	if !f.lines {
		text = strings.Join(strings.Fields(text), " ")
	}
	*f.text = text
	if n := utf8.RuneCountInString(text); n > f.bound {
		return Label{fmt.Sprintf("it has %d characters, and %d are possible", n, f.bound),
			fmt.Sprintf("इसमें %d अक्षर हैं, अधिकतम %d हो सकते हैं", n, f.bound)}
	}
	if text != "" && f.form != nil && !f.form(text) {
		return Label{"it does not have the form that the field needs: days are 2026-02-14, hours 15:04, station codes KTW",
			"इसका रूप सही नहीं है: दिनांक 2026-02-14, समय 15:04, थाना कोड KTW जैसा लिखें"}
	}
	return Label{}
}

// fields lists every text that a person enters.
func (d *Document) fields() []field {
	o, p, c := &d.Occurrence, &d.Place, &d.Complainant
	all := slices.Concat(d.Header.Station.fields(1, "header.station"), []field{
		line(2, "ruling.reason", &d.Ruling.Reason),
		formed(3, "occurrence.date_from", &o.DateFrom, isDay), formed(3, "occurrence.date_to", &o.DateTo, isDay),
		line(3, "occurrence.time_period", &o.Period),
		formed(3, "occurrence.time_from", &o.TimeFrom, isHour), formed(3, "occurrence.time_to", &o.TimeTo, isHour),
		line(3, "occurrence.diary_entry", &o.DiaryEntry), formed(3, "occurrence.diary_time", &o.DiaryTime, isHour),
		line(5, "place.direction_distance", &p.Direction), line(5, "place.beat_number", &p.Beat), block(5, "place.address", &p.Address),
		line(6, "complainant.name", &c.Name), line(6, "complainant.relative_name", &c.Relative),
		formed(6, "complainant.date_of_birth", &c.Born, isDayOrYear), line(6, "complainant.nationality", &c.Nationality),
		line(6, "complainant.uid_number", &c.UID), line(6, "complainant.passport_number", &c.Passport),
		formed(6, "complainant.passport_issue_date", &c.PassportIssued, isDay),
		line(6, "complainant.passport_issue_place", &c.PassportPlace), line(6, "complainant.other_id", &c.OtherID),
		line(6, "complainant.occupation", &c.Occupation), block(6, "complainant.present_address", &c.PresentAddress),
		block(6, "complainant.permanent_address", &c.PermanentAddress), line(6, "complainant.phone", &c.Phone),
		block(8, "delay_reasons", &d.Delay), line(11, "inquest", &d.Inquest), block(13, "action.reason", &d.Taken.Reason),
		line(14, "signature.by", &d.Signature.By),
	}, p.Outside.fields(5, "place.outside_station"), d.Taken.Transfer.fields(13, "action.transfer_to"),
		d.Ruling.Officer.fields(2, "ruling.officer"), d.Taken.Officer.fields(13, "action.officer"),
		d.Despatch.Officer.fields(15, "despatch.officer"))
	return append(all, d.rowFields()...)
}

func (d *Document) rowFields() []field {
	var all []field
	for i := range d.Accused {
		a, at := &d.Accused[i], fmt.Sprintf("accused.%d.", i)
		all = append(all, line(7, at+"name", &a.Name), line(7, at+"alias", &a.Alias), line(7, at+"relative_name", &a.Relative),
			block(7, at+"address", &a.Address), block(7, at+"physical_features", &a.Features))
	}
	for i := range d.Properties {
		p, at := &d.Properties[i], fmt.Sprintf("properties.%d.", i)
		all = append(all, line(9, at+"category", &p.Category), line(9, at+"type", &p.Type), block(9, at+"description", &p.Description))
	}
	for i := range d.Contents.Translations {
		t, at := &d.Contents.Translations[i], fmt.Sprintf("contents.translations.%d.", i)
		all = append(all, formed(12, at+"language", &t.Language, isTag), field{12, at + "text", &t.Text, MaxComplaint, true, nil})
	}
	return all
}

func (s *Station) fields(item int, at string) []field {
	return []field{
		formed(item, at+".code", &s.Code, stationPattern.MatchString), line(item, at+".name", &s.Name),
		line(item, at+".district", &s.District), line(item, at+".state", &s.State),
	}
}

func (o *Officer) fields(item int, at string) []field {
	return []field{line(item, at+".name", &o.Name), line(item, at+".rank", &o.Rank), line(item, at+".number", &o.Number)}
}

func line(item int, name string, text *string) field {
	return field{item, name, text, MaxLine, false, nil}
}

func block(item int, name string, text *string) field {
	return field{item, name, text, MaxBlock, true, nil}
}

func formed(item int, name string, text *string, form func(string) bool) field {
	return field{item, name, text, MaxLine, false, form}
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isHour(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == len("15:04")
}

func isDayOrYear(s string) bool {
	_, err := time.Parse("2006", s)
	return err == nil || isDay(s)
}

func isTag(s string) bool {
	tag, err := languageTag(s)
	return err == nil && tag == s
}
