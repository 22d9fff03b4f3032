package fir

import (
	"slices"
	"strconv"
	"strings"
)

// Duty is something that the law asks of the officer because of what the report is about. It holds nothing back: whether
// it applies depends on facts that no form has.
type Duty struct {
	Key        string     `json:"key"`
	Label      Label      `json:"label"`
	Source     string     `json:"source"`
	Confidence Confidence `json:"confidence"` // between high and medium it says medium
}

// Duties lists the duties that follow from sections, place and state of the report.
func (r Report) Duties() []Duty {
	d := r.Document
	all := []struct {
		applies bool
		Duty
	}{
		{slices.ContainsFunc(d.Charges, womanOfficer), Duty{"woman_officer", Label{
			"If the informant is a woman, a woman officer records the information; from a person with a disability it is taken at home or a convenient place, with an interpreter or special educator, and filmed.",
			"सूचना देने वाली महिला हो तो महिला अधिकारी सूचना दर्ज करे; दिव्यांग व्यक्ति से घर या सुविधाजनक स्थान पर, दुभाषिये या विशेष शिक्षक के साथ, वीडियो बनाते हुए ली जाए।"},
			"BNSS s.173(1), proviso", High}},
		{d.Sensitive(), Duty{"victim_identity", Label{
			"The victim's identity must not be published.", "पीड़ित की पहचान प्रकाशित न की जाए।"}, "BNS s.72", High}},
		{slices.ContainsFunc(d.Charges, func(v Violation) bool { return v.MaxYears >= 7 }), Duty{"forensic_visit", Label{
			"An offence of seven years or more needs a visit of forensic experts to the place.",
			"सात वर्ष या अधिक दण्ड के अपराध में घटनास्थल पर फॉरेंसिक विशेषज्ञ का जाना आवश्यक है।"}, "BNSS s.176", Medium}},
		{r.State == StateRegistered && !d.ReadOver.CopyGiven, Duty{"free_copy", Label{
			"The informant or victim gets a copy at once, free of cost.",
			"सूचनाकर्ता या पीड़ित को प्रति तुरन्त निःशुल्क दी जाए।"}, "BNSS s.173(2)", High}},
		{r.State == StateZero || r.State == StateTransferred, Duty{"translated_copy", Label{
			"A Zero FIR that goes to a State of another language is sent with a translated (English) copy.",
			"दूसरी भाषा के राज्य को भेजी जाने वाली शून्य प्र.सू.रि. के साथ अनूदित (अंग्रेज़ी) प्रति भेजी जाए।"}, "Ministry of Home Affairs, 2024", Medium}},
		{r.State == StateNCR, Duty{"magistrate", Label{
			"The informant is referred to the Magistrate; nobody investigates without the Magistrate's order.",
			"सूचनाकर्ता को मजिस्ट्रेट के पास भेजा जाए; मजिस्ट्रेट के आदेश के बिना जाँच न हो।"}, "BNSS s.174", High}},
		{r.State == StateRefused, Duty{"remedy", Label{
			"The informant may send the substance in writing to the Superintendent, and then go to the Magistrate.",
			"सूचनाकर्ता सूचना का सार लिखित में पुलिस अधीक्षक को भेज सकता है, फिर मजिस्ट्रेट के पास जा सकता है।"}, "BNSS s.173(4)", High}},
		{r.Checks.Open() > 0, Duty{"unfinished_checks", Label{
			strconv.Itoa(r.Checks.Open()) + " checks against sections of law did not finish: look the sections up by hand.",
			"धाराओं की " + strconv.Itoa(r.Checks.Open()) + " जाँचें पूरी नहीं हुईं: धाराएँ स्वयं देखें।"}, "search of this report", High}},
	}
	duties := []Duty{}
	for _, x := range all {
		if x.applies {
			duties = append(duties, x.Duty)
		}
	}
	return duties
}

// womanOfficer holds for the sections of the proviso to BNSS s.173(1): BNS 64 to 71, 74 to 79 and 124.
func womanOfficer(v Violation) bool {
	n := v.number()
	return v.Act == BNS && (n >= 64 && n <= 71 || n >= 74 && n <= 79 || n == 124)
}

// Sensitive reports whether the case must not be published: sexual offences. Where the line is drawn is our reading of
// BNS s.72 and on the careful side: BNS 64 to 79, and anything under the POCSO Act.
func (d Document) Sensitive() bool {
	return slices.ContainsFunc(d.Charges, func(v Violation) bool {
		n := v.number()
		return v.Act == BNS && n >= 64 && n <= 79 || strings.Contains(strings.ToUpper(v.Act), "POCSO")
	})
}

// number is the section's number without letters behind it, or 0.
func (v Violation) number() int {
	digits := strings.TrimRightFunc(v.Section, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
