package backend

import (
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/paper"
	"github.com/roentgen/roentgen/afirgen/web"
)

// sessionBody is what every path of the workflow answers with.
type sessionBody struct {
	Success            bool       `json:"success"`
	SessionID          string     `json:"session_id"`
	Status             fir.Status `json:"status"`
	CurrentStep        fir.Step   `json:"current_step"`
	Version            int64      `json:"version"`
	Steps              []fir.Done `json:"steps"`
	RequiresValidation bool       `json:"requires_validation"`
	Completed          bool       `json:"completed"`
	Message            string     `json:"message"`
	Content            any        `json:"content"`
	ContentOld         any        `json:"content_for_validation,omitempty"` // of /process, as callers of old read it
	FIRNumber          fir.Number `json:"fir_number,omitzero"`
	FIRContent         string     `json:"fir_content,omitempty"`
	ErrorType          string     `json:"error_type,omitempty"`
	TraceID            string     `json:"trace_id"`
	CreatedAt          time.Time  `json:"created_at"`
	LastActivity       time.Time  `json:"last_activity"`
}

// answer writes the session with what its review shows.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, session fir.Session) error {
	body, err := s.body(r, session)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, body)
	return nil
}

func (s *Server) body(r *http.Request, session fir.Session) (sessionBody, error) {
	body := sessionBody{
		Success: session.Status != fir.Failed, SessionID: session.ID, Status: session.Status, CurrentStep: session.Step,
		Version: session.Version, Steps: session.Done, RequiresValidation: session.Status == fir.AwaitingValidation,
		Completed: session.Status == fir.Completed, Message: message(session), FIRNumber: session.Details.Header.Number,
		ErrorType: session.ErrorType, TraceID: session.TraceID, CreatedAt: session.CreatedAt, LastActivity: session.LastActivity,
	}
	var err error
	switch session.Step {
	case fir.TranscriptReview:
		body.Content = transcriptOf(session)
	case fir.SummaryReview:
		body.Content = map[string]any{"summary": session.Summary, "original_transcript": session.Transcript}
	case fir.ViolationsReview:
		body.Content = s.violationsOf(session)
	case fir.NarrativeReview:
		body.Content = map[string]any{"fir_narrative": session.Narrative, "original_transcript": session.Transcript}
	case fir.FinalReview:
		var content finalContent
		content, err = s.finalOf(r, session)
		body.Content, body.FIRContent = content, content.FIRContent
	default:
		body.Content = map[string]any{}
	}
	return body, err
}

// message is a hint for people.
func message(session fir.Session) string {
	if session.ErrorType != "" && session.Status == fir.AwaitingValidation {
		return "the last work came to nothing: approve again, or regenerate"
	}
	switch {
	case session.Status == fir.Processing:
		return "the session is being worked on: wait for its next review"
	case session.Status == fir.Completed:
		return "the session is completed: go on with its report"
	case session.Status == fir.Failed:
		return "the session ended in an error: file the complaint again"
	}
	switch session.Step {
	case fir.TranscriptReview:
		return "review the transcript"
	case fir.SummaryReview:
		return "review the summary"
	case fir.ViolationsReview:
		if session.Checks.Open() > 0 {
			return "review the sections of law; some checks did not finish: regenerate them, or enter the sections by hand"
		}
		return "review the sections of law"
	case fir.NarrativeReview:
		return "review the narrative"
	}
	return "review the report"
}

type transcriptContent struct {
	Transcript string `json:"transcript"`
	Language   string `json:"language,omitempty"`
	Reading    string `json:"reading,omitempty"`
	*fir.Machine
}

func transcriptOf(session fir.Session) transcriptContent {
	content := transcriptContent{Transcript: session.Transcript, Language: session.Details.Language, Reading: session.Reading}
	if session.Machine != (fir.Machine{}) {
		content.Machine = &session.Machine
	}
	return content
}

type violationsContent struct {
	Violations     []fir.Violation     `json:"violations"`
	Evidence       map[string][]string `json:"evidence"` // by section: the words of the transcript that speak for it
	ChecksFailed   int                 `json:"checks_failed"`
	ChecksTimedOut int                 `json:"checks_timed_out"`
	Notices        []fir.Label         `json:"notices"`
	SpecialActs    []specialAct        `json:"special_acts"`
	Summary        string              `json:"summary"`
	Transcript     string              `json:"original_transcript"`
}

// specialAct is a law beside the BNS of which the complaint speaks, for an officer to read.
type specialAct struct {
	Title    fir.Label `json:"title"`
	Sections []string  `json:"sections"`
}

func (s *Server) violationsOf(session fir.Session) violationsContent {
	content := violationsContent{
		Violations: session.Violations, Evidence: map[string][]string{}, ChecksFailed: session.Checks.Failed,
		ChecksTimedOut: session.Checks.TimedOut, Notices: []fir.Label{}, SpecialActs: []specialAct{},
		Summary: session.Summary, Transcript: session.Transcript,
	}
	for _, v := range session.Violations {
		for _, span := range v.Evidence {
			ref := v.Ref().String()
			content.Evidence[ref] = append(content.Evidence[ref], session.Transcript[span.Start:span.End])
		}
	}
	// Notices and special laws hang on the text alone, so they are not stored.
	found := s.cfg.Law.Search(kb.Query{Text: session.Transcript, Occurred: occurred(session)})
	for _, n := range found.Notices {
		content.Notices = append(content.Notices, fir.Label{En: n.English, Hi: n.Hindi})
	}
	for _, hit := range found.Special {
		content.SpecialActs = append(content.SpecialActs, specialAct{fir.Label{En: hit.Act.Title, Hi: hit.Act.TitleHi}, hit.Act.Sections})
	}
	return content
}

type finalContent struct {
	FIRContent   string        `json:"fir_content"`
	FIRNumber    fir.Number    `json:"fir_number"`
	Items        []fir.Item    `json:"items"`
	Document     fir.Document  `json:"document"`
	Problems     []fir.Problem `json:"problems"` // what is missing for the next stage
	ReportStatus fir.State     `json:"report_status"`
}

// finalOf shows the report as the session has it now.
func (s *Server) finalOf(r *http.Request, session fir.Session) (finalContent, error) {
	document, state := session.Document(), fir.StateDraft
	if session.Status == fir.Completed {
		report, err := s.cfg.Store.ReportOf(r.Context(), session.ID)
		if err != nil {
			return finalContent{}, storeError(r.Context(), err)
		}
		document, state = report.Document, report.State
	}
	return finalContent{
		FIRContent: paper.Text(document, formLanguage(document)), FIRNumber: document.Header.Number, Items: document.Form(),
		Document: document, Problems: problems(document.Ready(fir.ForReview)), ReportStatus: state,
	}, nil
}

// formLanguage is the form's language for a complaint: Hindi for Hindi, English for any other.
func formLanguage(d fir.Document) string {
	if d.Language == "hi" {
		return "hi"
	}
	return "en"
}

// problems are those of an error of fir; never nil, because lists are never null in JSON.
func problems(err error) []fir.Problem {
	list := []fir.Problem{}
	if e, ok := err.(*fir.Error); ok {
		list = append(list, e.Problems...)
	}
	return list
}
