package verify

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
)

// mistake is a request that has to be refused.
type mistake struct {
	title    string
	service  string // that refuses it
	call     client.Call
	status   int
	kind     contract.ErrorType
	endpoint string
}

// mistaken is a mistake that was made.
type mistaken struct {
	mistake
	receipt client.Receipt
	said    string // error_type of the body
	err     error
	trace   *Trace
}

// mistakes are what callers do wrong. stale is a session that has been decided on since its first version.
func mistakes(stale string, random func() string) []mistake {
	return append(refusedByBackend(stale, random()), []mistake{{
		"a model that nobody knows", contract.GGUF,
		asJSON("/inference", map[string]any{"model_name": "nobody", "prompt": "made up"}), http.StatusNotFound, contract.InvalidModel, "/inference",
	}, {
		"a photograph that is none", contract.ASROCR, notAPhotograph("/ocr"), http.StatusUnsupportedMediaType, contract.WrongType, "/ocr",
	}}...)
}

func refusedByBackend(stale, nobody string) []mistake {
	noKey := asJSON("/process", map[string]any{"text": "made up, and refused before it is read"})
	noKey.NoKey = true
	wrongKey := noKey
	wrongKey.Header = http.Header{"X-Api-Key": {"wrong-" + nobody}}
	const main = contract.Backend
	return []mistake{
		{"no key", main, noKey, http.StatusUnauthorized, contract.Unauthorized, "/process"},
		{"a wrong key", main, wrongKey, http.StatusUnauthorized, contract.Unauthorized, "/process"},
		{"no input", main, asJSON("/process", map[string]any{}), http.StatusBadRequest, contract.NoInput, "/process"},
		{"a session that nobody knows", main, client.Call{Method: http.MethodGet, Path: "/session/" + nobody + "/status"},
			http.StatusNotFound, contract.NotFound, "/session/{id}/status"},
		{"a path that is none", main, client.Call{Method: http.MethodGet, Path: "/no/such/path"}, http.StatusNotFound, contract.NotFound, contract.Unmatched},
		{"a wrong method", main, client.Call{Method: http.MethodDelete, Path: "/process"}, http.StatusMethodNotAllowed, contract.MethodNotAllowed, "/process"},
		{"a decision on what has changed since", main, asJSON("/validate", client.Decision{SessionID: stale, Approved: true, Version: 1}),
			http.StatusConflict, contract.VersionConflict, "/validate"},
		{"a text that is too long", main, asJSON("/process", map[string]any{"text": strings.Repeat("long ", 10_001)}),
			http.StatusRequestEntityTooLarge, contract.TextTooLong, "/process"},
		{"a kind of body that is not taken", main, client.Call{Method: http.MethodPost, Path: "/process", ContentType: "text/csv", Body: []byte("a,b")},
			http.StatusUnsupportedMediaType, contract.WrongType, "/process"},
		{"a photograph that is none", main, notAPhotograph("/process"), http.StatusUnsupportedMediaType, contract.WrongType, "/process"},
		{"a decision that decides nothing", main, asJSON("/validate", map[string]any{"session_id": nobody}),
			http.StatusUnprocessableEntity, contract.InvalidRequest, "/validate"},
	}
}

func asJSON(path string, body any) client.Call {
	data, _ := json.Marshal(body) // maps and structs of texts and numbers always encode
	return client.Call{Method: http.MethodPost, Path: path, ContentType: "application/json", Body: data}
}

func notAPhotograph(path string) client.Call {
	call := client.Complaint{Field: client.Image, Data: []byte("neither JPEG nor PNG nor PDF")}.Call()
	call.Path = path
	return call
}

// blunder makes every mistake, once, and reads their traces.
func (r *run) blunder(ctx context.Context, f *findings) []mistaken {
	if r.mistakes != nil {
		return r.mistakes
	}
	service := map[string]string{} // by trace
	stale := uuid.NewString()      // a conflict cannot be had without a session; the finding will say 404
	if j := r.textJourney(ctx); j.session.SessionID != "" {
		stale = j.session.SessionID
	}
	for _, m := range mistakes(stale, uuid.NewString) {
		made := mistaken{mistake: m}
		_, made.receipt, made.err = r.clientOf(m.service).Call(ctx, m.call)
		made.said = kindOfError(made.err)
		r.mistakes = append(r.mistakes, made)
		if made.receipt.TraceID != "" {
			service[made.receipt.TraceID] = m.service
		}
	}
	got, err := r.reader.all(ctx, slices.Sorted(maps.Keys(service)), func(t *Trace) bool { return t.complete(service[t.ID]) })
	if err != nil {
		f.fail("mistakes", "reading their traces back", err)
	}
	for i := range r.mistakes {
		r.mistakes[i].trace = orEmpty(got, r.mistakes[i].receipt.TraceID)
	}
	return r.mistakes
}

func (r *run) clientOf(service string) *client.Client {
	switch service {
	case contract.GGUF:
		return r.models
	case contract.ASROCR:
		return r.eyes
	}
	return r.traced
}
