package blockfile

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

func get(c *Cache, file uint64, size int64, loads *int) (string, error) {
	return cached(c, key{file, kindIndex}, func() (string, int64, error) {
		*loads++
		return fmt.Sprint(file), size, nil
	})
}

func TestTheCacheForgetsWhatWasUsedLeastRecently(t *testing.T) {
	c, loads := NewCache(100), 0
	want := func(file uint64, expected int) {
		t.Helper()
		before := loads
		if v, err := get(c, file, 40, &loads); v != fmt.Sprint(file) || err != nil {
			t.Fatalf("file %d: %q, %v", file, v, err)
		}
		if loads-before != expected {
			t.Errorf("file %d was loaded %d times, want %d", file, loads-before, expected)
		}
	}
	want(1, 1)
	want(2, 1)
	want(1, 0)
	want(3, 1) // in place of 2
	want(1, 0)
	want(2, 1) // in place of 3
	want(3, 1)
	if s := c.Stats(); s.Bytes != 80 || s.Entries != 2 || s.Hits != 2 || s.Misses != 5 || s.Evictions != 3 {
		t.Errorf("%+v", s)
	}
	c.forget(3)
	c.forget(3)
	if s := c.Stats(); s.Bytes != 40 || s.Entries != 1 {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsLargerThanTheCacheIsHandedOutAndNotKept(t *testing.T) {
	c, loads := NewCache(100), 0
	for range 2 {
		if v, err := get(c, 1, 101, &loads); v != "1" || err != nil {
			t.Error(v, err)
		}
	}
	if s := c.Stats(); loads != 2 || s.Bytes != 0 || s.Entries != 0 {
		t.Errorf("%d loads, %+v", loads, s)
	}
}

func TestAnErrorOfLoadingIsNotKept(t *testing.T) {
	c, loads := NewCache(100), 0
	bad := errors.New("bad")
	if _, err := cached(c, key{1, kindIndex}, func() (string, int64, error) { return "", 0, bad }); err != bad {
		t.Error(err)
	}
	if v, err := get(c, 1, 1, &loads); v != "1" || err != nil {
		t.Error(v, err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = cached(c, key{2, kindIndex}, func() (string, int64, error) { panic("while it loads") })
	}()
	if v, err := get(c, 2, 1, &loads); v != "2" || err != nil {
		t.Error(v, err)
	}
}

func TestManyWhoMissAtOnceLoadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, loads := NewCache(100), atomic.Int32{}
		gate := make(chan struct{})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				v, err := cached(c, key{1, kindIndex}, func() (int, int64, error) {
					<-gate
					return int(loads.Add(1)), 10, nil
				})
				if v != 1 || err != nil {
					t.Error(v, err)
				}
			})
		}
		synctest.Wait()
		// Nobody holds a lock meanwhile.
		none := 0
		if v, err := get(c, 2, 10, &none); v != "2" || err != nil {
			t.Error(v, err)
		}
		c.forget(1) // what is being loaded reaches those who wait, and nobody else
		close(gate)
		wg.Wait()
		if s := c.Stats(); s.Entries != 1 || s.Bytes != 10 {
			t.Errorf("%+v", s)
		}
	})
}

func TestManyBlocksNeedFewOpenFiles(t *testing.T) {
	fs, text := vfs.NewFault(1), small(t)
	cache := newCache(1<<20, 4)
	var open []*container
	for i := range 50 {
		path := fmt.Sprint("block-", i)
		fs.WriteFile(path, text)
		c, err := openContainer(fs, path, cache, nil)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 200 {
				if err := open[(n*31+i*7)%len(open)].readAll(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s := cache.Stats(); s.OpenFiles != 4 || s.Opens < 50 {
		t.Errorf("%+v", s)
	}
	for _, c := range open {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}
	if s := cache.Stats(); s.OpenFiles != 0 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAClosedBlockSaysSo(t *testing.T) {
	c, _, err := openText(t, small(t))
	if err != nil {
		t.Fatal(err)
	}
	err = c.with(func(f vfs.File) error {
		if err := c.close(); err != nil {
			t.Error(err)
		}
		// Who reads meanwhile reads on.
		b := make([]byte, 8)
		if _, err := f.ReadAt(b, 0); err != nil || !bytes.Equal(b, []byte(headerMagic)) {
			t.Errorf("%q, %v", b, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, _, err := c.part(kindDict); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if s := c.cache.Stats(); s.OpenFiles != 0 {
		t.Errorf("%+v", s)
	}
}
