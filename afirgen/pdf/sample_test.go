package pdf

import (
	"strings"
	"time"
)

// sample is a report with every kind of part, as a station would file it. People and places in it are made up.
func sample() Document {
	return Document{
		Form:      "I.I.F.-I",
		Title:     Text{"FIRST INFORMATION REPORT", "प्रथम सूचना रिपोर्ट"},
		Basis:     Text{"(Under section 173 B.N.S.S.)", "(धारा 173 भारतीय नागरिक सुरक्षा संहिता के अन्तर्गत)"},
		Reference: "SDR/0042/2026",
		Made:      time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		Items: []Item{
			{Number: "1.", Heading: Text{"Registration", "पंजीकरण"}, Fields: []Field{
				{Text{"District", "जिला"}, Text{"Lucknow", "लखनऊ"}},
				{Text{"Police station", "थाना"}, Text{"Sadar", "सदर"}},
				{Text{"Year", "वर्ष"}, Both("2026")},
				{Text{"FIR No.", "प्र.सू.रि. सं."}, Both("SDR/0042/2026")},
				{Text{"Date and time of FIR", "प्र.सू.रि. की दिनांक और समय"}, Both("14-03-2026 14:56")},
			}},
			{Number: "2.", Heading: Text{"Acts and sections", "अधिनियम और धाराएँ"}, Table: sections()},
			{Number: "3.", Heading: Text{"Occurrence of offence", "अपराध की घटना"}, Items: []Item{
				{Number: "(a)", Heading: Text{"Occurrence", "घटना"}, Fields: []Field{
					{Text{"Day", "दिन"}, Text{"Friday", "शुक्रवार"}},
					{Text{"Date from – to", "दिनांक से – तक"}, Both("13-03-2026 – 13-03-2026")},
					{Text{"Time period", "पहर"}, Text{"Evening", "सन्ध्या"}},
					{Text{"Time from – to", "समय से – तक"}, Both("18:30 – 18:45")},
				}},
				{Number: "(b)", Heading: Text{"Information received at P.S.", "थाना जहाँ सूचना प्राप्त हुई"}, Fields: []Field{
					{Text{"Date", "दिनांक"}, Both("14-03-2026")},
					{Text{"Time", "समय"}, Both("13:10")},
				}},
				{Number: "(c)", Heading: Text{"General Diary reference", "रोजनामचा सन्दर्भ"}, Value: Text{"Entry 027, 14:56", "प्रविष्टि सं. 027, 14:56"}},
			}},
			{Number: "4.", Heading: Text{"Type of information", "सूचना का प्रकार"}, Value: Text{"Written", "लिखित"}},
			{Number: "5.", Heading: Text{"Place of occurrence", "घटनास्थल"}, Fields: []Field{
				{Text{"Direction and distance from P.S.", "थाने से दिशा और दूरी"}, Text{"North-east, 2 km, beat 4", "उत्तर-पूर्व, 2 कि.मी., बीट 4"}},
				{Text{"Address", "पता"}, Text{"Near the fruit market, Station Road, Sadar, Lucknow", "फल मण्डी के पास, स्टेशन रोड, सदर, लखनऊ"}},
			}},
			{Number: "6.", Heading: Text{"Complainant / informant", "शिकायतकर्ता / सूचनाकर्ता"}, Fields: []Field{
				{Text{"Name", "नाम"}, Text{"Shraddha Krishnamurthy", "श्रद्धा कृष्णमूर्ति"}},
				{Text{"Father's / husband's name", "पिता / पति का नाम"}, Text{"Lakshman Krishnamurthy", "लक्ष्मण कृष्णमूर्ति"}},
				{Text{"Date of birth", "जन्म तिथि"}, Both("02-07-1991")},
				{Text{"Nationality", "राष्ट्रीयता"}, Text{"Indian", "भारतीय"}},
				{Text{"Passport no.", "पासपोर्ट सं."}, Text{}},
				{Text{"Occupation", "व्यवसाय"}, Text{"Teacher", "अध्यापिका"}},
				{Text{"Address", "पता"}, Text{"12/3 Gandhi Marg, Sadar, Lucknow 226001", "12/3 गाँधी मार्ग, सदर, लखनऊ 226001"}},
			}},
			{Number: "7.", Heading: Text{"Accused", "अभियुक्त"}, Value: Text{"Unknown, two persons on a motorcycle", "अज्ञात, मोटरसाइकिल पर सवार दो व्यक्ति"}},
			{Number: "9.", Heading: Text{"Property of interest", "सम्बन्धित सम्पत्ति"}, Table: property()},
			{Number: "10.", Heading: Text{"Total value of property", "सम्पत्ति का कुल मूल्य"}, Value: Both("₹ 48,500")},
			{Number: "12.", Heading: Text{"First information contents", "प्रथम सूचना तथ्य"}, Prose: Text{strings.Join(english(), "\n"), strings.Join(hindi(), "\n")}},
			{Number: "13.", Heading: Text{"Action taken", "की गयी कार्यवाही"}, Prose: Text{
				"Since the above information reveals the commission of offences under the sections in item 2, the case was registered and investigation taken up. The report was read over to the informant, admitted to be correctly recorded, and a copy given free of cost. R.O.A.C.",
				"उपरोक्त सूचना से मद सं. 2 में उल्लिखित धाराओं के अन्तर्गत अपराध किया जाना प्रकट होता है, अतः प्रकरण पंजीबद्ध कर विवेचना प्रारम्भ की गयी। रिपोर्ट सूचनाकर्ता को पढ़कर सुनायी गयी, सही दर्ज होना स्वीकार किया और एक प्रति निःशुल्क दी गयी। R.O.A.C.",
			}},
		},
		Signed: []Signature{
			{Lines: []Text{{"Signature / thumb impression of the informant", "सूचनाकर्ता के हस्ताक्षर / अँगूठे का निशान"}}},
			{Lines: []Text{{"Officer in charge, police station", "थाना प्रभारी के हस्ताक्षर"}, {"Name: Vikram Singh", "नाम: विक्रम सिंह"}, {"Rank: Inspector, No. 1187", "पद: निरीक्षक, सं. 1187"}}},
		},
	}
}

