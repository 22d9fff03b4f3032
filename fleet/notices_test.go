package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

func read(t *testing.T, f *Fleet, agent int, after uint64, limit int) Page {
	t.Helper()
	page, err := f.Notices(t.Context(), name(agent), after, 0, limit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestEachAgentReadsWhatOthersAnnounced(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{})
	mustCommit(t, f, 1, 1, 1, 0, notices(0, 3), nil)
	mustCommit(t, f, 2, 1, 1, 0, []wire.Notice{{Trace: trace(50), Reason: "slow"}}, nil)
	for life := range 2 {
		first := read(t, f, 2, 0, 2)
		if len(first.Notices) != 2 || first.Notices[0].Trace != trace(0) || first.Next != first.Oldest+1 {
			t.Fatalf("life %d: %+v", life, first)
		}
		rest := read(t, f, 2, first.Next, 10)
		if len(rest.Notices) != 1 || rest.Notices[0] != (wire.Notice{Trace: trace(2), Reason: "error"}) || rest.Next != first.Oldest+3 {
			t.Fatalf("life %d: %+v", life, rest)
		}
		if end := read(t, f, 2, rest.Next, 10); len(end.Notices) != 0 || end.Next != rest.Next || end.Oldest != first.Oldest {
			t.Fatalf("life %d: at the end %+v", life, end)
		}
		if other := read(t, f, 1, 0, 10); len(other.Notices) != 1 || other.Notices[0].Reason != "slow" || other.Next != rest.Next {
			t.Fatalf("life %d: the other reads %+v", life, other)
		}
		fs.Kill()
		f.Close()
		f = mustOpen(t, fs, Options{})
	}
}

// TestAServerWithoutNoticesBeginsWhereItDid restarts one that nothing was
// announced to: who has asked before has missed nothing.
func TestAServerWithoutNoticesBeginsWhereItDid(t *testing.T) {
	fs, c := vfs.NewFault(1), &clock{start}
	f := mustOpen(t, fs, Options{Now: c.now})
	before := read(t, f, 2, 0, 10)
	fs.Kill()
	f.Close()
	c.Time = c.Add(3 * time.Hour)
	f = mustOpen(t, fs, Options{Now: c.now})
	mustCommit(t, f, 1, 1, 1, 0, notices(0, 2), nil)
	after := read(t, f, 2, before.Next, 10)
	if len(after.Notices) != 2 || after.Oldest > before.Next+1 {
		t.Errorf("before %+v, after %+v: the first number is beyond what was asked for", before, after)
	}
}

func TestTheSameTraceIsNotAnnouncedTwiceWithinAMinute(t *testing.T) {
	c := &clock{start}
	f := mustOpen(t, vfs.NewFault(1), Options{Now: c.now})
	mustCommit(t, f, 1, 1, 1, 0, append(notices(0, 3), notices(0, 3)...), nil)
	mustCommit(t, f, 2, 1, 1, 0, notices(2, 4), nil)
	mustCommit(t, f, 1, 1, 1, 0, notices(0, 5), nil) // the batch again, with more
	if page := read(t, f, 9, 0, 100); len(page.Notices) != 5 {
		t.Errorf("%d notices, want 5", len(page.Notices))
	}
	c.Time = c.Add(61 * time.Second)
	mustCommit(t, f, 2, 1, 2, 0, notices(0, 1), nil)
	if page := read(t, f, 9, 0, 100); len(page.Notices) != 6 {
		t.Errorf("%d notices, want 6: an agent that forgot has to be told again", len(page.Notices))
	}
}

func TestNoticesAreBoundedByNumberAndAge(t *testing.T) {
	c, fs := &clock{start}, vfs.NewFault(1)
	opt := Options{Now: c.now, MaxNotices: 10_000, noticeFileBytes: 64 << 10}
	f := mustOpen(t, fs, opt)
	first := read(t, f, 9, 0, 1).Oldest
	for i := range 20 {
		mustCommit(t, f, 1, 1, uint64(i+1), 0, notices(1000*i, 1000*i+1000), nil)
	}
	page := read(t, f, 9, first, 50_000)
	if n := len(page.Notices); n > 10_000 || n < 10_000-blockNotices || page.Oldest <= first+1 || page.Next != first+19_999 {
		t.Errorf("%d held, oldest %d, next %d, first %d", n, page.Oldest-first, page.Next-first, first)
	}
	if n := len(f.notices.log.Files()); n > 4 {
		t.Errorf("%d files", n)
	}
	c.Time = c.Add(time.Hour + time.Minute)
	mustCommit(t, f, 1, 1, 21, 0, notices(50_000, 50_001), nil)
	for life := range 2 {
		if page := read(t, f, 9, 0, 50_000); len(page.Notices) != 1 || page.Next != first+20_000 {
			t.Errorf("life %d: %d notices, next %d", life, len(page.Notices), page.Next-first)
		}
		fs.Crash(vfs.LoseAll)
		f.Close()
		f = mustOpen(t, fs, opt)
	}
	c.Time = c.Add(2 * time.Hour)
	f.Close()
	f = mustOpen(t, fs, opt) // all too old: the numbers go on all the same
	if page := read(t, f, 9, 0, 10); len(page.Notices) != 0 || page.Next != first+20_000 || page.Oldest != page.Next+1 {
		t.Errorf("%+v, first %d", page, first)
	}
}

func TestABookThatWasLostGoesOnWithGreaterNumbers(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	mustCommit(t, f, 1, 1, 1, 0, notices(0, 500), nil)
	cursor := read(t, f, 9, 0, 1000).Next
	again := mustOpen(t, vfs.NewFault(2), Options{Now: (&clock{start.Add(time.Second)}).now})
	mustCommit(t, again, 1, 1, 1, 0, notices(0, 3), nil)
	if page := read(t, again, 9, cursor, 1000); len(page.Notices) != 3 || page.Oldest <= cursor+1 {
		t.Errorf("cursor %d: %+v; want a gap and all three", cursor, page)
	}
	if page := read(t, again, 9, 1<<62, 1000); len(page.Notices) != 3 || page.Next >= 1<<62 {
		t.Errorf("a cursor of nowhere: %+v", page)
	}
}

func TestAPollWaitsForOthersAndGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := mustOpen(t, vfs.NewFault(1), Options{Now: time.Now})
		defer f.Close()
		began := time.Now()
		var wg sync.WaitGroup
		var page Page
		wg.Go(func() {
			var err error
			if page, err = f.Notices(t.Context(), name(1), 0, 25*time.Second, 100); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(5 * time.Second)
		mustCommit(t, f, 1, 1, 1, 0, notices(0, 5), nil) // its own do not end the wait
		time.Sleep(5 * time.Second)
		mustCommit(t, f, 2, 1, 1, 0, notices(10, 12), nil)
		time.Sleep(100 * time.Millisecond)
		mustCommit(t, f, 2, 1, 2, 0, notices(12, 15), nil)
		wg.Wait()
		if took := time.Since(began); took != 10*time.Second+200*time.Millisecond || len(page.Notices) != 5 {
			t.Errorf("%d notices after %s", len(page.Notices), took)
		}
	})
}

func TestAPollEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := mustOpen(t, vfs.NewFault(1), Options{Now: time.Now})
		defer f.Close()
		began := time.Now()
		page, err := f.Notices(t.Context(), name(1), 0, 25*time.Second, 100)
		if err != nil || len(page.Notices) != 0 || time.Since(began) != 25*time.Second {
			t.Errorf("after its wait: %+v, %v, %s", page, err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.Notices(ctx, name(1), 0, 25*time.Second, 100); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with its context: %v", err)
		}
		mustCommit(t, f, 2, 1, 1, 0, notices(0, 5), nil)
		began = time.Now()
		if page, err := f.Notices(t.Context(), name(1), 0, 25*time.Second, 5); err != nil || len(page.Notices) != 5 || time.Since(began) != 0 {
			t.Errorf("a full page waits for nothing: %v, %s", err, time.Since(began))
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := f.Notices(t.Context(), name(1), page.Next+5, 25*time.Second, 100); roentgen.KindOf(err) != roentgen.Unavailable {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		began = time.Now()
		f.EndPolls()
		wg.Wait()
		if time.Since(began) != 0 {
			t.Errorf("a server that stops waits %s for polls", time.Since(began))
		}
	})
}

func TestManyReasonsAreToldApart(t *testing.T) {
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, Options{})
	var list []wire.Notice
	for i := range 9000 {
		list = append(list, wire.Notice{Trace: trace(i), Reason: fmt.Sprintf("trigger %d", i%700)})
	}
	mustCommit(t, f, 1, 1, 1, 0, list, nil)
	fs.Crash(vfs.LoseAll)
	f.Close()
	f = mustOpen(t, fs, Options{})
	page := read(t, f, 2, 0, 10_000)
	if len(page.Notices) != len(list) {
		t.Fatalf("%d notices of %d", len(page.Notices), len(list))
	}
	for i := range list {
		if page.Notices[i] != list[i] {
			t.Fatalf("notice %d: %+v, want %+v", i, page.Notices[i], list[i])
		}
	}
}

func FuzzReadNoticeRecord(f *testing.F) {
	f.Add(appendNoticeRecord(nil, 7, start, fromAgent{name(1), append(notices(0, 2), wire.Notice{Trace: roentgen.TraceID{9}, Reason: "slow"})}))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, at, p, err := readNoticeRecord(b)
		if err != nil {
			return
		}
		f2, at2, p2, err := readNoticeRecord(appendNoticeRecord(nil, first, at, p))
		if err != nil || f2 != first || !at2.Equal(at) || p2.agent != p.agent || len(p2.notices) != len(p.notices) {
			t.Fatalf("read %d %v %+v, then %d %v %+v, %v", first, at, p, f2, at2, p2, err)
		}
	})
}

func FuzzBook(f *testing.F) {
	f.Add([]byte(`{"agent":"a","epoch":1,"seq":3,"documents":2,"outcomes":{"stored":2},"statement":{}}`), []byte(`{"version":1,"agents":1}`), []byte(`{"agent":"b","epochs":[{"id":1,"window":[{"seq":1}],"gaps":[{"from":3,"to":1}]}]}`))
	f.Fuzz(func(t *testing.T, batch, begin, agent []byte) {
		r := bookReader{agents: map[string]*known{}}
		for _, rec := range []struct {
			kind    byte
			payload []byte
		}{{kindBatch, batch}, {kindBegin, begin}, {kindAgent, agent}, {kindEnd, nil}, {kindBatch, batch}, {kindBatch, batch}, {9, nil}} {
			_ = r.record(rec.kind, rec.payload)
		}
		for _, a := range r.agents {
			v := a.view(start)
			v.Balance()
		}
	})
}

// known is agent where that word is taken.
type known = agent
