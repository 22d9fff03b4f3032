//go:build !linux

package agent

// LoosenTimers does nothing: this kernel has no such thing.
func LoosenTimers() error { return nil }
