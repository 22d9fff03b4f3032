package accept_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
)

// moody is a next step that fails when told so.
type moody struct{ err error }

func (m *moody) Append(_ context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	return make([]roentgen.Outcome, len(docs)), m.err
}

func TestWhatTheNextStepRefusesIsRemembered(t *testing.T) {
	n := &moody{}
	a := accept.New(accept.Config{Now: func() time.Time { return now }}, n)
	send := func(ctx context.Context) { a.Accept(ctx, "test", texts(document(now))) }
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	full := errors.New("the disk is full")
	for _, c := range []struct {
		title string
		err   error
		ctx   context.Context
		want  error
	}{
		{"all is well", nil, t.Context(), nil},
		{"a sender that went away", context.Canceled, gone, nil},
		{"a full disk", full, t.Context(), full},
		{"a sender that went away since", context.Canceled, gone, full},
		{"space again", nil, t.Context(), nil},
	} {
		n.err = c.err
		send(c.ctx)
		at, err := a.Refusing()
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (err != nil) != at.Equal(now) {
			t.Errorf("%s: %v at %v, want %v", c.title, err, at, c.want)
		}
	}
}
