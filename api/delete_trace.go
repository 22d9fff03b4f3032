package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
)

// Eraser removes a trace for good, and answers with an error of kind NotFound
// where there is none; store.Writer does.
type Eraser interface {
	Delete(ctx context.Context, id roentgen.TraceID) error
}

type deleteTraceResponse struct {
	Deleted string `json:"deleted"` // the id, in X-Ray's form
}

// deleteTrace is no action of X-Ray's, which deletes nothing before its time. It
// is answered when the trace is gone for every question that comes afterwards.
func (s *consoleServer) deleteTrace() http.Handler {
	const name = "DeleteTrace"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		out, err := s.erase(r.Context(), r.PathValue("id"))
		if err != nil {
			s.fail(w, name, err)
			return
		}
		s.answerConsole(w, r, name, out)
	})
}

func (s *consoleServer) erase(ctx context.Context, text string) (*deleteTraceResponse, error) {
	id, err := roentgen.ParseTraceID(text)
	if err != nil {
		return nil, err
	}
	err = s.cfg.Erase.Delete(ctx, id)
	if roentgen.KindOf(err) == roentgen.NotFound {
		return nil, roentgen.NotFoundf("there is no trace %s: it never arrived, or is gone already", id)
	}
	if err != nil {
		return nil, err
	}
	s.recent.forget() // names that the trace alone had
	s.cfg.Logger.Info("trace deleted", "trace", id)
	return &deleteTraceResponse{id.String()}, nil
}
