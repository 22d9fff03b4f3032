package backend

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// domainError gives an error of fir the status and the code that the API has for its kind. Its sentences repeat nothing
// that a person wrote, so they go to the caller as they are.
func domainError(err error) error {
	var e *fir.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case fir.Conflict:
		return web.Fail(http.StatusConflict, contract.WrongStep, e.Message)
	case fir.Gone:
		return expired()
	}
	answer := web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, e.Message)
	if len(e.Problems) > 0 {
		answer.Kind, answer.Problems = contract.FormIncomplete, e.Problems
	}
	return answer
}

func expired() error {
	return web.Fail(http.StatusNotFound, contract.SessionExpired, "the session has expired: file the complaint again")
}

// storeError is the answer where the database does not do what it was asked.
func storeError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, store.ErrNotFound):
		return web.Fail(http.StatusNotFound, contract.NotFound, "there is no such session or report").Because(err)
	case errors.Is(err, store.ErrConflict):
		return versionConflict().Because(err)
	case errors.Is(err, store.ErrTooLarge): // by what people added
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
			"the session or report would hold more than can be stored: shorten notes, descriptions or translations").Because(err)
	case errors.Is(err, store.ErrTooLarge):
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge, "the session or report has more text than can be kept: shorten notes or translations").Because(err)
	case errors.Is(err, store.ErrUnavailable):
		// Of a connection that is lost at a commit nobody knows what became of it.
		e := web.Fail(http.StatusServiceUnavailable, contract.StoreUnavailable,
			"the database cannot be used now: ask again soon, and read first what has become of it")
		e.RetryAfter = 2 * time.Second
		return e.Because(err)
	}
	var domain *fir.Error
	if errors.As(err, &domain) { // of a function that ran inside the transaction
		return domainError(err)
	}
	return web.Fail(http.StatusInternalServerError, contract.StoreFailed, "the database did not take it").Because(err)
}

func versionConflict() *web.Error {
	return web.Fail(http.StatusConflict, contract.VersionConflict, "it was changed in between by someone else: read it again and decide anew")
}

func isConflict(err error) bool {
	return err != nil && web.AsError(err).Kind == contract.VersionConflict
}

func archiveError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := web.Fail(http.StatusServiceUnavailable, contract.ArchiveFailed, "the archive cannot be written now: nothing was changed; ask again soon")
	e.RetryAfter = 5 * time.Second
	return e.Because(err)
}

// enter waits at a gate.
func enter(ctx context.Context, g *gate.Gate) (func(), error) {
	leave, _, err := g.Enter(ctx)
	if errors.Is(err, gate.ErrFull) {
		return nil, web.Overloaded(err)
	}
	return leave, err
}

// noteKind annotates the current subsegment with the kind of its error.
func noteKind(ctx context.Context, err error) {
	tracing.Annotate(ctx, contract.ErrorKind, string(web.AsError(err).Kind))
}
