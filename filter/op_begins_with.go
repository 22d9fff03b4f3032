package filter

import "strings"

// beginsWith is BEGINSWITH, of texts.
func beginsWith(have, want Value) bool { return strings.HasPrefix(have.String, want.String) }
