package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// writeDocuments writes a document in a line.
func (x *exporter) writeDocuments(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		n := min(tracesAtOnce, len(ids))
		var got struct {
			Traces []struct {
				ID       string `json:"Id"`
				Segments []struct{ Document string }
			}
		}
		if err := x.server.ask(ctx, "/Traces", map[string][]string{"TraceIds": ids[:n]}, &got); err != nil {
			return err
		}
		x.gone += n - len(got.Traces)
		for _, t := range got.Traces {
			x.traces++
			for _, segment := range t.Segments {
				if err := x.writeDocument(t.ID, []byte(segment.Document)); err != nil {
					return err
				}
			}
		}
		ids = ids[n:]
	}
	return nil
}

func (x *exporter) writeDocument(trace string, doc []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, doc); err != nil {
		return fmt.Errorf("write trace %s: a document of it is no JSON: %w", trace, err)
	}
	if isInferred(line.Bytes()) {
		return nil
	}
	x.pieces++
	line.WriteByte('\n')
	if _, err := x.out.Write(line.Bytes()); err != nil {
		return fmt.Errorf("write trace %s: %w", trace, err)
	}
	return nil
}

// isInferred tells what nobody sent: it comes of itself again.
func isInferred(doc []byte) bool {
	if !bytes.Contains(doc, []byte(`"inferred"`)) {
		return false
	}
	var d struct {
		Inferred bool `json:"inferred"`
	}
	return json.Unmarshal(doc, &d) == nil && d.Inferred
}

// writeSpans writes a trace in a line, or one TracesData behind the other.
func (x *exporter) writeSpans(ctx context.Context, ids []string) error {
	for _, text := range ids {
		id, err := roentgen.ParseTraceID(text)
		if err != nil {
			return fmt.Errorf("read the list of traces: %w", err)
		}
		spans, err := x.server.spans(ctx, id)
		var r *refusal
		if errors.As(err, &r) && r.status == http.StatusNotFound {
			x.gone++
			continue
		}
		if err != nil {
			return err
		}
		if err := x.writeTrace(text, spans); err != nil {
			return err
		}
		x.traces++
		x.pieces++
	}
	return nil
}

func (x *exporter) writeTrace(id string, spans json.RawMessage) error {
	out, err := x.encode(spans)
	if err == nil {
		_, err = x.out.Write(out)
	}
	if err != nil {
		return fmt.Errorf("write trace %s: %w", id, err)
	}
	return nil
}

func (x *exporter) encode(spans json.RawMessage) ([]byte, error) {
	if x.format == formatOTLPProtobuf {
		return wire.SpansFromJSON(spans)
	}
	var line bytes.Buffer
	err := json.Compact(&line, spans)
	return append(line.Bytes(), '\n'), err
}
