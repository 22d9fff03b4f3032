// Package statetest is the promise of package state as tests: a store of state
// is one when it passes Run, and durable when it passes RunDurable.
package statetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/state"
)

// Open returns an empty store, which the test does not close.
type Open func(t *testing.T) state.Store

// Run tests the promise. Each test opens a store of its own.
func Run(t *testing.T, open Open) {
	run := func(sentence string, test func(h harness)) {
		t.Run(sentence, func(t *testing.T) { test(harness{t, open(t)}) })
	}
	run("What was put is got", putGet)
	run("A change names the version that it replaces", compareAndSet)
	run("A version is never used again", versionsRise)
	run("A deletion names its version too", deletion)
	run("A list has a prefix's items by key", list)
	run("Keys and values have limits", limits)
	run("Values belong to who has them", ownValues)
	run("A context that has ended ends every call", endedContext)
	run("Of many who change one item each step has one winner", contention)
	run("Random histories agree with a map", randomHistory)
}

type harness struct {
	*testing.T
	state.Store
}

func (h harness) put(key, value string, version uint64) uint64 {
	h.Helper()
	v, err := h.Put(context.Background(), key, []byte(value), version)
	if err != nil {
		h.Fatalf("put %q: %v", key, err)
	}
	return v
}

// want compares what stands under key; "" is nothing.
func (h harness) want(key, value string, version uint64) {
	h.Helper()
	got, err := h.Get(context.Background(), key)
	if value == "" {
		h.wantKind(err, roentgen.NotFound)
		return
	}
	if err != nil || got.Key != key || string(got.Value) != value || got.Version != version {
		h.Errorf("got %q = %q at version %d, %v; want %q at version %d", got.Key, got.Value, got.Version, err, value, version)
	}
}

func (h harness) wantKind(err error, want roentgen.ErrorKind) {
	h.Helper()
	if err == nil || roentgen.KindOf(err) != want {
		h.Errorf("error %v, want one of kind %s", err, want)
	}
}

func (h harness) wantConflict(key string, version uint64) {
	h.Helper()
	_, err := h.Put(context.Background(), key, []byte("intruder"), version)
	h.wantKind(err, roentgen.Conflict)
}

func (h harness) wantList(prefix string, keys ...string) {
	h.Helper()
	items, err := h.List(context.Background(), prefix)
	if err != nil {
		h.Fatalf("list %q: %v", prefix, err)
	}
	got := []string{}
	for _, item := range items {
		h.want(item.Key, string(item.Value), item.Version)
		got = append(got, item.Key)
	}
	if !slices.Equal(got, keys) {
		h.Errorf("list %q: %q, want %q", prefix, got, keys)
	}
}

func putGet(h harness) {
	h.want("rule/a", "", 0)
	v := h.put("rule/a", "first", 0)
	if v == 0 {
		h.Error("a version is above 0")
	}
	h.want("rule/a", "first", v)
	w := h.put("rule/a", "second", v)
	h.want("rule/a", "second", w)
	h.want("rule/b", "", 0)
}

func compareAndSet(h harness) {
	h.wantConflict("a", 7) // there is none to replace
	h.want("a", "", 0)
	v := h.put("a", "first", 0)
	h.wantConflict("a", 0) // there is one already
	h.wantConflict("a", v+1)
	w := h.put("a", "second", v)
	h.wantConflict("a", v) // somebody else was first
	h.want("a", "second", w)
}

func versionsRise(h harness) {
	last := uint64(0)
	for range 3 {
		version := uint64(0)
		for range 3 {
			version = h.put("a", "value", version)
			if version <= last {
				h.Errorf("version %d after %d", version, last)
			}
			last = version
		}
		if err := h.Delete(context.Background(), "a", version); err != nil {
			h.Fatalf("delete: %v", err)
		}
	}
}

func deletion(h harness) {
	ctx := context.Background()
	h.wantKind(h.Delete(ctx, "a", 0), roentgen.NotFound)
	v := h.put("a", "value", 0)
	h.wantKind(h.Delete(ctx, "a", v+1), roentgen.Conflict)
	h.wantKind(h.Delete(ctx, "a", 0), roentgen.Conflict)
	h.want("a", "value", v)
	if err := h.Delete(ctx, "a", v); err != nil {
		h.Errorf("delete: %v", err)
	}
	h.want("a", "", 0)
	h.wantList("")
	h.wantKind(h.Delete(ctx, "a", v), roentgen.NotFound)
	h.wantConflict("a", v) // the version of an item that is gone
}

