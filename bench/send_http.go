package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// requestTimeout bounds one request.
const requestTimeout = 30 * time.Second

// httpSender posts bodies, one connection to each worker.
type httpSender struct {
	url, contentType, token string
	client                  *http.Client
	refused                 func(answer []byte) (int, error)
}

func newHTTPSender(url, contentType, token string, connections int, refused func([]byte) (int, error)) *httpSender {
	return &httpSender{url, contentType, token, &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true, WriteBufferSize: 64 << 10,
		},
	}, refused}
}

func (s *httpSender) send(ctx context.Context, _ int, request []byte) (int, error) {
	answer, err := post(ctx, s.client, s.url, s.contentType, s.token, request)
	if err != nil {
		return 0, err
	}
	return s.refused(answer)
}

func (s *httpSender) close() { s.client.CloseIdleConnections() }

// post sends a body and returns the answer of a server that took it.
func post(ctx context.Context, c *http.Client, url, contentType, token string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", url, err)
	}
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: read the answer of %s: %w", errBusy, url, err)
	case resp.StatusCode == http.StatusOK:
		return answer, nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError:
		return nil, fmt.Errorf("%w: %s answers %s: %.200s", errBusy, url, resp.Status, answer)
	}
	return nil, fmt.Errorf("%s answers %s: %.200s", url, resp.Status, answer)
}

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 256 << 20

// unprocessed counts the documents that PutTraceSegments did not take.
func unprocessed(answer []byte) (int, error) {
	_, list, ok := bytes.Cut(answer, []byte(`"UnprocessedTraceSegments":`))
	if !ok {
		return 0, fmt.Errorf("an answer to PutTraceSegments without UnprocessedTraceSegments: %.200s", answer)
	}
	return bytes.Count(list, []byte(`"ErrorCode"`)), nil
}

// Fields of ExportTraceServiceResponse and ExportTracePartialSuccess.
const (
	responsePartial = 1
	partialRejected = 1
)

// rejected reads how many spans an ExportTraceServiceResponse says were not
// taken.
func rejected(answer []byte) (int, error) {
	n := 0
	err := eachField(answer, func(field protowire.Number, value []byte, _ uint64) error {
		if field != responsePartial {
			return nil
		}
		return eachField(value, func(field protowire.Number, _ []byte, number uint64) error {
			if field == partialRejected {
				n = int(number)
			}
			return nil
		})
	})
	if err != nil {
		return 0, fmt.Errorf("read the answer to an export: %w", err)
	}
	return n, nil
}

// eachField calls fn with the fields of a message that are bytes or varints.
func eachField(b []byte, fn func(field protowire.Number, value []byte, number uint64) error) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := fn(field, value, number); err != nil {
			return err
		}
	}
	return nil
}
