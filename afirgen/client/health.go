package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Health is what a service says of itself; the fields that only the backend has are empty for the other two.
type Health struct {
	Status       string          `json:"status"` // healthy, degraded or unhealthy
	Models       map[string]bool `json:"models"`
	Message      string          `json:"message"`
	ModelServer  json.RawMessage `json:"model_server"`
	ASROCRServer json.RawMessage `json:"asr_ocr_server"`
	Database     string          `json:"database"`
	Archive      string          `json:"archive"`
}

// Health asks GET /health. An unhealthy service answers 503, which is an *Error; what it says is returned then too.
func (c *Client) Health(ctx context.Context) (h Health, r Receipt, err error) {
	body, r, err := c.Call(ctx, Call{Method: http.MethodGet, Path: "/health"})
	if read := json.Unmarshal(body, &h); read != nil && err == nil {
		err = fmt.Errorf("reading the answer of /health: it is not the JSON that the API describes: %w", read)
	}
	return h, r, err
}
