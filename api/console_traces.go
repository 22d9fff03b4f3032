package api

import (
	"context"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

type tracesRequest struct {
	Start      *epoch `json:"start"`
	End        *epoch `json:"end"`
	Expression string `json:"expression"`
	Clock      string `json:"clock"` // start, updated or end; empty: start
	Token      string `json:"token"`
	Limit      int    `json:"limit"` // matches in a page; 0: as many as the server gives
}

type tracesResponse struct {
	Traces   []traceRow `json:"traces"` // newest first
	Examined int        `json:"examined"`
	Matched  int        `json:"matched"`
	// Requests is how many the traces of this page stand for: an estimate where
	// it is more than matched.
	Requests float64 `json:"requests"`
	Reached  epoch   `json:"reached"` // how far back the scan has got
	Token    *string `json:"token,omitempty"`
}

// traceRow is a line of the trace list: small, because there are thousands. Of
// what is said of the root, and of booleans, nothing stands for none and no.
type traceRow struct {
	ID           string     `json:"id"`
	Start        epoch      `json:"start"`
	Duration     *float64   `json:"duration,omitempty"`     // seconds; not while something is open
	ResponseTime *float64   `json:"responseTime,omitempty"` // seconds
	Method       string     `json:"method,omitempty"`
	URL          string     `json:"url,omitempty"`
	Status       int        `json:"status,omitempty"`
	User         string     `json:"user,omitempty"` // the first of several
	Entry        *entryNode `json:"entry,omitempty"`
	Fault        bool       `json:"fault,omitempty"`
	Error        bool       `json:"error,omitempty"`
	Throttle     bool       `json:"throttle,omitempty"`
	Partial      bool       `json:"partial,omitempty"`
	Services     []string   `json:"services"`    // names of nodes, without clients, each once
	Annotations  int        `json:"annotations"` // distinct pairs of key and value
	Cause        string     `json:"cause,omitempty"`
	Keep         string     `json:"keep,omitempty"`   // head, forced or trigger
	Weight       float64    `json:"weight,omitempty"` // for how many requests it stands in figures; nothing: for itself
}

type entryNode struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// traces answers a page of the trace list.
func (s *consoleServer) traces(ctx context.Context, in *tracesRequest) (*tracesResponse, error) {
	q, err := s.tracesQuery(in)
	if err != nil {
		return nil, err
	}
	if err := continued(&q, in.Token); err != nil {
		return nil, err
	}
	reading := ReadingOf(ctx)
	reading.Filter = in.Expression
	page, err := s.cfg.Traces.Summaries(ctx, q)
	if err != nil {
		return nil, err
	}
	reading.Found = len(page.Traces)
	out := &tracesResponse{
		Traces: each(page.Traces, traceRowOf), Examined: page.Examined, Matched: len(page.Traces), Reached: epoch(page.Reached),
	}
	for _, r := range page.Traces {
		out.Requests += r.Summary.Keep.Weight()
	}
	out.Token, err = nextToken(q, page)
	return out, err
}

func (s *consoleServer) tracesQuery(in *tracesRequest) (q query.SummaryQuery, err error) {
	if in.Limit < 0 {
		return q, roentgen.Invalidf("limit is %d; it is the number of traces wanted in a page", in.Limit)
	}
	q.Share, q.MaxMatches = 1, in.Limit
	if q.Window, err = s.consoleWindow(in.Start, in.End); err != nil {
		return q, err
	}
	if q.Window.Clock, err = consoleClock(in.Clock); err != nil {
		return q, err
	}
	q.Filter, err = filter.Parse(in.Expression)
	return q, err
}

// consoleWindow is any window. The bound that X-Ray has is for its clients.
func (s *consoleServer) consoleWindow(start, end *epoch) (w roentgen.Window, err error) {
	switch {
	case start == nil || end == nil:
		return w, roentgen.Invalidf("start and end are both needed, as epoch seconds")
	case *end < *start:
		return w, roentgen.Invalidf("end lies before start")
	}
	return roentgen.Window{From: roentgen.Time(*start), To: roentgen.Time(*end)}, nil
}

func consoleClock(name string) (roentgen.Clock, error) {
	switch name {
	case "", "start":
		return roentgen.ClockStart, nil
	case "updated":
		return roentgen.ClockUpdated, nil
	case "end":
		return roentgen.ClockEnd, nil
	}
	return 0, roentgen.Invalidf("clock %q is not one of start, updated, end", name)
}

func traceRowOf(r *roentgen.Rows) traceRow {
	s := r.Summary
	row := traceRow{
		ID: s.Trace.String(), Start: epoch(s.Start), Duration: seconds(s.Duration()), ResponseTime: seconds(s.ResponseTime()),
		Fault: s.Fault, Error: s.Error, Throttle: s.Throttle, Partial: s.Partial,
		Services: serviceNames(r), Annotations: len(s.Annotations), Cause: causeLine(r),
	}
	if s.Keep.Reason != roentgen.KeepUnknown {
		row.Keep = s.Keep.Reason.String()
	}
	if w := s.Keep.Weight(); w > 1 {
		row.Weight = w
	}
	if len(s.Users) > 0 {
		row.User = s.Users[0].Name
	}
	if s.Root != nil {
		row.Entry = &entryNode{s.Root.Service.Name, s.Root.Service.Type}
		if h := s.Root.HTTP; h != nil {
			row.Method, row.URL, row.Status = h.Method, h.URL, h.Status
		}
	}
	return row
}

func serviceNames(r *roentgen.Rows) []string {
	names := []string{}
	for _, n := range r.Nodes {
		if n.Type != roentgen.ClientType && !slices.Contains(names, n.Name) {
			names = append(names, n.Name)
		}
	}
	return names
}

// causeLine says in one line why the trace failed: of the first root cause, of
// a fault if there is one, the last service and the exception nearest to it.
// What is inferred has no exceptions, so for a callee that could not be reached
// it is the caller's. Empty where there is no root cause.
func causeLine(r *roentgen.Rows) string {
	causes := slices.Concat(r.FaultCauses, r.ErrorCauses)
	if len(causes) == 0 || len(causes[0].Services) == 0 {
		return ""
	}
	services := causes[0].Services
	line := services[len(services)-1].Name
	if x, ok := lastException(services); ok {
		line += ": " + x.Name
		if x.Message != "" {
			line += ": " + x.Message
		}
	}
	return oneLine(line)
}

func lastException(path []roentgen.CauseServiceRow) (roentgen.CauseExceptionRow, bool) {
	for _, s := range slices.Backward(path) {
		for _, e := range slices.Backward(s.Entities) {
			if n := len(e.Exceptions); n > 0 {
				return e.Exceptions[n-1], true
			}
		}
	}
	return roentgen.CauseExceptionRow{}, false
}

// oneLine makes one line of a text, and cuts what is long.
func oneLine(s string) string {
	const most = 160 // characters
	line := []rune(strings.Join(strings.Fields(s), " "))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}
