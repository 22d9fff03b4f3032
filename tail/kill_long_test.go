//go:build long

package tail

import "testing"

func TestNothingThatWasOfferedIsLostToSIGKILLManyTimes(t *testing.T) { killRounds(t, 300) }
