package applog

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// BenchmarkAppend appends records of 2 kB to a real disk. fsyncs/op says how
// well calls share them.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l, err := Open(vfs.OS{}, b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer mustClose(b, l)
			b.SetBytes(2048)
			b.ReportAllocs()
			b.ResetTimer()
			appendFrom(b, l, callers)
			b.StopTimer()
			b.ReportMetric(float64(l.Stats().Syncs)/float64(b.N), "fsyncs/op")
		})
	}
}

// appendFrom shares b.N calls among callers.
func appendFrom(b *testing.B, l *Log, callers int) {
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			payload := make([]byte, 2048)
			for i := c; i < b.N; i += callers {
				if _, err := l.Append(context.Background(), Record{Kind: 1, Payload: payload}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkReplay reads 32 MB in records of 2 kB, checksums verified.
func BenchmarkReplay(b *testing.B) {
	l, err := Open(vfs.OS{}, b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer mustClose(b, l)
	batch := make([]Record, 1024)
	for i := range batch {
		batch[i] = Record{Kind: 1, Payload: make([]byte, 2048)}
	}
	for range 16 {
		if _, err := l.Append(context.Background(), batch...); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(32 << 20)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := l.Replay(Position{}, func(Position, byte, []byte) error { n++; return nil }); err != nil || n != 16*1024 {
			b.Fatal(n, err)
		}
	}
}
