//go:build long

package graph

import "testing"

func TestALargeBoardGivesWhatTheTracesGive(t *testing.T) { testBoard(t, 40, 2000) }
