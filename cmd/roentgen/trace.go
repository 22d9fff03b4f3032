package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
)

func newTraceCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "trace ID",
		Short: "Show one trace: who called whom, how long it took, what failed and why",
		Long: `Show one trace as a tree. A call stands once: what was inferred from it is not
listed again, and subsegments that were sent by themselves stand in their places.

With --format otlp the trace is written as OpenTelemetry has it, in OTLP's JSON:
what came as spans as it came, and X-Ray's segments as spans.

The id may be in X-Ray's form or in W3C's, of 32 hexadecimal digits.`,
		Example: `  roentgen trace 1-5759e988-bd862e3fe1be46a994272793
  roentgen trace 5759e988bd862e3fe1be46a994272793
  roentgen trace 5759e988bd862e3fe1be46a994272793 --format otlp > trace.json
  roentgen trace 1-5759e988-bd862e3fe1be46a994272793 | jq '.segments[] | .name'`,
		Args: oneTraceID,
		RunE: func(c *cobra.Command, args []string) error { return runTrace(c, w, args[0]) },
	}
	addClientFlags(c)
	c.Flags().String("format", formatXRay, "`format` of the trace: xray, or otlp (always JSON)")
	c.AddCommand(newTraceDeleteCommand(w))
	return c
}

func oneTraceID(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the id of one trace, and got %d words; roentgen traces lists ids", c.Name(), len(args))
	}
	return nil
}

func runTrace(c *cobra.Command, w around, text string) error {
	if format, _ := c.Flags().GetString("format"); format != formatXRay {
		return runTraceAs(c, w, text, format)
	}
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	id, err := roentgen.ParseTraceID(text)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	t, err := server.trace(c.Context(), id.String())
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(t)
	}
	return t.print(s, w.now().Location())
}

// wholeTrace is a trace with its documents as JSON, not as text.
type wholeTrace struct {
	ID            string            `json:"id"`
	Duration      float64           `json:"duration"` // seconds
	LimitExceeded bool              `json:"limitExceeded"`
	Segments      []json.RawMessage `json:"segments"`
}

// trace asks for one trace by X-Ray's BatchGetTraces.
func (c *client) trace(ctx context.Context, id string) (*wholeTrace, error) {
	var got struct {
		Traces []struct {
			ID            string `json:"Id"`
			Duration      float64
			LimitExceeded bool
			Segments      []struct{ Document string }
		}
	}
	if err := c.ask(ctx, "/Traces", map[string][]string{"TraceIds": {id}}, &got); err != nil {
		return nil, err
	}
	if len(got.Traces) == 0 {
		return nil, fmt.Errorf("%s has no trace %s: it was not sampled, is older than what is kept, or has not arrived yet; roentgen traces lists what is there", c.server, id)
	}
	t := got.Traces[0]
	out := &wholeTrace{t.ID, t.Duration, t.LimitExceeded, []json.RawMessage{}}
	for _, segment := range t.Segments {
		if !json.Valid([]byte(segment.Document)) {
			return nil, fmt.Errorf("read trace %s: a document of it is not JSON", id)
		}
		out.Segments = append(out.Segments, json.RawMessage(segment.Document))
	}
	return out, nil
}
