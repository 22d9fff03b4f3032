package fir

// Stage is a point in a report's life at which mandatory items are asked for.
type Stage int

// The stages; each asks for what the one before asks for, and more.
const (
	ForReview       Stage = iota // the last approval of the session: everything but what happens on paper
	ForRegistration              // also signature, read over and admitted correct
	ForFinalisation              // also the free copy
)

// mandatory is one field without which a report cannot reach a stage. The items are those marked * in I.I.F.-I as this
// system reads it (confidence high).
type mandatory struct {
	item    int
	name    string
	stage   Stage
	ncr     bool // also asked of a non-cognizable report, which is a diary entry (BNSS s.174)
	missing func(d *Document) bool
	message Label
}

// Ready returns nil if the document may reach the stage, or an Invalid *Error with a Problem for each mandatory field
// that is missing, and for each section that cannot be charged for the day of the occurrence.
func (d Document) Ready(stage Stage) error {
	problems := d.checkLaw()
	ncr := d.Case() == NonCognizable
	for _, m := range mandatoryFields {
		if m.stage <= stage && (m.ncr || !ncr) && m.missing(&d) {
			problems = append(problems, problem(m.item, m.name, m.message))
		}
	}
	return refuse("the form is not complete", problems)
}

func mandatoryItem(n int) bool {
	for _, m := range mandatoryFields {
		if m.item == n {
			return true
		}
	}
	return false
}

