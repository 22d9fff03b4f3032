package block

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// TestRandomLives holds random histories, with random options for each life,
// against the model: restarts, kills, power cuts, flushes, compactions and
// evictions between, and nothing of it is to be seen.
func TestRandomLives(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			randomLives(t, seed, 130)
		})
	}
}

func randomLives(t *testing.T, seed uint64, steps int) {
	fs, r := vfs.NewFault(seed), rand.New(rand.NewPCG(seed, 5))
	storetest.Walk{
		Steps: steps,
		Open: func(c *storetest.Clock) (store.Store, error) {
			opt := randomOptions(r)
			opt.Now = c.Now
			s, found, err := Open(fs, dataDir, opt)
			if err != nil {
				return nil, fmt.Errorf("%+v: %w", opt, err)
			}
			if len(found.Spoilt)+len(found.Foreign)+found.Unreadable > 0 {
				t.Errorf("found %+v", found)
			}
			return s, nil
		},
		End: map[string]func(store.Store){
			"restart": func(s store.Store) {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			},
			"kill": func(s store.Store) {
				fs.Kill()
				_ = s.Close() // of a dead process: whatever it says
			},
			"cut the power": func(s store.Store) {
				fs.Writeback()
				fs.Crash(vfs.LoseSome)
				_ = s.Close() // as above
			},
		},
		Keep: map[string]func(context.Context, store.Store) error{
			"flush":       func(ctx context.Context, s store.Store) error { return s.(*Store).Flush(ctx) },
			"flush some":  flushSome(r),
			"compact":     func(ctx context.Context, s store.Store) error { return s.(*Store).Compact(ctx) },
			"compact one": func(ctx context.Context, s store.Store) error { return s.(*Store).compactOne(ctx, false) },
			"maintain":    func(ctx context.Context, s store.Store) error { return s.(*Store).Maintain(ctx) },
		},
		Check: func(t *testing.T, s store.Store) { wantInOrder(t, s.(*Store)) },
	}.Run(t, seed)
}

// flushSome writes a part of the head away, as the keeper does under load.
func flushSome(r *rand.Rand) func(context.Context, store.Store) error {
	return func(ctx context.Context, st store.Store) error {
		s := st.(*Store)
		s.house.Lock()
		defer s.house.Unlock()
		return s.flush(ctx, 1+r.Int64N(max(1, s.headBytes())))
	}
}

// randomOptions draws from what somebody might set, and beyond.
func randomOptions(r *rand.Rand) Options {
	pick := func(from ...int64) int64 { return from[r.IntN(len(from))] }
	return Options{
		MaxTraceBytes: storetest.TraceBytes, Manual: r.IntN(3) > 0, Shards: 1 + r.IntN(3),
		HeadBytes: pick(1, 3_000, 20_000, 1<<20, 24<<20), CacheBytes: pick(1, 10_000, 32<<20), GraphBytes: pick(1, 5_000, 16<<20),
		FlushAge: time.Duration(pick(1, int64(time.Millisecond), int64(time.Hour))), FlushIdle: time.Duration(pick(1, int64(time.Second))),
	}
}
