package verify

import (
	"context"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

func checkBackend(ctx context.Context, r *run, f *findings) {
	h := r.healthy(ctx, f, r.traced, contract.Backend)
	equal(f, contract.Backend, "database in the body", "connected", h.Database)
	equal(f, contract.Backend, "archive in the body", "connected", h.Archive)
	f.want(len(h.ModelServer) > 0, contract.Backend, "model_server in the body", "what the model server says", nil)
	f.want(len(h.ASROCRServer) > 0, contract.Backend, "asr_ocr_server in the body", "what the ASR/OCR server says", nil)
}

func checkModels(ctx context.Context, r *run, f *findings) {
	r.modelled(ctx, f, r.models, contract.GGUF)
}

func checkReader(ctx context.Context, r *run, f *findings) {
	r.modelled(ctx, f, r.eyes, contract.ASROCR)
}

func (r *run) modelled(ctx context.Context, f *findings, c *client.Client, service string) {
	h := r.healthy(ctx, f, c, service)
	f.want(len(h.Models) > 0, service, "models in the body", "at least one", len(h.Models))
}

// healthy asks GET /health, whose trace is asked for, and looks at answer and segment.
func (r *run) healthy(ctx context.Context, f *findings, c *client.Client, service string) client.Health {
	h, receipt, err := c.Health(ctx)
	if err != nil {
		f.fail(service, "GET /health", err)
	}
	if receipt.Status == 0 {
		return h
	}
	equal(f, service, "status of GET /health", http.StatusOK, receipt.Status)
	f.want(h.Status == web.Healthy || h.Status == web.Degraded, service, "status in the body", "healthy or degraded", h.Status)
	if h.Status == web.Degraded {
		f.note("%s is degraded: it works, but lacks something; its /health says what", service)
	}
	t := r.read(ctx, f, service+", GET /health", receipt.TraceID, service)
	segments := t.segments(service)
	if equal(f, "trace "+t.ID, "segments of "+service, 1, len(segments)) {
		n := segments[0]
		r.soundSegment(f, n)
		equal(f, n.what(), "annotation "+contract.Endpoint, any(web.Health), n.Annotations[contract.Endpoint])
		equal(f, n.what(), "annotation "+contract.StatusCode, any(float64(receipt.Status)), n.Annotations[contract.StatusCode])
		equal(f, n.what(), "http.response.status", fmt.Sprint(receipt.Status), fmt.Sprint(n.HTTP.Response.Status))
	}
	return h
}
