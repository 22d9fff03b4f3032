package applog

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

func TestWhatIsAppendedIsReplayedInOrderAlsoAfterReopening(t *testing.T) {
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{})
	first := mustAppend(t, l, "one", "", "three")
	second := mustAppend(t, l, "four")
	if want := first.After(3).After(0).After(5); second != want {
		t.Errorf("second call at %s, want %s", second, want)
	}
	wantRecords(t, l, "one", "", "three", "four")
	mustClose(t, l)

	l = mustOpen(t, fs, Options{})
	if r := l.Recovery(); r.DroppedBytes != 0 || r.Damage != nil {
		t.Errorf("recovery after a clean close: %+v", r)
	}
	if l.End() != second.After(4) {
		t.Errorf("end at %s, want %s", l.End(), second.After(4))
	}
	mustAppend(t, l, "five")
	wantRecords(t, l, "one", "", "three", "four", "five")
}

func TestReplayBeginsAtAPositionAndStopsAtAnError(t *testing.T) {
	l := mustOpen(t, vfs.NewFault(1), Options{})
	mustAppend(t, l, "one")
	from := mustAppend(t, l, "two")
	mustAppend(t, l, "three")
	var got []string
	stop := errors.New("enough")
	_, err := l.Replay(from, func(_ Position, kind byte, payload []byte) error {
		if kind != 7 {
			t.Errorf("kind %d, want 7", kind)
		}
		got = append(got, string(payload))
		if len(got) == 2 {
			return stop
		}
		return nil
	})
	wantError(t, err, stop)
	wantEqual(t, got, []string{"two", "three"})
}

func TestFilesRotateAndAreDropped(t *testing.T) {
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{SegmentBytes: 4096, Now: steadyClock()})
	big := strings.Repeat("x", 3000)
	mustAppend(t, l, big)
	second := mustAppend(t, l, big)
	mustAppend(t, l, big, big) // more than a file holds: gets one of its own
	files := l.Files()
	if len(files) != 3 || files[2].Records != 2 || files[2].Bytes != headerSize+2*FrameBytes(3000) {
		t.Fatalf("files: %+v", files)
	}
	if f := files[0]; !f.Created.After(aDay) || !f.Last.After(f.Created) || !files[1].Created.After(f.Last) {
		t.Errorf("times: %+v", files)
	}
	if err := l.DropBefore(second.File); err != nil {
		t.Fatal(err)
	}
	if got, _ := replayed(t, l); len(got) != 3 {
		t.Errorf("%d records after the drop, want 3", len(got))
	}
	_, _, err := l.Read(Position{1, headerSize}, nil)
	wantError(t, err, ErrDropped)

	at, err := l.Rotate(context.Background())
	if err != nil || at != (Position{4, headerSize}) {
		t.Fatalf("rotate: %s, %v", at, err)
	}
	if again, err := l.Rotate(context.Background()); err != nil || again != at {
		t.Errorf("rotating an empty file: %s, %v", again, err)
	}
	if err := l.DropBefore(99); err != nil {
		t.Fatal(err)
	}
	fs.Crash(vfs.LoseAll)
	l.Close()
	l = mustOpen(t, fs, Options{SegmentBytes: 4096})
	if at := mustAppend(t, l, "next"); at.File != 4 {
		t.Errorf("appended to file %d, want 4: numbers are never given twice", at.File)
	}
	wantRecords(t, l, "next")
}

