package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/roentgen/roentgen/wire"
)

// importer sends documents and spans in batches, one after the other.
type importer struct {
	ctx    context.Context
	server *client
	otlp   string
	sums   *importSums

	docs     []string
	docBytes int
	request  []byte // ResourceSpans that wait
	waiting  int    // spans in request
}

// Bounds of a batch.
const (
	importDocuments = 50 // that PutTraceSegments takes
	importBytes     = 1 << 20
	importTries     = 6
)

// document implements traceTaker.
func (i *importer) document(doc []byte) error {
	if isInferred(doc) {
		i.sums.Inferred++
		return nil
	}
	i.sums.Documents++
	i.docs, i.docBytes = append(i.docs, string(doc)), i.docBytes+len(doc)
	if len(i.docs) < importDocuments && i.docBytes < importBytes {
		return nil
	}
	return i.putDocuments()
}

// spansJSON implements traceTaker.
func (i *importer) spansJSON(one []byte) error {
	request, err := wire.SpansFromJSON(append(append([]byte(`{"resourceSpans":[`), one...), `]}`...))
	if err != nil {
		i.sums.Spans++
		i.sums.reject("spans that are no OTLP JSON", err.Error(), 1)
		return nil
	}
	return i.add(request)
}

// spans implements traceTaker.
func (i *importer) spans(one []byte) error {
	request := protowire.AppendTag(nil, 1, protowire.BytesType)
	return i.add(protowire.AppendBytes(request, one))
}

func (i *importer) add(request []byte) error {
	n := countSpans(request, 3)
	i.sums.Spans += n
	i.request, i.waiting = append(i.request, request...), i.waiting+n
	if len(i.request) < importBytes {
		return nil
	}
	return i.putSpans()
}

// countSpans counts the messages that stand so many levels of repeated fields
// deep: request (1), ResourceSpans (2), ScopeSpans (2).
func countSpans(b []byte, depth int) (n int) {
	field := protowire.Number(2)
	if depth == 3 {
		field = 1
	}
	for len(b) > 0 {
		number, kind, k := protowire.ConsumeTag(b)
		if k < 0 {
			return n
		}
		size := protowire.ConsumeFieldValue(number, kind, b[k:])
		if size < 0 {
			return n
		}
		if number == field && kind == protowire.BytesType {
			if depth == 1 {
				n++
			} else if value, m := protowire.ConsumeBytes(b[k:]); m > 0 {
				n += countSpans(value, depth-1)
			}
		}
		b = b[k+size:]
	}
	return n
}

// flush sends what waits.
func (i *importer) flush() error {
	if err := i.putDocuments(); err != nil {
		return err
	}
	return i.putSpans()
}

func (i *importer) putDocuments() error {
	if len(i.docs) == 0 {
		return nil
	}
	body, err := json.Marshal(map[string][]string{"TraceSegmentDocuments": i.docs})
	if err != nil {
		return fmt.Errorf("encode documents: %w", err)
	}
	text, err := i.post(i.server.server+"/TraceSegments", "application/json", body)
	if err != nil {
		return err
	}
	var answer struct {
		UnprocessedTraceSegments []struct{ ID, ErrorCode, Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s answered in a form that no server of X-Ray's API has: is it one?", i.server.server)
	}
	for _, u := range answer.UnprocessedTraceSegments {
		i.sums.reject(u.ErrorCode, strings.TrimSpace(u.ID+" "+u.Message), 1)
	}
	i.sums.Taken += len(i.docs) - len(answer.UnprocessedTraceSegments)
	i.docs, i.docBytes = i.docs[:0], 0
	return nil
}

func (i *importer) putSpans() error {
	if len(i.request) == 0 {
		return nil
	}
	text, err := i.post(strings.TrimSuffix(i.otlp, "/")+"/v1/traces", "application/x-protobuf", i.request)
	if err != nil {
		return err
	}
	rejected, message := partialSuccess(text)
	if rejected > 0 {
		i.sums.reject("spans", message, rejected)
	}
	i.sums.Taken += i.waiting - rejected
	i.request, i.waiting = i.request[:0], 0
	return nil
}

// partialSuccess reads an ExportTraceServiceResponse.
func partialSuccess(b []byte) (rejected int, message string) {
	inner, ok := fieldOf(b, 1)
	if !ok {
		return 0, ""
	}
	for len(inner) > 0 {
		number, kind, n := protowire.ConsumeTag(inner)
		if n < 0 {
			return rejected, message
		}
		inner = inner[n:]
		size := protowire.ConsumeFieldValue(number, kind, inner)
		if size < 0 {
			return rejected, message
		}
		switch {
		case number == 1 && kind == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(inner)
			rejected = int(v)
		case number == 2 && kind == protowire.BytesType:
			v, _ := protowire.ConsumeBytes(inner)
			message = string(v)
		}
		inner = inner[size:]
	}
	return rejected, message
}

// fieldOf is the bytes of the first field of that number.
func fieldOf(b []byte, want protowire.Number) ([]byte, bool) {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, false
		}
		size := protowire.ConsumeFieldValue(number, kind, b[n:])
		if size < 0 {
			return nil, false
		}
		if number == want && kind == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b[n:])
			return v, true
		}
		b = b[n+size:]
	}
	return nil, false
}

// post sends a body, again where the server is busy.
func (i *importer) post(url, kind string, body []byte) ([]byte, error) {
	for try := 1; ; try++ {
		text, wait, err := i.postOnce(url, kind, body)
		if err == nil || wait == 0 || try == importTries {
			return text, err
		}
		select {
		case <-i.ctx.Done():
			return nil, i.ctx.Err()
		case <-time.After(wait):
		}
	}
}

// postOnce returns how long to wait before another try; 0: there is no use.
func (i *importer) postOnce(url, kind string, body []byte) (text []byte, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(i.ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, 0, fmt.Errorf("send to %s: %w", url, err)
	}
	req.Header.Set("Content-Type", kind)
	if i.server.token != "" {
		req.Header.Set("Authorization", "Bearer "+i.server.token)
	}
	resp, err := i.server.http.Do(req)
	if err != nil {
		to := *i.server
		to.server = url
		return nil, 0, to.unreachable(err)
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return nil, 0, fmt.Errorf("read the answer of %s: %w", url, err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return text, 0, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, 0, i.server.locked(resp.StatusCode)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		wait = time.Duration(min(max(seconds, 1), 30)) * time.Second
	}
	return nil, wait, fmt.Errorf("%s answers %s: %s", url, resp.Status, cut(string(text), 300))
}
