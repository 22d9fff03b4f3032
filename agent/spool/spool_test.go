package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

const smallFile = 8 << 10

// open opens a small spool that is closed with the test.
func open(t *testing.T, opt Options) *Spool {
	t.Helper()
	if opt.FileBytes == 0 {
		opt.FileBytes = smallFile
	}
	if opt.PackBytes == 0 {
		opt.PackBytes = 1 // everything that is not read soon
	}
	s, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSpool(t, s) })
	return s
}

func closeSpool(t *testing.T, s *Spool) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// numbered is a document that says its number; its length and keep follow from it.
func numbered(i int) ([]byte, roentgen.Keep) {
	doc := fmt.Sprintf(`{"number":%d,"text":"%s"}`, i, strings.Repeat("x", i*37%400))
	return []byte(doc), roentgen.Keep{Reason: roentgen.KeepReason(i % 4), Probability: 1 / float64(i%7+1)}
}

func appendNumbered(t *testing.T, s *Spool, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if doc, keep := numbered(i); !s.Append(doc, keep) {
			t.Fatalf("document %d: no room: %+v", i, s.Stats())
		}
	}
}

// wantNumbered compares a cut with documents from, from+1, …
func wantNumbered(t *testing.T, cut *Cut, from int) (next int) {
	t.Helper()
	for i, d := range cut.Documents {
		doc, keep := numbered(from + i)
		if !bytes.Equal(d.Document, doc) || d.Keep != keep {
			t.Fatalf("cut %d, document %d: %.60s, kept %v; want %.60s, kept %v", cut.Seq, i, d.Document, d.Keep, doc, keep)
		}
	}
	return from + len(cut.Documents)
}

func next(t *testing.T, s *Spool, limit Limit) *Cut {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cut, err := s.Next(ctx, limit)
	if err != nil {
		t.Fatal(err)
	}
	return cut
}

func done(t *testing.T, s *Spool, seq uint64) {
	t.Helper()
	if err := s.Done(seq); err != nil {
		t.Fatal(err)
	}
}

// both runs a test on disk and in memory.
func both(t *testing.T, test func(t *testing.T, opt Options)) {
	t.Run("on disk", func(t *testing.T) { test(t, Options{Dir: t.TempDir()}) })
	t.Run("in memory", func(t *testing.T) { test(t, Options{}) })
}

func TestDocumentsComeInOrderWhateverTheOrderOfAcknowledgement(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		s := open(t, opt)
		chance := rand.New(rand.NewPCG(1, 2))
		var flight []uint64
		at := 0
		for appended := 0; at < 3000; {
			if n := chance.IntN(60); appended < 3000 {
				appendNumbered(t, s, appended, min(3000, appended+n))
				appended = min(3000, appended+n)
			}
			if appended > at {
				cut := next(t, s, Limit{Documents: 1 + chance.IntN(40), Bytes: 4000, Age: time.Nanosecond})
				at = wantNumbered(t, cut, at)
				flight = append(flight, cut.Seq)
			}
			for len(flight) > 20 {
				i := chance.IntN(len(flight))
				done(t, s, flight[i])
				flight = append(flight[:i], flight[i+1:]...)
			}
		}
		for _, seq := range flight {
			done(t, s, seq)
		}
		if st := s.Stats(); st.Documents != 0 || st.InFlight != 0 || !st.Oldest.IsZero() {
			t.Errorf("everything was acknowledged, and %+v", st)
		}
		eventually(t, "files are freed", func() bool { return s.Stats().Files == 1 })
		if err := s.Done(1); err == nil {
			t.Error("a cut was acknowledged twice")
		}
	})
}

func TestACutEndsAtItsBounds(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		s := open(t, opt)
		big := bytes.Repeat([]byte("b"), 3000)
		for range 10 {
			s.Append(big, roentgen.Keep{})
		}
		for _, c := range []struct {
			limit Limit
			want  int
		}{
			{Limit{Documents: 3, Bytes: 1 << 20, Age: time.Hour}, 3},
			{Limit{Documents: 100, Bytes: 6000, Age: time.Hour}, 2},
			{Limit{Documents: 100, Bytes: 7000, Age: time.Hour}, 2},
			{Limit{Documents: 100, Bytes: 10, Age: time.Hour}, 1},
			{Limit{Documents: 100, Bytes: 1 << 20, Age: time.Nanosecond}, 2},
		} {
			if cut := next(t, s, c.limit); len(cut.Documents) != c.want || cut.Bytes != c.want*len(big) {
				t.Errorf("%+v cut %d documents of %d bytes, want %d", c.limit, len(cut.Documents), cut.Bytes, c.want)
			}
		}
	})
}

func TestAgeIdleAndNudgeCutWhatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{FileBytes: smallFile, MaxBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		defer closeSpool(t, s)
		began := time.Now()
		limit := Limit{Documents: 10, Bytes: 1 << 20, Age: 3 * time.Second, Idle: 20 * time.Second}
		appendNumbered(t, s, 0, 2)
		if cut := next(t, s, limit); len(cut.Documents) != 2 || time.Since(began).Round(time.Second) != 3*time.Second {
			t.Errorf("%d documents after %v, want 2 after the age", len(cut.Documents), time.Since(began))
		}
		if cut := next(t, s, limit); len(cut.Documents) != 0 || cut.Seq != 2 || time.Since(began).Round(time.Second) != 23*time.Second {
			t.Errorf("cut %d of %d documents after %v, want an empty one when idle", cut.Seq, len(cut.Documents), time.Since(began))
		}
		go func() {
			time.Sleep(time.Second)
			s.Nudge()
		}()
		if cut := next(t, s, Limit{}); len(cut.Documents) != 0 || time.Since(began).Round(time.Second) != 24*time.Second {
			t.Errorf("%d documents after %v, want none once nudged", len(cut.Documents), time.Since(began))
		}
		go func() {
			time.Sleep(time.Second)
			for i := range 10 {
				doc, keep := numbered(i)
				s.Append(doc, keep)
			}
		}()
		if cut := next(t, s, limit); len(cut.Documents) != 10 || time.Since(began).Round(time.Second) != 25*time.Second {
			t.Errorf("%d documents after %v, want 10 as soon as they are there", len(cut.Documents), time.Since(began))
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := s.Next(ctx, limit); !errors.Is(err, context.Canceled) {
			t.Errorf("Next of an ended context: %v", err)
		}
	})
}

func TestRollupsGoWithTheDocumentsAroundThem(t *testing.T) {
	s := open(t, Options{})
	appendNumbered(t, s, 0, 2)
	s.AppendRollup([]byte("first"))
	appendNumbered(t, s, 2, 3)
	s.AppendRollup([]byte("second"))
	cut := next(t, s, Limit{Documents: 3, Age: time.Hour})
	wantNumbered(t, cut, 0)
	if len(cut.Documents) != 3 || len(cut.Rollups) != 1 || string(cut.Rollups[0]) != "first" {
		t.Fatalf("%d documents with roll-ups %q", len(cut.Documents), cut.Rollups)
	}
	cut = next(t, s, Limit{Age: time.Nanosecond})
	if len(cut.Documents) != 0 || len(cut.Rollups) != 1 || string(cut.Rollups[0]) != "second" {
		t.Fatalf("%d documents with roll-ups %q", len(cut.Documents), cut.Rollups)
	}
	if st := s.Stats(); st.Documents != 3 {
		t.Errorf("roll-ups are counted as documents: %+v", st)
	}
}

func TestARestartCutsTheSameAgainAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	epoch := s.Epoch()
	appendNumbered(t, s, 0, 500)
	sizes := map[uint64]int{}
	for range 10 {
		cut := next(t, s, Limit{Documents: 30, Age: time.Hour})
		sizes[cut.Seq] = len(cut.Documents)
	}
	for _, seq := range []uint64{1, 3, 4, 9} {
		done(t, s, seq)
	}
	before := s.Stats()
	closeSpool(t, s)

	s = open(t, Options{Dir: dir})
	if st := s.Stats(); st.Documents != before.Documents || st.Documents != 500-4*30 || st.InFlight != 6 || s.Epoch() != epoch {
		t.Fatalf("before the restart %+v, after it %+v", before, st)
	}
	appendNumbered(t, s, 500, 600)
	for _, seq := range []uint64{2, 5, 6, 7, 8, 10} {
		cut := next(t, s, Limit{Documents: 7, Age: time.Nanosecond}) // the limit has no say in these
		if cut.Seq != seq || len(cut.Documents) != 30 || !cut.Recovered {
			t.Fatalf("cut %d of %d documents, recovered %v; want cut %d again", cut.Seq, len(cut.Documents), cut.Recovered, seq)
		}
		wantNumbered(t, cut, int(seq-1)*30)
		done(t, s, cut.Seq)
	}
	at := 300
	for at < 600 {
		cut := next(t, s, Limit{Documents: 50, Age: time.Nanosecond})
		at = wantNumbered(t, cut, at)
		done(t, s, cut.Seq)
	}
	if st := s.Stats(); st.Documents != 0 || st.Damaged != (Damage{}) {
		t.Errorf("%+v", st)
	}
}

