package fir

import (
	"time"

	"golang.org/x/text/language"
)

// Open begins a session. With a Text it waits for the first review at once; without, it waits for Transcribed.
type Open struct {
	ID       string // a UUID in lower case, of the caller's making
	TraceID  string
	Text     string      // the typed complaint; empty for a photograph or speech
	Language string      // of Text, a BCP 47 tag; empty where it is not known
	Type     Information // written, oral or electronic; empty where the clerk will say
	Station  Station     // where the complaint is taken
}

func (Open) from() Status { return "" }

func (o Open) apply(s *Session, at time.Time) error {
	if o.ID == "" {
		return invalid("the session has no id")
	}
	details := Document{Header: Header{Station: o.Station}, Information: o.Type}
	details.Occurrence.ReceivedAt = at
	if err := details.tidy(); err != nil {
		return err
	}
	*s = Session{ID: o.ID, TraceID: o.TraceID, CreatedAt: at, Details: details}.clone()
	if o.Text == "" {
		s.Status, s.Work = Processing, Transcribe
		return nil
	}
	s.Status, s.Step = AwaitingValidation, TranscriptReview
	return s.transcript(o.Text, o.Language)
}

// Transcribed brings what a machine has read or heard.
type Transcribed struct {
	Text     string
	Language string // a BCP 47 tag; empty where it is not known
	By       Done   // OCRDone or ASRDone
	Machine  Machine
}

func (Transcribed) from() Status { return Processing }

func (t Transcribed) apply(s *Session, _ time.Time) error {
	if t.By != OCRDone && t.By != ASRDone {
		return invalid("a transcript comes from a photograph or from speech")
	}
	if err := s.transcript(t.Text, t.Language); err != nil {
		return err
	}
	s.Machine = t.Machine
	return s.finish(Transcribe, t.By)
}

// transcript takes a complaint in.
func (s *Session) transcript(text, tag string) error {
	text, err := Complaint(text)
	if err != nil {
		return invalid("%s", err)
	}
	if tag, err = languageTag(tag); err != nil {
		return err
	}
	s.Transcript, s.Details.Language = text, tag
	return nil
}

// languageTag brings a tag into its canonical form.
func languageTag(tag string) (string, error) {
	if tag == "" {
		return "", nil
	}
	t, err := language.Parse(tag)
	if err != nil {
		return "", invalid("the language is no BCP 47 tag such as hi or en")
	}
	return t.String(), nil
}
