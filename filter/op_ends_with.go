package filter

import "strings"

// endsWith is ENDSWITH, of texts.
func endsWith(have, want Value) bool { return strings.HasSuffix(have.String, want.String) }
