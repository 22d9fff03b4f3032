package memory

import "github.com/roentgen/roentgen/internal/datadir"

// storeName is what the manifest of a directory with a Store says. A State also
// stands beside stores of other kinds.
const storeName = "memory"

// DirectoryError says why a data directory cannot be used.
type DirectoryError = datadir.Error
