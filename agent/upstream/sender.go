package upstream

import (
	"context"

	"github.com/roentgen/roentgen/wire"
)

// Sender sends batches. Its methods may be called from several goroutines.
type Sender interface {
	// Send sends b once. An error is a *Error.
	Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error)
	// Describe says in one line where batches go and as whom.
	Describe() string
	// Check asks the upstream whether it is there and would take documents,
	// without sending one. An error is a *Error.
	Check(ctx context.Context) error
}
