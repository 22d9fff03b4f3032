// Package state is the other promise: a small, versioned place for what
// people configure while the server runs (sampling rules, groups, insights,
// tags, policies). It owns the contract; state/statetest holds it as tests.
//
// It is not for trace data: values are small, changes are rare, and every
// change is durable before it is acknowledged.
package state

import (
	"context"
	"fmt"
	"strings"

	"github.com/roentgen/roentgen"
)

// Limits of a state store. Put refuses what is over them with kind Invalid.
const (
	MaxKeyBytes   = 512
	MaxValueBytes = 1 << 20
)

// Item is a value with the version that the next change of it must name.
// Versions of one key rise with every change and are never used again, also
// not after a deletion.
type Item struct {
	Key     string // path-like: "sampling-rule/Default"
	Value   []byte
	Version uint64 // above 0
}

// Store keeps items. It is safe for use by many goroutines. A value that is
// handed over is copied: the caller's stays the caller's, in both directions.
//
// An error of another kind than those below means that a change was not made,
// or, where it is of kind Internal, that it may come back when the store is
// opened again; read the item before repeating it. A ctx that has ended ends
// every call with its error.
type Store interface {
	// Get returns the item; an error of kind NotFound when there is none.
	Get(ctx context.Context, key string) (Item, error)

	// List returns the items whose keys begin with prefix, by key.
	List(ctx context.Context, prefix string) ([]Item, error)

	// Put sets the value and returns the new version once it is durable.
	// version must be that of the stored item, or 0 to create one; otherwise
	// an error of kind Conflict and nothing changes.
	Put(ctx context.Context, key string, value []byte, version uint64) (uint64, error)

	// Delete removes the item once that is durable; version must be that of
	// the stored item, and there is an error of kind NotFound when there is
	// none.
	Delete(ctx context.Context, key string, version uint64) error
}

// CheckKey returns an error of kind Invalid when key is not one a store takes:
// empty, over MaxKeyBytes, with control characters.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKeyBytes {
		return roentgen.Invalidf("state key has %d bytes; 1 to %d are allowed", len(key), MaxKeyBytes)
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return roentgen.Invalidf("state key %q has a control character", key)
	}
	return nil
}

// CheckValue returns an error of kind Invalid when value is over MaxValueBytes.
func CheckValue(key string, value []byte) error {
	if len(value) > MaxValueBytes {
		return roentgen.Invalidf("value of state key %s has %d bytes; at most %d are allowed", fmt.Sprintf("%q", key), len(value), MaxValueBytes)
	}
	return nil
}
