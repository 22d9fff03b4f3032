//go:build long

package block

import (
	"fmt"
	"testing"
)

func TestManyRandomLives(t *testing.T) {
	for seed := range uint64(500) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { randomLives(t, 1000+seed, 300) })
	}
}

func TestNothingAcknowledgedIsLostTo1000SIGKILLs(t *testing.T) { killRounds(t, 1000) }
