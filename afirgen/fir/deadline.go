package fir

import "time"

// Deadline is a moment by which the law wants something.
type Deadline struct {
	Key        string     `json:"key"` // signature, preliminary_enquiry, upload, progress or ncr_report
	Label      Label      `json:"label"`
	Due        time.Time  `json:"due"`
	Source     string     `json:"source"`
	Confidence Confidence `json:"confidence"` // between high and medium it says medium
}

// Remote areas have 72 hours for the upload, others 24.
const (
	uploadHours       = 24
	uploadHoursRemote = 72
	progressDays      = 90
	ncrReportDays     = 14
)

// Deadlines lists what a report in its state is due for, in the order of this text: the signature under an e-FIR and the
// finding of an enquiry; for registered reports the upload, unless the case is sensitive, and the word to the informant
// about progress; for an NCR the first of the fortnightly reports. Those that count from a registration count from ours.
func (r Report) Deadlines(remote bool) []Deadline {
	var all []Deadline
	add := func(key string, label Label, due time.Time, source string, sure Confidence) {
		all = append(all, Deadline{Key: key, Label: label, Due: due, Source: source, Confidence: sure})
	}
	switch r.State {
	case StateAwaiting:
		add("signature", Label{"The informant signs the e-FIR", "सूचनाकर्ता ई-प्र.सू.रि. पर हस्ताक्षर करे"}, r.SignatureDue, "BNSS s.173(1)", High)
	case StateEnquiry:
		add("preliminary_enquiry", Label{"The preliminary enquiry ends", "प्रारम्भिक जाँच पूरी हो"}, r.EnquiryDue, "BNSS s.173(3)", High)
	case StateRegistered, StateFinalized, StateZero:
		if r.Number().Series == SeriesNCR {
			break
		}
		if !r.Document.Sensitive() {
			add("upload", Label{"The FIR is uploaded", "प्र.सू.रि. अपलोड हो"}, r.RegisteredAt.Add(uploadTime(remote)),
				"Youth Bar Association v. Union of India, 2016", Medium)
		}
		add("progress", Label{"The informant is told of the progress", "सूचनाकर्ता को जाँच की प्रगति बताई जाए"},
			r.RegisteredAt.AddDate(0, 0, progressDays), "BNSS s.193", Medium)
	case StateNCR:
		add("ncr_report", Label{"The diary's fortnightly report goes to the Magistrate", "रोजनामचे की पाक्षिक रिपोर्ट मजिस्ट्रेट को भेजी जाए"},
			r.RegisteredAt.AddDate(0, 0, ncrReportDays), "BNSS s.174", High)
	}
	return all
}

func uploadTime(remote bool) time.Duration {
	if remote {
		return uploadHoursRemote * time.Hour
	}
	return uploadHours * time.Hour
}