func TestLimitsAreNamed(t *testing.T) {
	l := mustOpen(t, vfs.NewFault(1), Options{MaxRecordBytes: 100, MaxBatchBytes: 300})
	ctx := context.Background()
	_, err := l.Append(ctx)
	wantError(t, err, ErrEmpty)
	_, err = l.Append(ctx, Record{Kind: 0})
	wantError(t, err, ErrKind)
	_, err = l.Append(ctx, records(strings.Repeat("x", 101))...)
	wantError(t, err, ErrTooLarge)
	p := strings.Repeat("x", 100)
	_, err = l.Append(ctx, records(p, p, p)...)
	wantError(t, err, ErrTooLarge)
	mustAppend(t, l, p, p)
	wantRecords(t, l, p, p)
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for _, opt := range []Options{
		{SegmentBytes: 1}, {SegmentBytes: -1}, {MaxRecordBytes: -1}, {MaxRecordBytes: maxPayload + 1},
		{MaxRecordBytes: 100, MaxBatchBytes: 100}, {Queue: -1},
	} {
		if l, err := Open(vfs.NewFault(1), testDir, opt); err == nil {
			t.Errorf("%+v was accepted", opt)
			l.Close()
		}
	}
}

func TestAClosedLogSaysSo(t *testing.T) {
	l := mustOpen(t, vfs.NewFault(1), Options{})
	at := mustAppend(t, l, "one")
	mustClose(t, l)
	mustClose(t, l)
	_, err := l.Append(context.Background(), records("two")...)
	wantError(t, err, ErrClosed)
	_, err = l.Rotate(context.Background())
	wantError(t, err, ErrClosed)
	wantError(t, l.DropBefore(1), ErrClosed)
	_, _, err = l.Read(at, nil)
	wantError(t, err, ErrClosed)
	_, err = l.Replay(Position{}, nil)
	wantError(t, err, ErrClosed)
}

func TestADirectoryIsOpenOnce(t *testing.T) {
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{})
	_, err := Open(fs, testDir, Options{})
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), "in use by pid") {
		t.Errorf("second open: %v", err)
	}
	mustClose(t, l)
	mustOpen(t, fs, Options{})
}

func TestAReadOnlyDirectoryIsNamed(t *testing.T) {
	for _, cause := range []error{syscall.EROFS, syscall.EACCES} {
		fs := vfs.NewFault(1)
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			if c.Op == vfs.OpLock {
				return vfs.Verdict{Err: cause}
			}
			return vfs.Verdict{}
		})
		_, err := Open(fs, testDir, Options{})
		wantError(t, err, ErrReadOnly)
		wantError(t, err, cause)
	}
}

func TestReadAtAWrongPositionIsAnError(t *testing.T) {
	l := mustOpen(t, vfs.NewFault(1), Options{})
	if _, _, err := l.Read(Position{1, headerSize}, nil); err == nil {
		t.Error("read from an empty log")
	}
	at := mustAppend(t, l, "one", "two")
	for _, pos := range []Position{{}, {1, 0}, {1, at.Offset + 1}, {2, headerSize}, at.After(3).After(3)} {
		if _, _, err := l.Read(pos, nil); err == nil {
			t.Errorf("Read(%s) found a record", pos)
		}
	}
}

func TestAClockSetBackDoesNoHarm(t *testing.T) {
	now := aDay
	fs := vfs.NewFault(1)
	l := mustOpen(t, fs, Options{Now: func() time.Time { return now }})
	mustAppend(t, l, "one")
	now = aDay.Add(-time.Hour)
	mustAppend(t, l, "two")
	if f := l.Files()[0]; !f.Last.Equal(aDay) {
		t.Errorf("last record at %s, want %s", f.Last, aDay)
	}
	wantRecords(t, l, "one", "two")
}

func TestPositionsCompare(t *testing.T) {
	for _, c := range []struct {
		p, q Position
		want int
	}{
		{Position{1, 9}, Position{2, 3}, -1}, {Position{2, 3}, Position{1, 9}, 1},
		{Position{2, 3}, Position{2, 4}, -1}, {Position{2, 3}, Position{2, 3}, 0},
	} {
		if got := c.p.Compare(c.q); got != c.want {
			t.Errorf("%s compared to %s is %d, want %d", c.p, c.q, got, c.want)
		}
	}
	if s := (Position{3, 4096}).String(); s != "00000003:4096" {
		t.Errorf("position reads %s", s)
	}
}
