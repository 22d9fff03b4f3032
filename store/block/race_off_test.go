//go:build !race

package block

// slower is 1 without the race detector: see race_on_test.go.
const slower = 1
