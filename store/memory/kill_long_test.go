//go:build long

package memory

import "testing"

func TestNothingAcknowledgedIsLostTo60SIGKILLs(t *testing.T) { killRounds(t, 60) }
