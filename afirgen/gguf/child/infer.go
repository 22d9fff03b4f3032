package child

import (
	"context"
	"errors"
	"time"
)

// UnavailableError says why a model cannot be asked at this moment.
type UnavailableError struct{ Reason string }

// Error is the reason.
func (e *UnavailableError) Error() string { return e.Reason }

// ErrDied says that the child died while it worked. It is being started again.
var ErrDied = errors.New("the model's process died while it worked on the answer")

// BrokenError says that the engine gave up on this prompt.
type BrokenError struct{ Reason string }

// Error is the reason, which holds nothing of the prompt.
func (e *BrokenError) Error() string { return e.Reason }

// Infer asks the child. Each piece of the completion goes to emit, whose error ends the inference. The errors are
// *UnavailableError, ErrDied, *TooLongError, *BrokenError, emit's and the context's; tokens count what was done all the
// same. After the context has ended Infer waits until the child has stopped working, and for at most Config.Grace: then
// it kills the child.
func (m *Model) Infer(ctx context.Context, req Request, emit func(text string) error) (finish string, tokens Tokens, err error) {
	m.mu.Lock()
	p, state := m.process, m.state
	m.mu.Unlock()
	if p == nil {
		return "", tokens, unavailable(state)
	}
	id, events, alive := p.call(req.MaxTokens)
	if !alive {
		return "", tokens, ErrDied
	}
	defer p.forget(id)
	req.ID, req.Op = id, OpInfer
	if err := p.send(req); err != nil {
		return "", tokens, ErrDied
	}
	for {
		select {
		case e, ok := <-events:
			switch {
			case !ok:
				return "", tokens, ErrDied
			case e.Kind == Done:
				return e.Finish, e.Tokens, nil
			case e.Kind == Failed:
				return "", e.Tokens, e.failure(req, state.Info)
			}
			if err := emit(e.Text); err != nil {
				return "", m.abandon(p, id, events), err
			}
		case <-ctx.Done():
			return "", m.abandon(p, id, events), ctx.Err()
		}
	}
}

func unavailable(state State) error {
	if state.Phase == Loading {
		return &UnavailableError{"it is still being loaded"}
	}
	return &UnavailableError{state.Reason}
}

func (e Event) failure(req Request, info Info) error {
	switch e.Why {
	case TooLong:
		return &TooLongError{Prompt: e.Prompt, MaxTokens: req.MaxTokens, Context: info.Context}
	case Cancelled: // not by us: the child is ending
		return ErrDied
	}
	return &BrokenError{plain(e.Reason)}
}

// abandon waits for the end of an inference that nobody wants any more.
func (m *Model) abandon(p *process, id int64, events <-chan Event) Tokens {
	if p.send(Request{ID: id, Op: OpCancel}) != nil {
		return Tokens{}
	}
	patience := time.NewTimer(p.grace)
	defer patience.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok || e.Kind != Text {
				return e.Tokens
			}
		case <-patience.C:
			p.kill("it did not stop within " + p.grace.String() + " when it was told to")
			return Tokens{}
		}
	}
}
