package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
)

// Formats of a trace.
const (
	formatXRay = "xray"
	formatOTLP = "otlp"
)

// runTraceAs writes a trace in a format of others, as the server wrote it.
func runTraceAs(c *cobra.Command, w around, text, format string) error {
	if format != formatOTLP {
		return fmt.Errorf("--format %s: not %s or %s", format, formatXRay, formatOTLP)
	}
	if form, _ := c.Flags().GetString("output"); form == "table" {
		return fmt.Errorf("--format %s has no table: leave out --output", format)
	}
	id, err := roentgen.ParseTraceID(text)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	spans, err := server.spans(c.Context(), id)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.OutOrStdout(), "%s\n", spans); err != nil {
		return fmt.Errorf("write trace %s: %w", id, err)
	}
	return nil
}

// spans asks for a trace in OTLP's JSON.
func (c *client) spans(ctx context.Context, id roentgen.TraceID) (spans json.RawMessage, err error) {
	err = c.do(ctx, http.MethodGet, "/api/traces/"+id.String()+"?format="+formatOTLP, struct{}{}, &spans)
	return spans, err
}
