package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
)

// formatOTLPProtobuf is OpenTelemetry's protobuf.
const formatOTLPProtobuf = "otlp-protobuf"

func newExportCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "export [FILTER]",
		Short: "Write traces out, as X-Ray documents or OpenTelemetry's spans",
		Long: `Write the traces of a time that match a filter expression, or those that --id
names, newest first.

--format xray writes X-Ray documents, one in a line, as they came and with
streamed subsegments folded in; what readers infer of services that sent nothing
is left out. otlp writes OTLP's JSON, a trace in a line; otlp-protobuf one
TracesData after the other, which together are a TracesData again. roentgen
import reads all three. An --out that ends in .gz or .zst is compressed.

Traces are read page by page, so any number of them takes the same memory.
--cursor FILE notes after each page how far it is, beside what was asked: the
same command line goes on from there, and appends to --out. What changes while
the export runs may be written twice, which an import takes once.`,
		Example: `  roentgen export --since 24h --out traces.jsonl.zst
  roentgen export 'service("afirgen-gguf-server") { fault }' --since 7d --format otlp > spans.jsonl
  roentgen export --since 7d --out all.jsonl.gz --cursor all.cursor
  roentgen export --id 1-5759e988-bd862e3fe1be46a994272793 | jq .name
  roentgen export --since 1h | roentgen import - --server http://127.0.0.1:2895`,
		Args: oneExpression,
		RunE: func(c *cobra.Command, args []string) error { return runExport(c, w, strings.Join(args, "")) },
	}
	addWindowFlags(c)
	c.Flags().StringSlice("id", nil, "`ids` of traces, in place of a filter and a time")
	c.Flags().String("format", formatXRay, "`format`: xray, otlp or otlp-protobuf")
	c.Flags().String("out", "-", "`file` to write to, - for the standard output")
	c.Flags().String("cursor", "", "`file` that notes how far the export is")
	c.Flags().Int("limit", 0, "most traces to write; 0: all")
	addAskFlags(c)
	return c
}

// addAskFlags are those of a server, without --output, which --format and
// --out stand for.
func addAskFlags(c *cobra.Command) {
	addClientFlags(c)
	c.Flags().Lookup("output").Hidden = true
}

// exporter writes traces of a server.
type exporter struct {
	server *client
	format string
	out    *outFile
	traces int
	pieces int // documents, or traces as spans
	gone   int // listed, and no longer there when they were asked for
}

// exportPage is how many traces are listed at a time; tracesAtOnce is what
// BatchGetTraces gives.
const (
	exportPage   = 100
	tracesAtOnce = 5
)

