//go:build long

package spool

import "testing"

func TestNothingAppendedIsLostTo300SIGKILLs(t *testing.T) { killRounds(t, 300) }
