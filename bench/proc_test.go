package bench

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestProcessorTimeIsReadBehindTheNameOfTheProgram(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"1234 (roentgen) S 1 1234 1234 0 -1 4194560 5000 0 3 0 417 83 0 0 20 0 9 0 100 200 300\n", 5 * time.Second, true},
		{"1 (a) b) (c 1 2 3) R 1 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0\n", 30 * time.Millisecond, true},
		{"1 (roentgen) S 1 1 1 0 -1 0 0 0 0 0 1", 0, false}, // cut off
		{"1 (roentgen) S 1 1 1 0 -1 0 0 0 0 0 x 2 0 0", 0, false},
		{"", 0, false},
	} {
		got, err := parseStat([]byte(c.text))
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %s, %v; want %s", c.text, got, err, c.want)
		}
	}
}

func TestSizesAreReadFromStatus(t *testing.T) {
	text := "Name:\troentgen\nVmPeak:\t 1239000 kB\nVmHWM:\t  123456 kB\nVmRSS:\t    1000 kB\nRssAnon:\t     900 kB\nRssFile:\t     100 kB\n"
	got, err := parseStatus([]byte(text))
	if want := (Memory{1000 << 10, 123456 << 10, 900 << 10}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "Name:\tx\nState:\tZ (zombie)\n", "VmHWM:\t12 MB\nVmRSS:\t1 kB\nRssAnon:\t1 kB\n"} {
		if got, err := parseStatus([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

func TestThisProcessCanBeWatched(t *testing.T) {
	p, err := FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	before, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ { // until a tick has passed
		now, err := p.CPU()
		if err != nil || n > 50_000_000 {
			t.Fatal(err, n)
		}
		if now > before {
			break
		}
	}
	m, err := p.Peak()
	if err != nil || m.Resident < 1<<20 || m.Highest < m.Resident || m.Anonymous > m.Highest {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := FindProcess(1 << 30); err == nil {
		t.Error("found a process that cannot be")
	}
}

func TestDiskIsCountedInBlocks(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"one": 1, "a/large": 1 << 20, "a/b/none": 0} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, "hole"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	syncAll(t, dir)
	n, err := Allocated(dir)
	if err != nil || n < 1<<20+1 || n > 1<<20+64<<10 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if free, err := FreeBytes(dir); err != nil || free <= 0 {
		t.Errorf("%d bytes free, %v", free, err)
	}
}

// syncAll gives files their blocks, which some file systems do late.
func syncAll(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"one", "a/large"} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
		if err == nil {
			err = f.Sync()
			f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