func list(h harness) {
	h.wantList("")
	for _, key := range []string{"rule/b", "rule/a/x", "rule/a", "group/z", "ruler", "règle"} {
		h.put(key, "of "+key, 0)
	}
	h.wantList("", "group/z", "rule/a", "rule/a/x", "rule/b", "ruler", "règle")
	h.wantList("rule/", "rule/a", "rule/a/x", "rule/b")
	h.wantList("rule/a", "rule/a", "rule/a/x")
	h.wantList("rule/c")
}

func limits(h harness) {
	ctx := context.Background()
	for _, key := range []string{"", strings.Repeat("k", state.MaxKeyBytes+1), "a\nb", "a\x7f"} {
		_, err := h.Put(ctx, key, nil, 0)
		h.wantKind(err, roentgen.Invalid)
	}
	_, err := h.Put(ctx, "a", make([]byte, state.MaxValueBytes+1), 0)
	h.wantKind(err, roentgen.Invalid)
	h.wantList("")
	longest := strings.Repeat("k", state.MaxKeyBytes)
	v, err := h.Put(ctx, longest, bytes.Repeat([]byte("v"), state.MaxValueBytes), 0)
	if err != nil {
		h.Fatalf("put the largest item: %v", err)
	}
	h.want(longest, strings.Repeat("v", state.MaxValueBytes), v)
	empty, err := h.Put(ctx, "empty", nil, 0)
	if item, got := h.Get(ctx, "empty"); err != nil || got != nil || len(item.Value) != 0 || item.Version != empty {
		h.Errorf("an empty value: %v, %+v, %v", err, item, got)
	}
}

func ownValues(h harness) {
	value := []byte("value")
	v, err := h.Put(context.Background(), "a", value, 0)
	if err != nil {
		h.Fatal(err)
	}
	value[0] = 'X'
	got, err := h.Get(context.Background(), "a")
	if err != nil {
		h.Fatal(err)
	}
	got.Value[1] = 'X'
	items, err := h.List(context.Background(), "")
	if err != nil || len(items) != 1 {
		h.Fatal(items, err)
	}
	items[0].Value[2] = 'X'
	h.want("a", "value", v)
}

func endedContext(h harness) {
	v := h.put("a", "value", 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, get := h.Get(ctx, "a")
	_, list := h.List(ctx, "")
	_, put := h.Put(ctx, "a", nil, v)
	for call, err := range map[string]error{"get": get, "list": list, "put": put, "delete": h.Delete(ctx, "a", v)} {
		if !errors.Is(err, context.Canceled) {
			h.Errorf("%s: %v, want the error of the context", call, err)
		}
	}
	h.want("a", "value", v)
}

// contention counts with read and compare-and-set in several goroutines: a
// change that was lost would be missing in the sum.
func contention(h harness) {
	const workers, each = 4, 25
	h.put("count", "", 0)
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for range each {
				h.increment()
			}
		})
	}
	work.Wait()
	item, err := h.Get(context.Background(), "count")
	if err != nil || len(item.Value) != workers*each {
		h.Errorf("counted to %d, %v; want %d", len(item.Value), err, workers*each)
	}
}

// increment makes the value one byte longer.
func (h harness) increment() {
	for range 100_000 {
		item, err := h.Get(context.Background(), "count")
		if err != nil {
			h.Errorf("get: %v", err)
			return
		}
		switch _, err = h.Put(context.Background(), "count", append(item.Value, '+'), item.Version); {
		case err == nil:
			return
		case roentgen.KindOf(err) != roentgen.Conflict:
			h.Errorf("put: %v", err)
			return
		}
	}
	h.Error("never won")
}

func randomHistory(h harness) {
	r, m := rand.New(rand.NewPCG(1, 2)), model{}
	for range 400 {
		m.step(h, r)
	}
	m.check(h)
}

// model is what a store has to hold.
type model map[string]state.Item

// step makes one change that succeeds.
func (m model) step(h harness, r *rand.Rand) {
	h.Helper()
	key := fmt.Sprintf("key/%d", r.IntN(20))
	item, ok := m[key]
	if ok && r.IntN(3) == 0 {
		if err := h.Delete(context.Background(), key, item.Version); err != nil {
			h.Fatalf("delete %q: %v", key, err)
		}
		delete(m, key)
		return
	}
	value := strings.Repeat(fmt.Sprint(r.IntN(10)), 1+r.IntN(2000))
	m[key] = state.Item{Key: key, Value: []byte(value), Version: h.put(key, value, item.Version)}
}

func (m model) check(h harness) {
	h.Helper()
	var keys []string
	for key, item := range m {
		h.want(key, string(item.Value), item.Version)
		keys = append(keys, key)
	}
	slices.Sort(keys)
	h.wantList("", keys...)
}
