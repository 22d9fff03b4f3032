package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Engine is the model as Serve runs it. Infer is called from several goroutines at once; it hands each piece of the
// completion to emit and returns the context's error soon after that has ended. The tokens count also when it fails.
type Engine interface {
	Infer(ctx context.Context, req Request, emit func(text string) error) (finish string, tokens Tokens, err error)
}

// TooLongError is for an Engine whose context does not hold the request.
type TooLongError struct {
	Prompt    int // tokens, with the markers around the text
	MaxTokens int
	Context   int
}

// Error says the numbers.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("the prompt has %d tokens and max_tokens is %d: the model's context holds %d together",
		e.Prompt, e.MaxTokens, e.Context)
}

// Serve loads a model and answers requests until in ends. It is the whole work of a child. The error is for the exit
// code; the parent has been told of a refusal already.
func Serve(in io.Reader, out io.Writer, load func() (Engine, Info, error)) error {
	w := &writer{out: out}
	engine, info, err := loaded(load)
	if err != nil {
		return errors.Join(err, w.send(Event{Kind: Refused, Reason: err.Error()}))
	}
	if err := w.send(Event{Kind: Ready, Protocol: Protocol, Info: &info}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &server{engine: engine, out: w, fail: cancel, cancels: map[int64]context.CancelFunc{}}
	err = s.serve(ctx, newReader[Request](in))
	cancel(nil)
	s.wait.Wait()
	return err
}

// loaded turns a panic into a refusal. There is no prompt yet that a panic could tell.
func loaded(load func() (Engine, Info, error)) (engine Engine, info Info, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the engine cannot use the file: %v", value)
		}
	}()
	return load()
}

// panicked tells what a panic says only when the runtime said it: any other value may hold a piece of a prompt.
func panicked(value any) string {
	var err runtime.Error
	if e, ok := value.(error); ok && errors.As(e, &err) {
		return err.Error()
	}
	return fmt.Sprintf("it gave up with a value of type %T", value)
}

// server is a child's work. Serve's goroutine reads; each inference has a goroutine of its own.
type server struct {
	engine Engine
	out    *writer
	fail   context.CancelCauseFunc // ends the child
	wait   sync.WaitGroup

	mu      sync.Mutex
	cancels map[int64]context.CancelFunc
}

// serve returns nil when in ends. What it read last may still be worked on.
func (s *server) serve(ctx context.Context, in reader[Request]) error {
	requests := make(chan Request)
	ended := make(chan error, 1)
	go func() { // it ends with the process if in never does
		for {
			req, err := in.next()
			if err != nil {
				ended <- err
				return
			}
			select {
			case requests <- req:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case req := <-requests:
			s.take(ctx, req)
		case err := <-ended:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *server) take(ctx context.Context, req Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancel, known := s.cancels[req.ID]
	switch {
	case req.Op == OpCancel && known:
		cancel()
	case req.Op == OpInfer && !known:
		ctx, cancel := context.WithCancel(ctx)
		s.cancels[req.ID] = cancel
		s.wait.Go(func() {
			s.infer(ctx, req)
			s.mu.Lock()
			defer s.mu.Unlock()
			cancel()
			delete(s.cancels, req.ID)
		})
	}
}

func (s *server) infer(ctx context.Context, req Request) {
	defer func() {
		if value := recover(); value != nil {
			// Nobody knows what state the engine is in: the child tells and ends.
			reason := panicked(value)
			_ = s.out.send(Event{ID: req.ID, Kind: Failed, Why: Broken, Reason: reason})
			s.fail(errors.New(reason))
		}
	}()
	finish, tokens, err := s.engine.Infer(ctx, req, func(text string) error {
		if text == "" {
			return nil
		}
		return s.out.send(Event{ID: req.ID, Kind: Text, Text: text})
	})
	if err := s.out.send(lastEvent(req.ID, finish, tokens, err)); err != nil {
		s.fail(err)
	}
}

func lastEvent(id int64, finish string, tokens Tokens, err error) Event {
	e := Event{ID: id, Kind: Failed, Tokens: tokens}
	var tooLong *TooLongError
	switch {
	case err == nil:
		e.Kind, e.Finish = Done, finish
	case errors.As(err, &tooLong):
		e.Why, e.Reason, e.Prompt = TooLong, tooLong.Error(), tooLong.Prompt
	case errors.Is(err, context.Canceled):
		e.Why = Cancelled
	default:
		e.Why, e.Reason = Broken, err.Error()
	}
	return e
}
