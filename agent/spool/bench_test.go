package spool

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// BenchmarkAppend has goals: 0.4 µs of the writer for a document of 2.2 kB,
// with a consumer that keeps up.
func BenchmarkAppend(b *testing.B) {
	for name, dir := range map[string]bool{"disk": true, "memory": false} {
		b.Run(name, func(b *testing.B) {
			opt := Options{}
			if dir {
				opt.Dir = b.TempDir()
			}
			s, err := Open(opt)
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for {
					cut, err := s.Next(ctx, Limit{Documents: 256, Bytes: 1 << 20, Age: 50 * time.Millisecond})
					if err != nil {
						return
					}
					_ = s.Done(cut.Seq)
				}
			}()
			doc := bytes.Repeat([]byte(`{"name":"x"},`), 170)
			keep := roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%256 == 0 {
					b.StopTimer()
					for s.Stats().Documents > 4096 {
						runtime.Gosched()
					}
					b.StartTimer()
				}
				if !s.Append(doc, keep) {
					b.Fatal("no room")
				}
			}
			cancel()
			<-ended
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