func sections() *Table {
	return &Table{
		Columns: []Column{{Text{"No.", "क्र."}, 1}, {Text{"Act", "अधिनियम"}, 6}, {Text{"Section", "धारा"}, 2}, {Text{"Offence", "अपराध"}, 5}},
		Rows: [][]Text{
			{Both("1"), {"Bharatiya Nyaya Sanhita, 2023", "भारतीय न्याय संहिता, 2023"}, Both("304(2)"), {"Snatching", "छीना-झपटी"}},
			{Both("2"), {"Bharatiya Nyaya Sanhita, 2023", "भारतीय न्याय संहिता, 2023"}, Both("3(5)")},
		},
	}
}

func property() *Table {
	return &Table{
		Columns: []Column{{Text{"Category", "श्रेणी"}, 2}, {Text{"Description", "विवरण"}, 4}, {Text{"Value (₹)", "मूल्य (₹)"}, 2}},
		Rows: [][]Text{
			{{"Electronics", "इलेक्ट्रॉनिक"}, {"Mobile telephone, black, with a cracked corner", "काले रंग का मोबाइल फ़ोन, एक कोना टूटा हुआ"}, Both("18,500")},
			{{"Jewellery", "आभूषण"}, {"Gold chain, about 5 grams", "सोने की चेन, लगभग 5 ग्राम"}, Both("30,000")},
		},
	}
}

func english() []string {
	return []string{
		"I teach at the government girls' school on Gandhi Marg. On Friday, 13 March 2026, at about half past six in the evening, I was walking home along Station Road. Near the fruit market two men on a black motorcycle came up from behind. The one at the back pulled the gold chain from my neck and snatched the telephone out of my hand.",
		"I fell and hurt my left knee. The shopkeeper Mr Tripathi helped me up. Both men wore helmets; the number plate was bent upwards and I could read only the last digits, 4 and 7. They rode away towards the railway crossing.",
		"I could not come to the station the same evening, because my knee had to be dressed at the district hospital. I ask that a case be registered and the property traced.",
	}
}

func hindi() []string {
	return []string{
		"मैं गाँधी मार्ग स्थित राजकीय बालिका विद्यालय में अध्यापिका हूँ। शुक्रवार, 13 मार्च 2026 को सायं लगभग साढ़े छह बजे मैं स्टेशन रोड से पैदल अपने घर जा रही थी। फल मण्डी के निकट पीछे से काले रंग की मोटरसाइकिल पर दो व्यक्ति आये। पीछे बैठे व्यक्ति ने मेरे गले से सोने की चेन खींच ली और हाथ से मोबाइल फ़ोन छीन लिया।",
		"मैं गिर पड़ी और मेरे बायें घुटने में चोट लगी। दुकानदार श्री त्रिपाठी ने मुझे उठाया। दोनों व्यक्तियों ने हेलमेट पहन रखे थे; नम्बर प्लेट ऊपर की ओर मुड़ी हुई थी और मैं केवल अन्तिम अंक 4 और 7 पढ़ सकी। वे रेलवे क्रॉसिंग की दिशा में भाग गये।",
		"उसी सन्ध्या थाने न आ सकी क्योंकि जिला चिकित्सालय में घुटने की मरहम-पट्टी करानी पड़ी। निवेदन है कि प्रकरण दर्ज कर सम्पत्ति की खोज की जाये। क्षेत्र में राष्ट्रीय राजमार्ग के कार्यालय के सामने लगे कैमरे की दृश्य सामग्री भी देखी जा सकती है।",
	}
}
