package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newTracesCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "traces [FILTER]",
		Short: "List the newest traces that match a filter expression",
		Long: `List the newest traces that match an X-Ray filter expression; without one, all.

A condition outside of braces speaks of the root segment of a trace, one in the
braces of service() of a segment of that service. docs/filter.md has the language.`,
		Example: `  roentgen traces
  roentgen traces 'error OR fault'
  roentgen traces 'service("afirgen-main-backend") { responsetime > 5 }' --since 6h
  roentgen traces 'annotation.model_name = "summariser"' --from 2026-11-23T08:00 --to 2026-11-23T09:00
  roentgen traces fault --limit 1000 | jq -r '.traces[].id'`,
		Args: oneExpression,
		RunE: func(c *cobra.Command, args []string) error { return runTraces(c, w, strings.Join(args, "")) },
	}
	addWindowFlags(c)
	c.Flags().Int("limit", 20, "how many traces to list")
	addClientFlags(c)
	return c
}

func oneExpression(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("traces takes one filter expression, and got %d words: put it in single quotes, so that the shell leaves it in one piece", len(args))
	}
	return nil
}

func runTraces(c *cobra.Command, w around, expression string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	at, err := readWindow(c, w.now())
	if err != nil {
		return err
	}
	limit, _ := c.Flags().GetInt("limit")
	if limit < 1 {
		return fmt.Errorf("--limit %d: list one trace or more", limit)
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	list, err := server.traces(c.Context(), tracesQuestion{Start: epochSeconds(at.from), End: epochSeconds(at.to), Expression: expression, Limit: limit})
	if err != nil {
		return server.explain(c.Context(), expression, err)
	}
	if s.json {
		return s.writeJSON(list)
	}
	return list.print(s, at, w.now().Location())
}

// tracesQuestion is that of /api/traces.
type tracesQuestion struct {
	Start      float64 `json:"start"`
	End        float64 `json:"end"`
	Expression string  `json:"expression"`
	Limit      int     `json:"limit"`
	Token      string  `json:"token,omitempty"`
}

// traceList is the answers of all pages in one.
type traceList struct {
	Traces   []json.RawMessage `json:"traces"` // as the server gave them
	Examined int               `json:"examined"`
	Matched  int               `json:"matched"`
	Reached  float64           `json:"reached"` // epoch seconds: how far back it was looked
	More     bool              `json:"more"`    // there may be further ones
}

// traces asks page by page, until there are as many as wanted or there is
// nothing left to look at: a page may be empty and not the last.
func (c *client) traces(ctx context.Context, q tracesQuestion) (*traceList, error) {
	list := &traceList{Traces: []json.RawMessage{}}
	limit := q.Limit
	for {
		var page struct {
			traceList
			Token string `json:"token"`
		}
		q.Limit = limit - len(list.Traces)
		if err := c.ask(ctx, "/api/traces", q, &page); err != nil {
			return nil, err
		}
		list.Traces = append(list.Traces, page.Traces[:min(len(page.Traces), q.Limit)]...)
		list.Examined += page.Examined
		list.Matched = len(list.Traces)
		list.Reached = page.Reached
		list.More = page.Token != ""
		if !list.More || len(list.Traces) == limit || page.Token == q.Token {
			return list, nil
		}
		q.Token = page.Token
	}
}

// traceLine is what the table shows of a trace.
type traceLine struct {
	ID           string   `json:"id"`
	Start        float64  `json:"start"`
	Duration     *float64 `json:"duration"`
	ResponseTime *float64 `json:"responseTime"`
	Method       string   `json:"method"`
	URL          string   `json:"url"`
	Status       int      `json:"status"`
	Entry        struct {
		Name string `json:"name"`
	} `json:"entry"`
	Fault, Error, Throttle, Partial bool
	Cause                           string `json:"cause"`
}

func (l *traceList) print(s *screen, at window, zone *time.Location) error {
	if len(l.Traces) == 0 {
		fmt.Fprintf(s.w, "No trace matches %s; %d were looked at.\n", at.name, l.Examined)
		return nil
	}
	t := table{columns: []column{
		{title: "TIME"}, {title: "TRACE"}, {title: "TOOK", right: true}, {title: "STATUS"},
		{title: "REQUEST", least: 12}, {title: "SERVICE", least: 12},
	}}
	form := time.TimeOnly
	if at.to.Sub(at.from) > 20*time.Hour {
		form = "01-02 15:04:05"
	}
	for _, raw := range l.Traces {
		var line traceLine
		if err := json.Unmarshal(raw, &line); err != nil {
			return fmt.Errorf("read a trace of the list: %w", err)
		}
		status, ink := line.status()
		t.add(cell{text: fromEpoch(line.Start, zone).Format(form)}, cell{text: line.ID}, cell{text: line.took()}, cell{status, ink},
			cell{text: line.request()}, cell{text: line.Entry.Name})
		if line.Cause != "" {
			t.note("! "+line.Cause, ink)
		}
	}
	t.print(s)
	l.printSum(s, at, zone, form)
	return nil
}

func (l *traceList) printSum(s *screen, at window, zone *time.Location, form string) {
	sum := fmt.Sprintf("%d of %d traces looked at %s", l.Matched, l.Examined, at.name)
	if l.More {
		sum += fmt.Sprintf(", back to %s; --limit lists more", fromEpoch(l.Reached, zone).Format(form))
	}
	fmt.Fprintf(s.w, "\n%s\n", s.paint(faint, sum+". roentgen trace ID shows one."))
}

func (l *traceLine) took() string {
	sec := l.ResponseTime
	if sec == nil {
		sec = l.Duration
	}
	if sec == nil {
		return "open"
	}
	return spokenSeconds(*sec)
}

// status names the outcome beside the number.
func (l *traceLine) status() (string, ink) {
	word, ink := outcome(l.Fault, l.Error, l.Throttle)
	if word == "" && l.Partial {
		word, ink = "partial", faint
	}
	return strings.TrimSpace(statusText(l.Status) + " " + word), ink
}

func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprint(status)
}

// outcome names the worst of the flags: throttle, then fault, then error.
func outcome(fault, err, throttle bool) (string, ink) {
	switch {
	case throttle:
		return "throttle", throttl
	case fault:
		return "fault", faults
	case err:
		return "error", errs
	}
	return "", plain
}

// request is method and path: hosts are mostly the same.
func (l *traceLine) request() string {
	path := l.URL
	if u, err := url.Parse(l.URL); err == nil && u.Host != "" {
		path = cmp.Or(u.RequestURI(), "/")
	}
	return strings.TrimSpace(l.Method + " " + path)
}

// explain turns a refused question into one about its expression, if that is
// what is wrong: with the piece of text marked.
func (c *client) explain(ctx context.Context, expression string, err error) error {
	var r *refusal
	if !errors.As(err, &r) || r.status != http.StatusBadRequest || expression == "" {
		return err
	}
	var read struct {
		Error *struct {
			From    int    `json:"from"` // UTF-16 units
			To      int    `json:"to"`
			Message string `json:"message"`
			Hint    string `json:"hint"`
		} `json:"error"`
	}
	asked := map[string]string{"expression": expression}
	if c.ask(ctx, "/api/filter", asked, &read) != nil || read.Error == nil {
		return err
	}
	e := read.Error
	text := fmt.Sprintf("the filter expression is wrong: %s\n\n%s", e.Message, marked(expression, e.From, e.To))
	if e.Hint != "" {
		text += "\n\n" + e.Hint
	}
	return errors.New(text)
}
