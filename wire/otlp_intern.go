package wire

import (
	"encoding/binary"
	"math/bits"
)

// keyTable holds keys of annotations that came by lately. Documents share them:
// what is one piece of memory is compared and found in the processor's cache
// sooner than a copy in each document, and need not be checked again.
type keyTable [1 << keyTableBits]string

const keyTableBits = 10

// intern returns the key, in memory of its own; empty where it is none that
// AnnotationKey takes.
func (t *keyTable) intern(key []byte) string {
	at := &t[keySlot(key)]
	if *at == string(key) {
		return *at
	}
	if !AnnotationKey(key) {
		return ""
	}
	*at = string(key)
	return *at
}

// keySlot makes a place in a keyTable of a key's length and of how it begins
// and ends.
func keySlot(key []byte) uint64 {
	var head, tail uint64
	if n := len(key); n >= 8 {
		head, tail = binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[n-8:])
	} else {
		for _, c := range key {
			head = head<<8 | uint64(c)
		}
	}
	return (head ^ bits.RotateLeft64(tail, 29) + uint64(len(key))) * 0x9e3779b97f4a7c15 >> (64 - keyTableBits)
}
