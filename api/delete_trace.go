package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
)

// Eraser removes a trace for good, and answers with an error of kind NotFound
// where there is none; store.Writer does.
type Eraser interface {
	Delete(ctx context.Context, id roentgen.TraceID) error
}

// Remainder is a file that no deletion reaches, because not all of it can be
// read: what was deleted may stand in it.
type Remainder struct {
	Path  string  `json:"path"`
	Why   string  `json:"why"`
	Do    string  `json:"do"`              // commands that remove what is in it
	Until float64 `json:"until,omitempty"` // when retention does, epoch seconds; 0: that is not known
}

// Remainders lists those files.
type Remainders func(ctx context.Context) ([]Remainder, error)

type deleteTraceResponse struct {
	Deleted string `json:"deleted"` // the id, in X-Ray's form
	// Remains is where it may be all the same; empty: nowhere.
	Remains []Remainder `json:"remains,omitempty"`
}

// deleteTrace is no action of X-Ray's, which deletes nothing before its time. It
// is answered when the trace is gone for every question that comes afterwards.
func (s *consoleServer) deleteTrace() http.Handler {
	const name = "DeleteTrace"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		ReadingOf(r.Context()).Operation = name
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
	reading := ReadingOf(ctx)
	reading.Traces = []roentgen.TraceID{id}
	err = s.cfg.Erase.Delete(ctx, id)
	if err != nil && roentgen.KindOf(err) != roentgen.NotFound {
		return nil, err
	}
	if err == nil {
		reading.Found = 1
		s.recent.forget() // names that the trace alone had
		s.cfg.Logger.Info("trace deleted", "trace", id)
	}
	remains, broken := s.remains(ctx)
	if err != nil {
		return nil, roentgen.NotFoundf("there is no trace %s: it never arrived, or is gone already%s", id, mayStandIn(remains))
	}
	if broken != nil {
		return nil, fmt.Errorf("trace %s is deleted, but whether it stands in a damaged file is not known: %w", id, broken)
	}
	if len(remains) > 0 {
		s.cfg.Logger.Warn("a trace is deleted, and may stand in damaged files all the same", "trace", id, "files", len(remains), "first", remains[0].Path)
	}
	return &deleteTraceResponse{id.String(), remains}, nil
}

func (s *consoleServer) remains(ctx context.Context) ([]Remainder, error) {
	if s.cfg.Remains == nil {
		return nil, nil
	}
	return s.cfg.Remains(ctx)
}

// mayStandIn names the files for an error.
func mayStandIn(remains []Remainder) string {
	if len(remains) == 0 {
		return ""
	}
	text := "; but it may stand in what cannot be read of"
	for i, r := range remains {
		text += fmt.Sprintf("%s %s (%s)", map[bool]string{true: ","}[i > 0], r.Path, r.Do)
	}
	return text
}
