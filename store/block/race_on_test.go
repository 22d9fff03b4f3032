//go:build race

package block

// slower is how much fewer faults are tried under the race detector, which makes
// each several times as slow.
const slower = 6
