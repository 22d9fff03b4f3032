package up

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// sample is a complaint that is sent to show the system at work.
type sample struct {
	title    string
	field    string // of the form
	data     []byte
	services []string // that its trace passes through
}

func showPieces(text, letter []byte) []sample {
	return []sample{
		{"a written complaint", "text", text, []string{contract.Backend, contract.GGUF}},
		{"a photographed letter", "image", letter, []string{contract.Backend, contract.GGUF, contract.ASROCR}},
	}
}

// receipt is what came back for a sample.
type receipt struct {
	SessionID string `json:"session_id"`
	Summary   string `json:"summary"`
	Engine    string `json:"engine"`
	Detail    string `json:"detail"` // of an error
	status    int
	traceID   string // from the response header
}

// courier sends samples to the backend, each with its trace forced.
type courier struct {
	client           *http.Client
	backend          string // host:port
	apiKey, forceKey string
	now              func() time.Time
}

func (c courier) send(ctx context.Context, s sample) (receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	req, err := c.request(ctx, s)
	if err != nil {
		return receipt{}, fmt.Errorf("sending %s: %w", s.title, err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return receipt{}, fmt.Errorf("sending %s: %w", s.title, err)
	}
	defer func() { _ = resp.Body.Close() }()
	got := receipt{status: resp.StatusCode, traceID: rootOf(resp.Header.Get("X-Amzn-Trace-Id"))}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 8<<20)).Decode(&got); err != nil {
		return got, fmt.Errorf("sending %s: reading the backend's answer: %w", s.title, err)
	}
	switch {
	case got.status != http.StatusOK:
		return got, fmt.Errorf("sending %s: the backend answered %d: %s", s.title, got.status, got.Detail)
	case got.traceID == "":
		return got, fmt.Errorf("sending %s: the backend's answer has no X-Amzn-Trace-Id: is XRAY_ENABLED=false set?", s.title)
	}
	return got, nil
}

func (c courier) request(ctx context.Context, s sample) (*http.Request, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormField(s.field)
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(s.data); err != nil {
		return nil, err
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.backend+"/process", &body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("X-API-Key", c.apiKey)
	tracing.ForceSampling(req, c.forceKey, c.now())
	return req, nil
}

// rootOf returns the trace id of a trace header, or "".
func rootOf(header string) string {
	for field := range strings.SplitSeq(header, ";") {
		if id, found := strings.CutPrefix(strings.TrimSpace(field), "Root="); found {
			return id
		}
	}
	return ""
}