func TestAnEmptySpoolStaysEmptyAndItsNumbersGoOn(t *testing.T) {
	dir := t.TempDir()
	seq := uint64(0)
	for round := range 5 {
		s := open(t, Options{Dir: dir})
		if st := s.Stats(); st.Documents != 0 {
			t.Fatalf("round %d: %+v", round, st)
		}
		appendNumbered(t, s, round*100, round*100+100)
		for at := round * 100; at < round*100+100; {
			cut := next(t, s, Limit{Documents: 30, Age: time.Nanosecond})
			at = wantNumbered(t, cut, at)
			if cut.Seq != seq+1 {
				t.Fatalf("cut %d behind %d", cut.Seq, seq)
			}
			seq = cut.Seq
			done(t, s, seq)
		}
		closeSpool(t, s)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(files) > 1 {
		t.Errorf("files %v are left (%v), want the last one at most", files, err)
	}
}

func TestAnOutageStaysWithinTheBoundAndLosesNothingOfIt(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		opt.MaxBytes = 40 * smallFile
		s := open(t, opt)
		n := 0
		for ; n < 1e6; n++ {
			doc, keep := numbered(n)
			if !s.Append(doc, keep) {
				if s.Stats(); !fullForGood(s) {
					n--
					continue
				}
				break
			}
		}
		st := s.Stats()
		if !st.Full || st.Bytes > opt.MaxBytes || st.Packed < 30 || st.Documents != int64(n) {
			t.Fatalf("after %d documents: %+v", n, st)
		}
		if least := 3 * int(opt.MaxBytes) / 250; n < least {
			t.Errorf("%d documents of 250 bytes found room in %d bytes, want %d or more of them: are files packed?", n, opt.MaxBytes, least)
		}
		for at := 0; at < n; {
			cut := next(t, s, Limit{Documents: 50, Age: time.Nanosecond})
			at = wantNumbered(t, cut, at)
			done(t, s, cut.Seq)
		}
		eventually(t, "there is room again", func() bool { doc, keep := numbered(n); return s.Append(doc, keep) })
	})
}

// fullForGood waits until the keeper has packed what it can, and tells whether
// there is no room even then.
func fullForGood(s *Spool) bool {
	for range 200 {
		if !s.blocked.Load() {
			return false
		}
		s.mu.Lock()
		idle := len(s.mu.garbage) == 0
		raw := 0
		for _, f := range s.mu.files {
			if f.raw {
				raw++
			}
		}
		s.mu.Unlock()
		if idle && raw <= ahead+2 {
			break
		}
		signal(s.kick)
		time.Sleep(time.Millisecond)
	}
	return s.blocked.Load()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

func TestALargeDocumentHasAFileOfItsOwn(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		opt.MaxBytes = 64 * smallFile
		s := open(t, opt)
		large := bytes.Repeat([]byte("large"), smallFile)
		appendNumbered(t, s, 0, 1)
		if !s.Append(large, roentgen.Keep{}) {
			t.Fatalf("no room: %+v", s.Stats())
		}
		appendNumbered(t, s, 1, 2)
		cut := next(t, s, Limit{Documents: 3, Age: time.Hour})
		if !bytes.Equal(cut.Documents[1].Document, large) {
			t.Errorf("the large document came back as %d bytes, want %d", len(cut.Documents[1].Document), len(large))
		}
		eventually(t, "the trouble of a large document", func() bool { // a file that the keeper makes meanwhile ends it
			if s.Append(make([]byte, opt.MaxBytes), roentgen.Keep{}) {
				t.Fatal("a document larger than the spool was taken")
			}
			return strings.Contains(s.Stats().Trouble, "larger than the spool")
		})
		appendNumbered(t, s, 2, 3)
	})
}