var mandatoryFields = []mandatory{
	{1, "header.station.district", ForReview, true, func(d *Document) bool { return d.Header.Station.District == "" },
		Label{"name the district", "जिला लिखें"}},
	{1, "header.station.name", ForReview, true, func(d *Document) bool { return d.Header.Station.Name == "" },
		Label{"name the police station", "थाना लिखें"}},
	{1, "header.fir_number", ForReview, true, func(d *Document) bool { return d.Header.Number.IsZero() },
		Label{"the number has to be allocated", "प्र.सू.रि. सं. आवंटित होना शेष है"}},
	{1, "header.reported_at", ForReview, true, func(d *Document) bool { return d.Header.ReportedAt.IsZero() },
		Label{"the date and time of the FIR are missing", "प्र.सू.रि. की दिनांक और समय नहीं है"}},
	{2, "charges", ForReview, true, func(d *Document) bool { return len(d.Charges) == 0 },
		Label{"name at least one act and section", "कम से कम एक अधिनियम और धारा लिखें"}},
	{2, "ruling.class", ForReview, true, func(d *Document) bool { return len(d.Charges) > 0 && d.Case() == Conditional },
		Label{"it is not sure whether the case is cognizable: an officer has to rule on it",
			"प्रकरण संज्ञेय है या नहीं, यह निश्चित नहीं है: अधिकारी का निर्णय आवश्यक है"}},
	{2, "ruling.reason", ForReview, true, func(d *Document) bool { return d.Ruling.Class != "" && d.Ruling.Reason == "" },
		Label{"give the reason for the ruling", "निर्णय का कारण लिखें"}},
	{2, "ruling.officer.name", ForReview, true, func(d *Document) bool { return d.Ruling.Class != "" && d.Ruling.Officer.Name == "" },
		Label{"name the officer who ruled", "निर्णय करने वाले अधिकारी का नाम लिखें"}},
	{3, "occurrence.date_from", ForReview, false, func(d *Document) bool { return d.Occurrence.DateFrom == "" },
		Label{"say on which day it happened", "घटना की दिनांक लिखें"}},
	{3, "occurrence.time_period", ForReview, false, func(d *Document) bool { return d.Occurrence.TimeFrom == "" && d.Occurrence.Period == "" },
		Label{"give the time or the period of the day", "घटना का समय या पहर लिखें"}},
	{3, "occurrence.received_at", ForReview, true, func(d *Document) bool { return d.Occurrence.ReceivedAt.IsZero() },
		Label{"say when the station received the information", "थाने में सूचना प्राप्त होने की दिनांक और समय लिखें"}},
	{3, "occurrence.diary_entry", ForReview, true, func(d *Document) bool { return d.Occurrence.DiaryEntry == "" },
		Label{"give the number of the General Diary entry", "रोजनामचा प्रविष्टि सं. लिखें"}},
	{3, "occurrence.diary_time", ForReview, true, func(d *Document) bool { return d.Occurrence.DiaryTime == "" },
		Label{"give the time of the General Diary entry", "रोजनामचा प्रविष्टि का समय लिखें"}},
	{4, "information_type", ForReview, true, func(d *Document) bool { return d.Information == "" },
		Label{"say whether the information was written, oral or electronic", "सूचना लिखित, मौखिक या इलेक्ट्रॉनिक थी, यह लिखें"}},
	{5, "place.address", ForReview, false, func(d *Document) bool { return d.Place.Address == "" },
		Label{"give the address of the place of occurrence", "घटनास्थल का पता लिखें"}},
	{5, "place.direction_distance", ForReview, false, func(d *Document) bool { return d.Place.Direction == "" && !d.Zero() },
		Label{"give direction and distance from the station, or the station in whose limits the place lies",
			"थाने से दिशा और दूरी लिखें, या वह थाना जिसकी सीमा में घटनास्थल है"}},
	{5, "place.outside_station.name", ForReview, false, func(d *Document) bool { return d.Zero() && d.Place.Outside.Name == "" },
		Label{"name the station in whose limits the place lies", "जिस थाने की सीमा में घटनास्थल है, उसका नाम लिखें"}},
	{5, "place.outside_station.district", ForReview, false, func(d *Document) bool { return d.Zero() && d.Place.Outside.District == "" },
		Label{"name the district of that station", "उस थाने का जिला लिखें"}},
	{5, "place.outside_station.state", ForReview, false, func(d *Document) bool { return d.Zero() && d.Place.Outside.State == "" },
		Label{"name the State of that station", "उस थाने का राज्य लिखें"}},
	{6, "complainant.name", ForReview, true, func(d *Document) bool { return d.Complainant.Name == "" },
		Label{"give the informant's name", "सूचनाकर्ता का नाम लिखें"}},
	{6, "complainant.present_address", ForReview, true, func(d *Document) bool { return d.Complainant.PresentAddress == "" },
		Label{"give the informant's present address", "सूचनाकर्ता का वर्तमान पता लिखें"}},
	{6, "complainant.permanent_address", ForReview, true, func(d *Document) bool { return d.Complainant.PermanentAddress == "" },
		Label{"give the informant's permanent address, also where it is the present one",
			"सूचनाकर्ता का स्थायी पता लिखें, वर्तमान पता वही हो तब भी"}},
	{12, "contents.narrative", ForReview, true, func(d *Document) bool { return d.Contents.Narrative == "" },
		Label{"the narrative is missing", "प्रथम सूचना का विवरण नहीं है"}},
	{13, "action.kind", ForReview, false, func(d *Document) bool { return d.Taken.Kind == "" },
		Label{"say which action was taken", "की गई कार्यवाही लिखें"}},
	{13, "action.officer.name", ForReview, false, func(d *Document) bool { return d.Taken.Kind == TakenDirected && d.Taken.Officer.Name == "" },
		Label{"name the officer who was directed to investigate", "जिस अधिकारी को जाँच का निर्देश दिया, उसका नाम लिखें"}},
	{13, "action.officer.rank", ForReview, false, func(d *Document) bool { return d.Taken.Kind == TakenDirected && d.Taken.Officer.Rank == "" },
		Label{"give the rank of that officer", "उस अधिकारी का पद लिखें"}},
	{13, "action.officer.number", ForReview, false, func(d *Document) bool { return d.Taken.Kind == TakenDirected && d.Taken.Officer.Number == "" },
		Label{"give the number of that officer", "उस अधिकारी की संख्या लिखें"}},
	{13, "action.reason", ForReview, false, func(d *Document) bool { return d.Taken.Kind == TakenRefused && d.Taken.Reason == "" },
		Label{"give the reason for the refusal", "इनकार का कारण लिखें"}},
	{13, "action.transfer_to.name", ForReview, false, func(d *Document) bool { return d.Taken.Kind == TakenTransferred && d.Taken.Transfer.Name == "" },
		Label{"name the station to which the case goes", "जिस थाने को प्रकरण भेजा जाए, उसका नाम लिखें"}},
	{13, "action.transfer_to.district", ForReview, false, func(d *Document) bool {
		return d.Taken.Kind == TakenTransferred && d.Taken.Transfer.District == ""
	}, Label{"name the district to which the case goes", "जिस जिले को प्रकरण भेजा जाए, उसका नाम लिखें"}},
	{13, "read_over.read_over", ForRegistration, false, func(d *Document) bool { return !d.ReadOver.Read },
		Label{"the record has to be read over to the informant", "अभिलेख सूचनाकर्ता को पढ़कर सुनाना आवश्यक है"}},
	{13, "read_over.admitted_correct", ForRegistration, false, func(d *Document) bool { return !d.ReadOver.Admitted },
		Label{"the informant has to admit it to be correct", "सूचनाकर्ता का सही मानना आवश्यक है"}},
	{14, "signature.kind", ForRegistration, false, func(d *Document) bool { return d.Signature.Kind == "" },
		Label{"the informant's signature or thumb impression is missing", "सूचनाकर्ता के हस्ताक्षर या अंगूठे का निशान नहीं है"}},
	{14, "signature.at", ForRegistration, false, func(d *Document) bool { return d.Signature.At.IsZero() },
		Label{"say when the informant signed", "हस्ताक्षर की दिनांक और समय लिखें"}},
	{13, "read_over.copy_given", ForFinalisation, false, func(d *Document) bool { return !d.ReadOver.CopyGiven },
		Label{"a copy has to be given to the informant or victim free of cost", "सूचनाकर्ता या पीड़ित को निःशुल्क प्रति देना आवश्यक है"}},
}
