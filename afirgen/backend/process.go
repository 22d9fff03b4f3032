package backend

import (
	"context"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// process takes a complaint and answers with the transcript, which is the first to be reviewed.
func (s *Server) process(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(w, r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	leave, err := enter(ctx, s.requests)
	if err != nil {
		return err
	}
	defer leave()
	session, err := web.Do(ctx, contract.ProcessRequest, func(ctx context.Context) (fir.Session, error) {
		session, err := s.open(ctx, in)
		if err != nil {
			return session, err
		}
		return s.work(ctx, session, in)
	})
	if err != nil {
		return err
	}
	body, err := s.body(r, session)
	if err != nil {
		return err
	}
	body.ContentOld = body.Content
	web.WriteJSON(w, http.StatusOK, body)
	return nil
}

// receive reads the body before the request takes a place at work, so that slow uploads keep nobody from working; how
// many are read at once bounds the memory that they take.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (input, error) {
	ctx := r.Context()
	leave, err := enter(ctx, s.uploads)
	if err != nil {
		return input{}, err
	}
	defer leave()
	in, err := readInput(w, r)
	tracing.AnnotateSegment(ctx, contract.HasText, in.hasText())
	tracing.AnnotateSegment(ctx, contract.HasImage, in.hasImage())
	tracing.AnnotateSegment(ctx, contract.HasAudio, in.hasAudio())
	if err == nil {
		err = in.check()
	}
	if err == nil && in.hasText() {
		in.text, err = complaint(in.text, nil)
	}
	return in, err
}

// open makes the session. A typed complaint waits for its first review at once, an upload for its reading.
func (s *Server) open(ctx context.Context, in input) (fir.Session, error) {
	language := in.language
	if !in.hasText() {
		language = "" // the reading will say
	}
	session, err := s.apply(fir.Session{}, fir.Open{
		ID: s.cfg.NewID(), TraceID: tracing.TraceID(ctx), Text: in.text, Language: language,
		Type: in.information, Station: s.cfg.Station,
	})
	if err != nil {
		return session, err
	}
	tracing.AnnotateSegment(ctx, contract.SessionID, session.ID)
	return session, storeError(ctx, s.cfg.Store.CreateSession(ctx, session))
}
