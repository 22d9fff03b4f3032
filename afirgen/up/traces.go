package up

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// How traces are read back.
const (
	readPatience = 20 * time.Second
	readPause    = 200 * time.Millisecond
)

// traceReader reads traces with AWS's own client, as any X-Ray tool would.
type traceReader struct {
	client *xray.Client
	http   *http.Transport
	after  func(time.Duration) <-chan time.Time
}

func newTraceReader(server string, after func(time.Duration) <-chan time.Time) traceReader {
	transport := &http.Transport{} // our own, so that close closes all of it; and no proxy stands before loopback
	return traceReader{after: after, http: transport, client: xray.New(xray.Options{
		BaseEndpoint: aws.String("http://" + server),
		Region:       "us-east-1", // the client wants one; the server has none
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   &http.Client{Transport: transport},
	})}
}

func (r traceReader) close() { r.http.CloseIdleConnections() }

// read asks until every service's segment is there and has ended.
func (r traceReader) read(ctx context.Context, id string, services []string) ([]*document, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, readPatience,
		fmt.Errorf("not all segments of %q had come after %s", services, readPatience))
	defer cancel()
	var last error
	for {
		list, err := r.ask(ctx, id)
		if err == nil && complete(list, services) {
			return list, nil
		}
		if err != nil && ctx.Err() == nil {
			last = err
		}
		select {
		case <-r.after(readPause):
		case <-ctx.Done():
			if last != nil {
				return nil, fmt.Errorf("reading trace %s back: %w; the last answer was: %w", id, context.Cause(ctx), last)
			}
			return nil, fmt.Errorf("reading trace %s back: %w; there were %d", id, context.Cause(ctx), len(list))
		}
	}
}

func (r traceReader) ask(ctx context.Context, id string) ([]*document, error) {
	out, err := r.client.BatchGetTraces(ctx, &xray.BatchGetTracesInput{TraceIds: []string{id}})
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, t := range out.Traces {
		for _, s := range t.Segments {
			texts = append(texts, aws.ToString(s.Document))
		}
	}
	return parseDocuments(texts)
}
