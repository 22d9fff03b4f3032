package block

import (
	"errors"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// errClosed is what every call answers after Close.
var errClosed = roentgen.Unavailablef("the store is closed: send again when the server is back")

// storeError gives an error of the disk its kind: a full one or a shutdown
// passes, one that failed does not before the server is started again.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, applog.ErrNoSpace) || errors.Is(err, applog.ErrClosed) || vfs.IsNoSpace(err) {
		return &roentgen.Error{Kind: roentgen.Unavailable, Err: err}
	}
	return err
}
