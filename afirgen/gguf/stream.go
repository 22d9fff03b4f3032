package gguf

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// stream answers with server-sent events: one with {"text":…} for each piece of the completion, and at the end "done"
// with the whole answer, or "error" with what an error's body holds. What goes wrong before the first piece is an
// ordinary error answer.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, m *model, p Prompt) error {
	tracing.AnnotateSegment(r.Context(), contract.Streamed, true)
	e := events{w: w, out: http.NewResponseController(w)}
	answer, err := s.run(r.Context(), m, p, func(text string) error {
		if text == "" {
			return nil
		}
		return e.send("", map[string]string{"text": text})
	})
	if err == nil {
		err = e.send("done", answer)
	}
	if err == nil || !e.begun {
		return err
	}
	said := web.AnswerTo(r, err)
	web.NoteError(r, said)
	_ = e.send("error", errorEvent{said.Detail, said.Kind}) // who has gone does not read it
	return nil
}

type errorEvent struct {
	Detail    string             `json:"detail"`
	ErrorType contract.ErrorType `json:"error_type"`
}

// events writes an answer event by event.
type events struct {
	w     http.ResponseWriter
	out   *http.ResponseController
	begun bool // the header is out
}

// send writes and flushes one event; one without a name is a plain message. Its error is that the caller has gone.
func (e *events) send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("X-Accel-Buffering", "no") // nginx would wait for the end
		e.w.WriteHeader(http.StatusOK)
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	if _, err = fmt.Fprintf(e.w, "%sdata: %s\n\n", name, text); err == nil {
		err = e.out.Flush()
	}
	if err != nil {
		return web.Fail(web.StatusClientCancelled, contract.ClientCancelled, "the client closed the connection before the answer was ready").Because(err)
	}
	return nil
}
