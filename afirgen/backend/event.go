package backend

import (
	"context"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// reportEvent is what POST /fir/{number}/events takes: an action and what belongs to it.
type reportEvent struct {
	Action     string         `json:"action"`
	Version    int64          `json:"version"` // the report that the person saw; 0 takes any
	Correction fir.Correction `json:"correction"`
	Kind       string         `json:"kind"` // of the signature
	By         string         `json:"by"`
	ReadOver   bool           `json:"read_over"`
	Admitted   bool           `json:"admitted"`
	Permission fir.Permission `json:"permission"`
	PrimaFacie bool           `json:"prima_facie"`
	Finding    string         `json:"finding"`
	Number     string         `json:"number"` // that the receiving station gave
}

func (s *Server) event(w http.ResponseWriter, r *http.Request) error {
	var e reportEvent
	if err := web.ReadJSON(r, &e); err != nil {
		return err
	}
	ctx := r.Context()
	report, err := s.readReport(ctx, r)
	if err != nil {
		return err
	}
	if e.Version != 0 && e.Version != report.Version {
		return versionConflict()
	}
	if report, err = s.happen(ctx, report, e); err != nil {
		return err
	}
	tracing.AnnotateSegment(ctx, contract.FIRState, string(report.State))
	tracing.AnnotateSegment(ctx, contract.FIRNumber, report.Number().String())
	web.WriteJSON(w, http.StatusOK, bodyOf(report))
	return nil
}

func (s *Server) happen(ctx context.Context, report fir.Report, e reportEvent) (fir.Report, error) {
	if e.Action == "renumber" {
		tracing.AnnotateSegment(ctx, contract.FIRAction, e.Action)
		return s.renumber(ctx, report)
	}
	do, err := e.do()
	if err != nil {
		return report, err
	}
	tracing.AnnotateSegment(ctx, contract.FIRAction, e.Action) // one of ours, or do had refused it
	return s.moveReport(ctx, report, do)
}

// do turns the request into the domain's action.
func (e reportEvent) do() (fir.ReportAction, error) {
	sign := fir.Sign{Kind: e.Kind, By: e.By, ReadOver: e.ReadOver, Admitted: e.Admitted}
	switch e.Action {
	case "correct":
		return fir.CorrectReport{Correction: e.Correction}, nil
	case "await_signature":
		return fir.AwaitSignature{}, nil
	case "sign":
		return sign, nil
	case "lapse":
		return fir.Lapse{}, nil
	case "enquire":
		return fir.Enquire{Signature: sign, Permission: e.Permission}, nil
	case "conclude_enquiry":
		return fir.ConcludeEnquiry{PrimaFacie: e.PrimaFacie, Finding: e.Finding}, nil
	case "enter_ncr":
		return fir.EnterNCR{}, nil
	case "transfer":
		return fir.Transfer{}, nil
	case "acknowledge":
		number, err := fir.ParseNumber(e.Number)
		if err != nil {
			return nil, web.Fail(http.StatusUnprocessableEntity, contract.InvalidFIRNumber, "number is no number of a report: it looks like KTW/0042/2026")
		}
		return fir.Acknowledge{Number: number}, nil
	}
	return nil, web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest,
		"action must be one of acknowledge, await_signature, conclude_enquiry, correct, enquire, enter_ncr, lapse, renumber, sign, transfer")
}

// renumber allocates a number of the series that the report belongs to now.
func (s *Server) renumber(ctx context.Context, report fir.Report) (fir.Report, error) {
	now, series := s.cfg.Now(), report.Document.Series()
	if series == "" || series == report.Number().Series {
		// Nothing is allocated for what will be refused; the domain says why.
		_, err := fir.ApplyReport(report, fir.ReportEvent{At: now, Version: report.Version, Do: fir.Renumber{Number: report.Number()}})
		return report, domainError(err)
	}
	next, err := s.cfg.Store.Renumber(ctx, report, series, now, func(number fir.Number) (fir.Report, error) {
		return fir.ApplyReport(report, fir.ReportEvent{At: now, Version: report.Version, Do: fir.Renumber{Number: number}})
	})
	return next, storeError(ctx, err)
}
