package spool

import (
	"crypto/sha256"
	"os"
)

// bootID names this run of the kernel, so that a start after the machine went
// down unforeseen is known: mapped pages may have been lost then.
func bootID() [16]byte {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return unknownBoot
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}
