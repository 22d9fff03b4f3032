package kb

import "time"

// Notice is a sentence that has to be shown with a result.
type Notice struct {
	Kind           NoticeKind
	English, Hindi string
}

// NoticeKind is what a notice is about.
type NoticeKind string

// The kinds.
const (
	VerifySchedule NoticeKind = "verify_schedule"
	OldLaw         NoticeKind = "old_law"
	ReadSpecialAct NoticeKind = "read_special_act"
)

func verifySchedule() Notice {
	return Notice{VerifySchedule, "Verify cognizable and bailable with the First Schedule of the BNSS.",
		"संज्ञेय और जमानतीय की पुष्टि बी.एन.एस.एस. की प्रथम अनुसूची से करें।"}
}

// Commencement is the day from which offences come under the BNS: 1 July 2024. Before it the Indian Penal Code applies.
func Commencement() time.Time { return time.Date(2024, time.July, 1, 0, 0, 0, 0, time.UTC) }

// notices returns what has to be shown with hits on an occurrence of that day.
func notices(occurred time.Time, special bool) []Notice {
	list := []Notice{verifySchedule()}
	if !occurred.IsZero() && occurred.Before(Commencement()) {
		list = append(list, Notice{OldLaw,
			"The occurrence was before 1 July 2024: the Indian Penal Code applies; each section's old number is given.",
			"घटना 1 जुलाई 2024 से पहले की है: भारतीय दंड संहिता लागू होगी; प्रत्येक धारा का पुराना क्रमांक दिया है।"})
	}
	if special {
		list = append(list, Notice{ReadSpecialAct,
			"Special laws are hints by section number only: read the Act before joining them.",
			"विशेष अधिनियम केवल धारा संख्या के संकेत हैं: जोड़ने से पहले अधिनियम पढ़ें।"})
	}
	return list
}