func TestOpenSaysWhyItCannot(t *testing.T) {
	t.Run("another process has it", func(t *testing.T) {
		dir := t.TempDir()
		open(t, Options{Dir: dir})
		_, err := Open(Options{Dir: dir})
		if locked := new(vfs.LockedError); !errors.As(err, &locked) || locked.PID != os.Getpid() {
			t.Errorf("%v", err)
		}
	})
	t.Run("the directory cannot be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Options{Dir: filepath.Join(file, "spool")}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a file is foreign", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000001.spool"), bytes.Repeat([]byte("mine"), 100), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(Options{Dir: dir})
		if foreign := new(ForeignError); !errors.As(err, &foreign) || !strings.HasSuffix(foreign.File, "00000001.spool") {
			t.Errorf("%v", err)
		}
	})
	t.Run("the bound is too low", func(t *testing.T) {
		if _, err := Open(Options{MaxBytes: 10}); err == nil {
			t.Error("a bound of ten bytes was taken")
		}
	})
}

func TestACutIsSplitIntoTwoThatAreFoundAgain(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		s := open(t, opt)
		appendNumbered(t, s, 0, 100)
		whole := next(t, s, Limit{Documents: 61, Age: time.Nanosecond}) // over several files
		if !s.AppendRollup([]byte("counts")) {
			t.Fatal("no room")
		}
		rest := next(t, s, Limit{Age: time.Nanosecond})
		first, second, err := s.Split(whole.Seq)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Documents) != 30 || len(second.Documents) != 31 || len(whole.Documents) != 0 || first.Seq != 3 || second.Seq != 4 {
			t.Fatalf("%d in cut %d and %d in cut %d, %d are left", len(first.Documents), first.Seq, len(second.Documents), second.Seq, len(whole.Documents))
		}
		wantNumbered(t, second, wantNumbered(t, first, 0))
		if wantNumbered(t, rest, 61) != 100 || len(rest.Rollups) != 1 {
			t.Fatalf("%d documents and %d roll-ups behind", len(rest.Documents), len(rest.Rollups))
		}
		if st := s.Stats(); st.Documents != 100 || st.InFlight != 4 {
			t.Fatalf("%+v", st)
		}
		done(t, s, whole.Seq)
		again, err := s.Renumber(first.Seq)
		if err != nil || again.Seq != 5 || wantNumbered(t, again, 0) != 30 || len(first.Documents) != 0 {
			t.Fatalf("renumbered as %+v: %v", again, err)
		}
		done(t, s, first.Seq)
		first = again
		done(t, s, rest.Seq)
		done(t, s, second.Seq)
		if opt.Dir != "" {
			closeSpool(t, s)
			s = open(t, opt)
			again := next(t, s, Limit{Age: time.Nanosecond})
			if again.Seq != first.Seq || !again.Recovered || wantNumbered(t, again, 0) != 30 {
				t.Fatalf("cut %d of %d documents", again.Seq, len(again.Documents))
			}
		}
		if appendNumbered(t, s, 100, 110); wantNumbered(t, next(t, s, Limit{Age: time.Nanosecond}), 100) != 110 {
			t.Fatal("not all that came later")
		}
		if st := s.Stats(); st.Documents != 40 {
			t.Fatalf("%d documents wait", st.Documents)
		}
	})
}

func TestOneRecordIsNotSplitAndCutsOfWhatComesHaveRoom(t *testing.T) {
	both(t, func(t *testing.T, opt Options) {
		s := open(t, opt)
		appendNumbered(t, s, 0, 201)
		if one := next(t, s, Limit{Documents: 1}); one != nil {
			if _, _, err := s.Split(one.Seq); !errors.Is(err, ErrSplit) || len(one.Documents) != 1 {
				t.Fatalf("one document was split: %v", err)
			}
		}
		if _, _, err := s.Split(99); err == nil || errors.Is(err, ErrSplit) {
			t.Fatalf("what is not in flight was split: %v", err)
		}
		cuts := []*Cut{next(t, s, Limit{Documents: 200})}
		for len(cuts) > 0 {
			a, b, err := s.Split(cuts[0].Seq)
			if errors.Is(err, ErrSplit) && len(cuts[0].Documents) > 1 {
				break
			}
			if cuts = cuts[1:]; err == nil {
				cuts = append(cuts, a, b)
			}
		}
		if len(cuts) == 0 || s.Stats().InFlight > slots-leftSlots {
			t.Fatalf("%d are in flight", s.Stats().InFlight)
		}
		appendNumbered(t, s, 201, 211)
		if wantNumbered(t, next(t, s, Limit{Age: time.Nanosecond}), 201) != 211 {
			t.Fatal("what came later was not cut")
		}
	})
}
