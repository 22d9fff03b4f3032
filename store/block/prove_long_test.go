//go:build long

package block

import (
	"fmt"
	"testing"

	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// TestPromiseWithEverythingInBlocks flushes after every call.
func TestPromiseWithEverythingInBlocks(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return newMoving(t, 1) }, storetest.Caps{})
}

func TestDurabilityOfBlocksAtReallyEveryCall(t *testing.T) { durabilityOfBlocks(t, 1) }

func TestDamageInManyPlaces(t *testing.T) { damageAnywhere(t, 1000) }

func TestAnErrorAtReallyEveryCall(t *testing.T) { errorAtEveryCall(t, 1) }

func TestManyRandomLives(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { randomLives(t, 1000+seed, 300) })
	}
}

func TestNothingAcknowledgedIsLostTo1000SIGKILLs(t *testing.T) { killRounds(t, 1000) }
