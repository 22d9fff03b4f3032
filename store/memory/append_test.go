package memory

import (
	"context"
	"errors"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// A call of several writes is not left half done by its context.
func TestAContextThatEndsAfterTheFirstWriteCountsNoMore(t *testing.T) {
	fs, c := vfs.NewFault(1), newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	writes := 0
	fs.SetPlan(func(call vfs.Call) vfs.Verdict {
		if call.Op == vfs.OpWrite && call.Bytes > 1<<20 {
			writes++
			cancel()
		}
		return vfs.Verdict{}
	})
	docs := make([]roentgen.Stored, 40)
	for i := range docs {
		docs[i] = c.doc(t, i, 1, padding(300_000))
	}
	if _, err := s.Append(ctx, docs); err != nil {
		t.Fatal(err)
	}
	if got := statsOf(t, s).Documents; got != len(docs) || writes < 3 {
		t.Errorf("%d documents of %d in %d writes", got, len(docs), writes)
	}
}

// While one call carries a document another one that repeats it waits, because
// it may yet come to nothing.
func TestARepeatedDocumentWaitsForTheCallThatCarriesIt(t *testing.T) {
	fs, c := vfs.NewFault(1), newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	reached, release := make(chan bool), make(chan bool)
	fs.SetPlan(func(call vfs.Call) vfs.Verdict {
		if call.Op != vfs.OpWrite || call.Bytes < 100 {
			return vfs.Verdict{}
		}
		reached <- true
		<-release
		return vfs.Verdict{Err: syscall.ENOSPC}
	})
	first := make(chan error)
	go func() {
		_, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, 1, 1, "")})
		first <- err
	}()
	<-reached
	ctx, cancel := context.WithCancel(context.Background())
	second := make(chan error)
	go func() {
		_, err := s.Append(ctx, []roentgen.Stored{c.doc(t, 2, 1, ""), c.doc(t, 1, 1, "")})
		second <- err
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("the second call: %v, want the error of its context", err)
	}
	release <- true
	if err := <-first; !errors.Is(err, applog.ErrNoSpace) {
		t.Errorf("the first call: %v", err)
	}
	fs.SetPlan(nil)
	wantTraces(t, s)
	got, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, 1, 1, "")})
	if err != nil || got[0] != roentgen.StoredNew {
		t.Errorf("once more: %v, %v", got, err)
	}
}

func TestAFailedLogSaysSo(t *testing.T) {
	fs, c := vfs.NewFault(1), newClock()
	s := mustOpen(t, fs, Options{Now: c.Now})
	mustAppend(t, s, c.doc(t, 1, 1, ""))
	if err := s.Err(); err != nil {
		t.Errorf("while all is well: %v", err)
	}
	fs.SetPlan(func(call vfs.Call) vfs.Verdict {
		if call.Op == vfs.OpSync {
			return vfs.Verdict{Err: syscall.EIO}
		}
		return vfs.Verdict{}
	})
	for range 2 { // a sync that failed is not tried again
		_, err := s.Append(context.Background(), []roentgen.Stored{c.doc(t, 2, 1, "")})
		if !errors.Is(err, applog.ErrFailed) || roentgen.KindOf(err) != roentgen.Internal {
			t.Errorf("append: %v", err)
		}
		fs.SetPlan(nil)
	}
	if err := s.Err(); !errors.Is(err, applog.ErrFailed) {
		t.Errorf("Err: %v", err)
	}
	wantTraces(t, s, 1) // what is durable can still be read
	mustClose(t, s)
	if err := s.Err(); roentgen.KindOf(err) != roentgen.Unavailable {
		t.Errorf("Err after Close: %v", err)
	}
}
