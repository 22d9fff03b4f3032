package filter

import "strings"

// contains is CONTAINS, of texts. Every text contains "", so that CONTAINS "" asks whether there is one. A star is a
// star.
func contains(have, want Value) bool { return strings.Contains(have.String, want.String) }
