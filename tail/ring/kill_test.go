package ring

import (
	"os"
	"testing"
)

// spy looks at the directory before and after each write, as a kill there would leave it.
type spy struct {
	area
	look func()
}

func (s spy) WriteAt(p []byte, at int64) (int, error) {
	s.look()
	defer s.look()
	return s.area.WriteAt(p, at)
}

// A kill around any write of a frame, or of the mark of a document that was taken: what was put is there, but for the
// oldest, and each is counted once.
func TestKillAroundEveryWrite(t *testing.T) {
	dir, puts, looks := t.TempDir(), 0, 0
	r := open(t, dir, 1<<20)
	defer r.Close()
	gone := map[int]bool{} // taken
	taking := -1
	r.frames = spy{r.frames, func() {
		looks++
		if looks > 20 && looks%7 != 0 { // the first round, and then some
			return
		}
		to := t.TempDir()
		if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		checkKilled(t, to, puts, taking, gone)
	}}
	for puts < 1200 {
		size := 3000
		if puts%400 == 399 {
			size = blockSize + 1000
		}
		r.Put(trace(puts), document(puts, size))
		puts++
		if puts%40 == 0 {
			taking = puts - 50 + puts%7
			if len(taken(r, trace(taking))) > 0 {
				gone[taking] = true
			}
			taking = -1
		}
	}
	if s := checkSums(t, r); s.Overwritten == 0 || s.Drained == 0 || looks < 50 {
		t.Errorf("too tame: %+v, %d looks", s, looks)
	}
}

// checkKilled: puts documents had been put when the kill came, and one more may have been on its way; document taking
// was being taken.
func checkKilled(t *testing.T, dir string, puts, taking int, gone map[int]bool) {
	t.Helper()
	r := open(t, dir, 1<<20)
	defer r.Close()
	s := checkSums(t, r)
	if int(s.Held) != puts && int(s.Held) != puts+1 || s.Damaged != 0 {
		t.Fatalf("%d documents were put: %+v", puts, s)
	}
	oldest := -1
	for n := range int(s.Held) {
		got := taken(r, trace(n))
		switch {
		case len(got) > 1:
			t.Fatalf("document %d is there %d times", n, len(got))
		case len(got) == 1 && gone[n]:
			t.Fatalf("document %d was taken, and is there again", n)
		case len(got) == 1 && oldest < 0:
			oldest = n
		case len(got) == 0 && oldest >= 0 && !gone[n] && n != taking:
			t.Fatalf("document %d is lost, and %d is there; %d were put: %+v", n, oldest, puts, s)
		}
	}
	if s := checkSums(t, r); s.Waiting != 0 {
		t.Fatalf("after all was taken: %+v", s)
	}
}