func runExport(c *cobra.Command, w around, expression string) (err error) {
	format, _ := c.Flags().GetString("format")
	if format != formatXRay && format != formatOTLP && format != formatOTLPProtobuf {
		return fmt.Errorf("--format %s: not %s, %s or %s", format, formatXRay, formatOTLP, formatOTLPProtobuf)
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	at, err := readCursor(c, w, expression)
	if err != nil {
		return err
	}
	path, _ := c.Flags().GetString("out")
	out, err := openOut(path, c.OutOrStdout(), at.Token != "", at.Bytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	x := &exporter{server: server, format: format, out: out}
	ids, _ := c.Flags().GetStringSlice("id")
	if len(ids) > 0 {
		err = x.byID(c.Context(), ids)
	} else {
		limit, _ := c.Flags().GetInt("limit")
		err = x.pages(c.Context(), at, limit)
	}
	if err != nil {
		return server.explain(c.Context(), expression, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "%d traces written%s\n", x.traces, ifSet(x.lost(), ", "+x.lost()))
	return nil
}

func (x *exporter) lost() string {
	if x.gone == 0 {
		return ""
	}
	return fmt.Sprintf("%d were deleted meanwhile", x.gone)
}

// byID writes the traces of ids, which all have to be there.
func (x *exporter) byID(ctx context.Context, texts []string) error {
	ids := make([]string, len(texts))
	for i, text := range texts {
		id, err := roentgen.ParseTraceID(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		ids[i] = id.String()
	}
	if err := x.write(ctx, ids); err != nil {
		return err
	}
	if x.gone > 0 {
		return fmt.Errorf("%s has %d of the %d traces: the others were not sampled, are older than what is kept, or have not arrived", x.server.server, x.traces, len(ids))
	}
	return nil
}

// pages writes page by page, and notes each.
func (x *exporter) pages(ctx context.Context, at *exportCursor, limit int) error {
	if limit <= 0 {
		limit = math.MaxInt
	}
	for {
		q := tracesQuestion{Start: at.From, End: at.To, Expression: at.Expression, Limit: min(exportPage, limit-x.traces), Token: at.Token}
		var page struct {
			Traces []struct {
				ID string `json:"id"`
			} `json:"traces"`
			Token string `json:"token"`
		}
		if err := x.server.ask(ctx, "/api/traces", q, &page); err != nil {
			return err
		}
		ids := make([]string, len(page.Traces))
		for i, t := range page.Traces {
			ids[i] = t.ID
		}
		if err := x.write(ctx, ids); err != nil {
			return err
		}
		size, err := x.out.Flush()
		if err != nil {
			return err
		}
		over := page.Token == "" || page.Token == at.Token
		at.Token, at.Done, at.Traces, at.Bytes = page.Token, over, at.Traces+len(ids), size
		if err := at.save(); err != nil {
			return err
		}
		if over || x.traces >= limit {
			return nil
		}
	}
}

func (x *exporter) write(ctx context.Context, ids []string) error {
	if x.format == formatXRay {
		return x.writeDocuments(ctx, ids)
	}
	return x.writeSpans(ctx, ids)
}

// exportCursor is how far an export is, as it stands in the file.
type exportCursor struct {
	From       float64 `json:"from"` // epoch seconds
	To         float64 `json:"to"`
	Expression string  `json:"expression"`
	Format     string  `json:"format"`
	Token      string  `json:"token"` // of the next page
	Traces     int     `json:"traces"`
	Bytes      int64   `json:"bytes"` // of --out, once the page was written
	Done       bool    `json:"done"`
	path       string  // empty: nothing is noted
}

// readCursor goes on where a file says, or begins.
func readCursor(c *cobra.Command, w around, expression string) (*exportCursor, error) {
	path, _ := c.Flags().GetString("cursor")
	format, _ := c.Flags().GetString("format")
	if ids, _ := c.Flags().GetStringSlice("id"); len(ids) > 0 && (path != "" || expression != "") {
		return nil, errors.New("--id says which traces, so a filter and --cursor have no place beside it")
	}
	text, err := os.ReadFile(path)
	if path != "" && err == nil {
		at := &exportCursor{path: path}
		if err := json.Unmarshal(text, at); err != nil {
			return nil, fmt.Errorf("--cursor %s is no cursor of an export (%w): name another file", path, err)
		}
		if at.Expression != expression || at.Format != format {
			return nil, fmt.Errorf("--cursor %s is that of an export of %q as %s: repeat that command line, or name another file", path, at.Expression, at.Format)
		}
		if at.Done {
			return nil, fmt.Errorf("--cursor %s: that export has come to its end, with %d traces; remove the file to begin anew", path, at.Traces)
		}
		return at, nil
	}
	if path != "" && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read --cursor: %w", err)
	}
	at, err := readWindow(c, w.now())
	if err != nil {
		return nil, err
	}
	return &exportCursor{From: epochSeconds(at.from), To: epochSeconds(at.to), Expression: expression, Format: format, path: path}, nil
}

// save replaces the file, so that a kill leaves the old one or the new one.
func (at *exportCursor) save() error {
	if at.path == "" {
		return nil
	}
	text, err := json.Marshal(at)
	if err == nil {
		err = os.WriteFile(at.path+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(at.path+".new", at.path)
	}
	if err != nil {
		return fmt.Errorf("note how far the export is: %w", err)
	}
	return nil
}
