package fir

import "strings"

// labelOf returns what the form calls a field. Rows are counted in the field's name (accused.0.name) but not in its
// label.
func labelOf(name string) Label {
	parts := strings.Split(name, ".")
	kept := parts[:0]
	for _, p := range parts {
		if p[0] < '0' || p[0] > '9' {
			kept = append(kept, p)
		}
	}
	return fieldLabels[strings.Join(kept, ".")]
}

// itemLabels are the headings of the fifteen items, as I.I.F.-I has them.
var itemLabels = [...]Label{
	1:  {"District, police station, year, FIR number, date and time of FIR", "जिला, थाना, वर्ष, प्र.सू.रि. सं., प्र.सू.रि. की दिनांक और समय"},
	2:  {"Acts and sections", "अधिनियम और धाराएँ"},
	3:  {"Occurrence of offence", "अपराध की घटना"},
	4:  {"Type of information", "सूचना का प्रकार"},
	5:  {"Place of occurrence", "घटनास्थल"},
	6:  {"Complainant / informant", "शिकायतकर्ता / सूचनाकर्ता"},
	7:  {"Details of known / suspected / unknown accused", "ज्ञात / संदिग्ध / अज्ञात अभियुक्त का विवरण"},
	8:  {"Reasons for delay in reporting", "रिपोर्ट देरी से दर्ज कराने के कारण"},
	9:  {"Particulars of properties of interest", "सम्बन्धित सम्पत्ति का विवरण"},
	10: {"Total value of property (₹)", "सम्पत्ति का कुल मूल्य (₹)"},
	11: {"Inquest report / U.D. case number", "मृत्यु समीक्षा रिपोर्ट / यू.डी. प्रकरण सं."},
	12: {"First information contents", "प्रथम सूचना तथ्य"},
	13: {"Action taken", "की गई कार्यवाही"},
	14: {"Signature / thumb impression of the complainant / informant", "शिकायतकर्ता / सूचनाकर्ता के हस्ताक्षर / अंगूठे का निशान"},
	15: {"Date and time of despatch to the court", "न्यायालय में प्रेषण की दिनांक और समय"},
}

