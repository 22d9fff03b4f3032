package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// grpcSender calls TraceService/Export as gRPC does, over one HTTP/2
// connection for each worker. A unary call needs no more than net/http has.
type grpcSender struct {
	url, token string
	clients    []*http.Client // by worker
}

const exportPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

func newGRPCSender(server, token string, connections int) *grpcSender {
	s := &grpcSender{url: server + exportPath, token: token}
	for range connections {
		protocols := new(http.Protocols)
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
		s.clients = append(s.clients, &http.Client{Timeout: requestTimeout, Transport: &http.Transport{Protocols: protocols, DisableCompression: true}})
	}
	return s
}

func (s *grpcSender) send(ctx context.Context, worker int, request []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(request))
	if err != nil {
		return 0, fmt.Errorf("call %s: %w", s.url, err)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.clients[worker].Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errBusy, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, fmt.Errorf("%w: read the answer of %s: %w", errBusy, s.url, err)
	}
	if err := grpcError(resp); err != nil {
		return 0, err
	}
	if len(answer) < grpcFrame || answer[0] != 0 {
		return 0, fmt.Errorf("%s answers without a plain message: % x", s.url, answer[:min(len(answer), 32)])
	}
	return rejected(answer[grpcFrame:])
}

// grpcError reads the status of a call whose answer has been read. An answer
// without a body has it among its headers.
func grpcError(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s to a gRPC call", resp.Request.URL.Host, resp.Status)
	}
	status, message := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" {
		status, message = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	if readable, err := url.PathUnescape(message); err == nil {
		message = readable
	}
	switch status {
	case "0":
		return nil
	case "4", "8", "10", "14": // deadline exceeded, resource exhausted, aborted, unavailable
		return fmt.Errorf("%w: gRPC status %s: %.200s", errBusy, status, message)
	}
	return fmt.Errorf("%s answers gRPC status %q: %.200s", resp.Request.URL.Host, status, message)
}

func (s *grpcSender) close() {
	for _, c := range s.clients {
		c.CloseIdleConnections()
	}
}
