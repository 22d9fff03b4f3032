package memory

import (
	"errors"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// errClosed is what every call answers after Close.
var errClosed = roentgen.Unavailablef("the store is closed: send again when the server is back")

// storeError gives an error of the log its kind: a full disk or a shutdown
// passes, a disk that failed does not before the server is started again.
func storeError(err error) error {
	if errors.Is(err, applog.ErrNoSpace) || errors.Is(err, applog.ErrClosed) {
		return &roentgen.Error{Kind: roentgen.Unavailable, Err: err}
	}
	return err
}
