//go:build !linux

package spool

func bootID() [16]byte { return unknownBoot }
