//go:build long

package applog

import "testing"

func TestNothingAcknowledgedIsLostTo200SIGKILLs(t *testing.T) { killRounds(t, 200) }
