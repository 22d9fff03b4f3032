package memory

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/state"
)

// State keeps the promise of state.Store in a map, with a log under it. It is
// safe for use by many goroutines.
type State struct {
	log *applog.Log // nil: nothing is durable

	// change is held by one change at a time, from its check until it is
	// durable and in the map, so that the log has the order of the versions.
	// It is taken before mu and guards last, live and logged.
	change sync.Mutex
	last   uint64 // the highest version ever given
	live   int64  // bytes of the records that make items
	logged int64  // bytes of all records in the log

	mu struct {
		sync.RWMutex
		items  map[string]state.Item
		closed bool
	}
}

var _ state.Store = (*State)(nil)

// NewState returns an empty State that forgets everything when the process
// ends.
func NewState() *State {
	s := &State{}
	s.mu.items = map[string]state.Item{}
	return s
}

// Get returns the item.
func (s *State) Get(ctx context.Context, key string) (state.Item, error) {
	if err := ctx.Err(); err != nil {
		return state.Item{}, err
	}
	item, ok, err := s.item(key)
	if err == nil && !ok {
		err = roentgen.NotFoundf("there is no %q", key)
	}
	if err != nil {
		return state.Item{}, err
	}
	return handOut(item), nil
}

// item returns what stands in the map, or false.
func (s *State) item(key string) (state.Item, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return state.Item{}, false, errClosed
	}
	item, ok := s.mu.items[key]
	return item, ok, nil
}

// handOut gives the caller a value of its own.
func handOut(item state.Item) state.Item {
	item.Value = slices.Clone(item.Value)
	return item
}

// List returns the items whose keys begin with prefix.
func (s *State) List(ctx context.Context, prefix string) ([]state.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.mu.closed {
		return nil, errClosed
	}
	out := []state.Item{}
	for key, item := range s.mu.items {
		if strings.HasPrefix(key, prefix) {
			out = append(out, handOut(item))
		}
	}
	slices.SortFunc(out, func(a, b state.Item) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// Put sets the value.
func (s *State) Put(ctx context.Context, key string, value []byte, version uint64) (uint64, error) {
	if err := state.CheckKey(key); err != nil {
		return 0, err
	}
	if err := state.CheckValue(key, value); err != nil {
		return 0, err
	}
	s.change.Lock()
	defer s.change.Unlock()
	now, _, err := s.item(key)
	switch {
	case err != nil:
		return 0, err
	case now.Version != version:
		return 0, conflict(key, now.Version, version)
	}
	item := state.Item{Key: key, Value: append([]byte{}, value...), Version: s.last + 1}
	if err := s.commit(ctx, kindPut, item); err != nil {
		return 0, err
	}
	return item.Version, nil
}

// Delete removes the item. The deletion takes a version of its own, so that
// none is given twice.
func (s *State) Delete(ctx context.Context, key string, version uint64) error {
	s.change.Lock()
	defer s.change.Unlock()
	now, ok, err := s.item(key)
	switch {
	case err != nil:
		return err
	case !ok:
		return roentgen.NotFoundf("there is no %q", key)
	case now.Version != version:
		return conflict(key, now.Version, version)
	}
	return s.commit(ctx, kindDelete, state.Item{Key: key, Version: s.last + 1})
}

func conflict(key string, has, named uint64) error {
	return roentgen.Conflictf("%q has version %d, not %d; read it again and repeat the change", key, has, named)
}

// Close refuses new calls, waits for the change under way and releases the
// files. A second Close returns nil.
func (s *State) Close() error {
	s.change.Lock()
	defer s.change.Unlock()
	if s.shut() || s.log == nil {
		return nil
	}
	return s.log.Close()
}

// shut marks the state closed and reports whether it was already.
func (s *State) shut() (already bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	already, s.mu.closed = s.mu.closed, true
	return already
}