// fieldLabels are what the form calls its fields, by their paths in the JSON form.
var fieldLabels = map[string]Label{
	"header.station.code":     {"Station code", "थाना कोड"},
	"header.station.name":     {"Police station", "थाना"},
	"header.station.district": {"District", "जिला"},
	"header.station.state":    {"State", "राज्य"},
	"header.year":             {"Year", "वर्ष"},
	"header.fir_number":       {"FIR number", "प्र.सू.रि. सं."},
	"header.zero_fir_number":  {"Zero FIR number of the sending station", "भेजने वाले थाने की शून्य प्र.सू.रि. सं."},
	"header.reported_at":      {"Date and time of FIR", "प्र.सू.रि. की दिनांक और समय"},

	"charges":               {"Act and section", "अधिनियम और धारा"},
	"charges.notice":        {"Note", "टिप्पणी"},
	"ruling.class":          {"Officer's ruling on the class of the case", "प्रकरण की श्रेणी पर अधिकारी का निर्णय"},
	"ruling.reason":         {"Reason for the ruling", "निर्णय का कारण"},
	"ruling.officer.name":   {"Ruling officer", "निर्णय करने वाले अधिकारी"},
	"ruling.officer.rank":   {"Rank", "पद"},
	"ruling.officer.number": {"Number", "संख्या"},

	"occurrence.day":         {"Day", "दिन"},
	"occurrence.date_from":   {"Date from", "दिनांक से"},
	"occurrence.date_to":     {"Date to", "दिनांक तक"},
	"occurrence.time_period": {"Time period (pahar)", "समयावधि (पहर)"},
	"occurrence.time_from":   {"Time from", "समय से"},
	"occurrence.time_to":     {"Time to", "समय तक"},
	"occurrence.received_at": {"Information received at the station", "थाने में सूचना प्राप्त होने की दिनांक और समय"},
	"occurrence.diary_entry": {"General Diary entry number", "रोजनामचा प्रविष्टि सं."},
	"occurrence.diary_time":  {"General Diary time", "रोजनामचा समय"},

	"information_type": {"Type of information", "सूचना का प्रकार"},

	"place.direction_distance":       {"Direction and distance from the station", "थाने से दिशा और दूरी"},
	"place.beat_number":              {"Beat number", "बीट सं."},
	"place.address":                  {"Address", "पता"},
	"place.outside_station.code":     {"Code of the station in whose limits the place lies", "जिस थाने की सीमा में घटनास्थल है, उसका कोड"},
	"place.outside_station.name":     {"Police station in whose limits the place lies", "जिस थाने की सीमा में घटनास्थल है"},
	"place.outside_station.district": {"District of that station", "उस थाने का जिला"},
	"place.outside_station.state":    {"State of that station", "उस थाने का राज्य"},

	"complainant.name":                 {"Name", "नाम"},
	"complainant.relative_name":        {"Father's / husband's name", "पिता / पति का नाम"},
	"complainant.date_of_birth":        {"Date / year of birth", "जन्म तिथि / वर्ष"},
	"complainant.nationality":          {"Nationality", "राष्ट्रीयता"},
	"complainant.uid_number":           {"UID number", "यूआईडी सं."},
	"complainant.passport_number":      {"Passport number", "पासपोर्ट सं."},
	"complainant.passport_issue_date":  {"Date of issue", "जारी करने की दिनांक"},
	"complainant.passport_issue_place": {"Place of issue", "जारी करने का स्थान"},
	"complainant.other_id":             {"Other identity document", "अन्य पहचान पत्र"},
	"complainant.occupation":           {"Occupation", "व्यवसाय"},
	"complainant.present_address":      {"Present address", "वर्तमान पता"},
	"complainant.permanent_address":    {"Permanent address", "स्थायी पता"},
	"complainant.phone":                {"Phone", "फोन"},

	"accused":                   {"Accused", "अभियुक्त"},
	"accused.kind":              {"Known / suspected / unknown", "ज्ञात / संदिग्ध / अज्ञात"},
	"accused.name":              {"Name", "नाम"},
	"accused.alias":             {"Alias", "उपनाम"},
	"accused.relative_name":     {"Relative's name", "रिश्तेदार का नाम"},
	"accused.address":           {"Address", "पता"},
	"accused.physical_features": {"Physical features", "शारीरिक बनावट"},

	"delay_reasons": {"Reasons for delay", "देरी के कारण"},

	"properties":              {"Properties", "सम्पत्ति"},
	"properties.category":     {"Category", "श्रेणी"},
	"properties.type":         {"Type", "प्रकार"},
	"properties.description":  {"Description", "विवरण"},
	"properties.value_rupees": {"Value (₹)", "मूल्य (₹)"},
	"total_value":             {"Total value (₹)", "कुल मूल्य (₹)"},

	"inquest": {"Inquest report / U.D. case number", "मृत्यु समीक्षा रिपोर्ट / यू.डी. प्रकरण सं."},

	"contents.narrative":             {"Narrative", "विवरण"},
	"contents.statement":             {"Complaint in the informant's words", "सूचनाकर्ता के शब्दों में शिकायत"},
	"contents.translations":          {"Translations", "अनुवाद"},
	"contents.translations.language": {"Language of the translation", "अनुवाद की भाषा"},
	"contents.translations.text":     {"Translation", "अनुवाद"},

	"action.kind":                 {"Action taken", "की गई कार्यवाही"},
	"action.officer.name":         {"Name of the investigating officer", "जाँच अधिकारी का नाम"},
	"action.officer.rank":         {"Rank", "पद"},
	"action.officer.number":       {"Number", "संख्या"},
	"action.reason":               {"Reason for the refusal", "इनकार का कारण"},
	"action.transfer_to.code":     {"Code of the station", "थाने का कोड"},
	"action.transfer_to.name":     {"Transferred to police station", "थाना, जिसे अंतरित किया"},
	"action.transfer_to.district": {"District", "जिला"},
	"action.transfer_to.state":    {"State", "राज्य"},
	"read_over":                   {"R.O.A.C.", "आर.ओ.ए.सी."},
	"read_over.read_over":         {"Read over to the informant", "सूचनाकर्ता को पढ़कर सुनाया गया"},
	"read_over.admitted_correct":  {"Admitted to be correctly recorded", "सही दर्ज होना माना गया"},
	"read_over.copy_given":        {"Copy given free of cost", "प्रति निःशुल्क दी गई"},

	"signature.kind": {"Signature / thumb impression", "हस्ताक्षर / अंगूठे का निशान"},
	"signature.by":   {"Signed by", "हस्ताक्षरकर्ता"},
	"signature.at":   {"Signed at", "हस्ताक्षर की दिनांक और समय"},

	"despatch.at":             {"Date and time of despatch to the court", "न्यायालय में प्रेषण की दिनांक और समय"},
	"despatch.officer.name":   {"Officer in charge of the station", "थाना प्रभारी"},
	"despatch.officer.rank":   {"Rank", "पद"},
	"despatch.officer.number": {"Number", "संख्या"},
}

// toBeAscertained stands in the form where a value is not known.
var toBeAscertained = Label{"To be ascertained", "ज्ञात किया जाना है"}

// words are the closed lists of the form in both languages.
var words = map[string]Label{
	string(Cognizable):    {"cognizable", "संज्ञेय"},
	string(NonCognizable): {"non-cognizable", "असंज्ञेय"},
	string(Conditional):   {"conditional", "सशर्त"},
	string(Bailable):      {"bailable", "जमानती"},
	string(NonBailable):   {"non-bailable", "गैर-जमानती"},
	string(High):          {"high", "उच्च"},
	string(Medium):        {"medium", "मध्यम"},
	string(Low):           {"low", "निम्न"},
	string(Written):       {"Written", "लिखित"},
	string(Oral):          {"Oral", "मौखिक"},
	string(Electronic):    {"Written (received electronically)", "लिखित (इलेक्ट्रॉनिक रूप से प्राप्त)"},
	"known":               {"known", "ज्ञात"},
	"suspected":           {"suspected", "संदिग्ध"},
	"unknown":             {"unknown", "अज्ञात"},
	"signature":           {"Signature", "हस्ताक्षर"},
	"thumb":               {"Thumb impression", "अंगूठे का निशान"},
	"electronic_sign":     {"Electronic signature", "इलेक्ट्रॉनिक हस्ताक्षर"},
	TakenRegistered:       {"(1) Registered the case and took up the investigation", "(1) प्रकरण दर्ज किया गया और जाँच के लिए लिया गया"},
	TakenDirected:         {"(2) Directed an officer to take up the investigation", "(2) जाँच अधिकारी को जाँच हाथ में लेने का निर्देश दिया गया"},
	TakenRefused:          {"(3) Refused investigation", "(3) जाँच से इनकार किया गया"},
	TakenTransferred:      {"(4) Transferred on point of jurisdiction", "(4) क्षेत्राधिकार के कारण अंतरित किया गया"},
	"yes":                 {"Yes", "हाँ"},
	"no":                  {"No", "नहीं"},
}
