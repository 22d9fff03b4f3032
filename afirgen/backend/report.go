package backend

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/paper"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// reportBody is a report as the API shows it.
type reportBody struct {
	FIRNumber     fir.Number     `json:"fir_number"`
	Status        fir.State      `json:"status"`
	Class         fir.Class      `json:"class"`
	SessionID     string         `json:"session_id"`
	Version       int64          `json:"version"`
	CreatedAt     time.Time      `json:"created_at"`
	UpdatedAt     time.Time      `json:"updated_at"`
	RegisteredAt  time.Time      `json:"registered_at,omitzero"`
	FinalizedAt   *time.Time     `json:"finalized_at"` // null until then, as callers of old read it
	SignatureDue  time.Time      `json:"signature_due,omitzero"`
	EnquiryDue    time.Time      `json:"enquiry_due,omitzero"`
	ReceivedAs    fir.Number     `json:"received_as,omitzero"`
	Former        []fir.Number   `json:"former_numbers,omitempty"`
	Finding       string         `json:"finding,omitempty"`
	ChecksOpen    int            `json:"checks_open"`
	ReviewPending bool           `json:"review_pending"` // its session is not completed yet
	FIRContent    string         `json:"fir_content"`
	Content       string         `json:"content,omitempty"`
	Document      fir.Document   `json:"document"`
	Items         []fir.Item     `json:"items"`
	Problems      []fir.Problem  `json:"problems"` // what is missing for the next stage
	Deadlines     []fir.Deadline `json:"deadlines"`
	Duties        []fir.Duty     `json:"duties"`
	TraceID       string         `json:"trace_id"`
}

func bodyOf(r fir.Report) reportBody {
	body := reportBody{
		FIRNumber: r.Number(), Status: r.State, Class: r.Document.Case(), SessionID: r.SessionID, Version: r.Version,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, RegisteredAt: r.RegisteredAt,
		SignatureDue: r.SignatureDue, EnquiryDue: r.EnquiryDue, ReceivedAs: r.ReceivedAs, Former: r.Former,
		Finding: r.Finding, ChecksOpen: r.Checks.Open(), ReviewPending: r.State == fir.StateDraft && r.ReviewedAt.IsZero(),
		FIRContent: paper.Text(r.Document, formLanguage(r.Document)), Document: r.Document, Items: r.Document.Form(),
		Problems: problems(r.Document.Ready(nextStage(r))), Deadlines: r.Deadlines(false), Duties: r.Duties(), TraceID: r.TraceID,
	}
	if !r.FinalizedAt.IsZero() {
		body.FinalizedAt = &r.FinalizedAt
	}
	if body.Deadlines == nil {
		body.Deadlines = []fir.Deadline{}
	}
	return body
}

// nextStage is what the report has to be ready for next.
func nextStage(r fir.Report) fir.Stage {
	switch {
	case r.State == fir.StateRegistered || r.State == fir.StateNCR || r.State == fir.StateFinalized:
		return fir.ForFinalisation
	case r.State == fir.StateDraft && r.ReviewedAt.IsZero():
		return fir.ForReview
	}
	return fir.ForRegistration
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	report, err := s.readReport(r.Context(), r)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, bodyOf(report))
	return nil
}

// content is report with the text under the name that callers of old read.
func (s *Server) content(w http.ResponseWriter, r *http.Request) error {
	report, err := s.readReport(r.Context(), r)
	if err != nil {
		return err
	}
	body := bodyOf(report)
	body.Content = body.FIRContent
	web.WriteJSON(w, http.StatusOK, body)
	return nil
}

// pdf prints the report, in the subsegment render_pdf.
func (s *Server) pdf(w http.ResponseWriter, r *http.Request) error {
	language := r.URL.Query().Get("lang")
	if language == "" {
		language = "en"
	}
	if language != "en" && language != "hi" {
		return web.Fail(http.StatusBadRequest, contract.InvalidRequest, "lang must be en or hi")
	}
	report, err := s.readReport(r.Context(), r)
	if err != nil {
		return err
	}
	file, err := printed(r.Context(), report, language)
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(report.Number().String(), "/", "-") + "_" + language + ".pdf"
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`"`)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(file) // a caller who does not read the answer is no error of ours
	return nil
}

func printed(ctx context.Context, report fir.Report, language string) ([]byte, error) {
	return web.Do(ctx, contract.RenderPDF, func(ctx context.Context) ([]byte, error) {
		var b bytes.Buffer
		err := paper.Print(&b, report, language)
		tracing.Annotate(ctx, contract.Language, language)
		tracing.Annotate(ctx, contract.FileSize, b.Len())
		tracing.Annotate(ctx, contract.Success, err == nil)
		return b.Bytes(), err
	})
}

// readReport returns the report that the path names. One whose signature is overdue lapses here, whoever looks.
func (s *Server) readReport(ctx context.Context, r *http.Request) (fir.Report, error) {
	given := r.PathValue("number")
	if given == "" {
		given = r.PathValue("station") + "/" + r.PathValue("seq") + "/" + r.PathValue("year")
	}
	return s.reportByNumber(ctx, given)
}

func (s *Server) reportByNumber(ctx context.Context, given string) (fir.Report, error) {
	number, err := fir.ParseNumber(given)
	if err != nil {
		return fir.Report{}, web.Fail(http.StatusBadRequest, contract.InvalidFIRNumber, "this is no number of a report: it looks like KTW/0042/2026")
	}
	tracing.AnnotateSegment(ctx, contract.FIRNumber, number.String())
	report, err := s.cfg.Store.Report(ctx, number)
	if err != nil {
		return report, storeError(ctx, err)
	}
	if report.State == fir.StateAwaiting && fir.Overdue(report.SignatureDue, s.cfg.Now()) {
		report, err = s.moveReport(ctx, report, fir.Lapse{})
		if isConflict(err) { // another reader was quicker
			report, err = s.cfg.Store.Report(ctx, number)
			err = storeError(ctx, err)
		}
		if err != nil {
			return report, err
		}
	}
	tracing.AnnotateSegment(ctx, contract.FIRState, string(report.State))
	return report, nil
}

// moveReport applies one event to the report as it was read, and stores it.
func (s *Server) moveReport(ctx context.Context, report fir.Report, do fir.ReportAction) (fir.Report, error) {
	next, err := fir.ApplyReport(report, fir.ReportEvent{At: s.cfg.Now(), Version: report.Version, Do: do})
	if err != nil {
		return report, domainError(err)
	}
	return next, storeError(ctx, s.cfg.Store.UpdateReport(ctx, next))
}
