package memory

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
)

var manifestPath = filepath.Join(dataDir, datadir.Manifest)

func TestADirectoryOfSomebodyElseIsRefusedAndLeftAlone(t *testing.T) {
	cases := []struct {
		sentence string
		files    map[string]string
		want     string
	}{
		{"files that are not ours", map[string]string{"thesis.tex": "x"}, "holds thesis.tex and no roentgen.json"},
		{"another program's manifest", map[string]string{datadir.Manifest: `{"program":"jaeger","layout":1,"store":"memory"}`}, `belongs to the program "jaeger"`},
		{"a newer layout", map[string]string{datadir.Manifest: `{"program":"roentgen","layout":2,"store":"memory"}`}, "newer version of Roentgen (layout 2, this program reads up to 1); upgrade"},
		{"no layout", map[string]string{datadir.Manifest: `{"program":"roentgen"}`}, "without a layout"},
		{"another backend", map[string]string{datadir.Manifest: `{"program":"roentgen","layout":1,"store":"clickhouse"}`}, "start with --store clickhouse"},
		{"a damaged manifest beside logs", map[string]string{datadir.Manifest: `{"progr`, "traces": "x"}, "cannot be read; restore"},
		{"a manifest that is not ours and no JSON", map[string]string{datadir.Manifest: "hello"}, "cannot be read; restore"},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			fs := vfs.NewFault(1)
			for name, text := range c.files {
				fs.WriteFile(filepath.Join(dataDir, name), []byte(text))
			}
			_, _, err := Open(fs, dataDir, Options{})
			_, stateErr := OpenState(fs, dataDir)
			for _, err := range []error{err, stateErr} {
				var refused *DirectoryError
				if !errors.As(err, &refused) || refused.Dir != dataDir || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q in it", err, c.want)
				}
			}
			names, err := fs.List(dataDir)
			if err != nil || len(names) != len(c.files) {
				t.Errorf("left behind: %q, %v", names, err)
			}
			for name, text := range c.files {
				if got := string(fs.ReadFile(filepath.Join(dataDir, name))); got != text {
					t.Errorf("%s holds %q now", name, got)
				}
			}
		})
	}
}

func TestAManifestThatACrashTornIsWrittenAgain(t *testing.T) {
	whole := string(datadir.Text(storeName))
	for _, text := range []string{"", whole[:10], whole[:10] + "\x00\x00\x00", strings.Repeat("\x00", len(whole))} {
		fs := vfs.NewFault(1)
		fs.WriteFile(manifestPath, []byte(text))
		mustClose(t, mustOpen(t, fs, Options{}))
		fs.Crash(vfs.LoseAll)
		if got := string(fs.ReadFile(manifestPath)); got != whole {
			t.Errorf("after %q the manifest is %q", text, got)
		}
	}
}

func TestAFileSystemOfItsOwnIsEmpty(t *testing.T) {
	fs := vfs.NewFault(1)
	fs.WriteFile(filepath.Join(dataDir, "lost+found", "x"), nil)
	fs.WriteFile(filepath.Join(dataDir, "lost+found"), nil)
	mustClose(t, mustOpen(t, fs, Options{}))
}

func TestADirectoryInUseNamesTheProcess(t *testing.T) {
	fs := vfs.NewFault(1)
	mustOpen(t, fs, Options{})
	_, _, err := Open(fs, dataDir, Options{})
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), "in use by pid") || !strings.Contains(err.Error(), dataDir) {
		t.Errorf("opened twice: %v", err)
	}
}

func TestADirectoryThatCannotBeWrittenSaysSo(t *testing.T) {
	fs := vfs.NewFault(1)
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		if c.Op == vfs.OpCreate || c.Op == vfs.OpWrite || c.Op == vfs.OpLock {
			return vfs.Verdict{Err: syscall.EROFS}
		}
		return vfs.Verdict{}
	})
	if _, _, err := Open(fs, dataDir, Options{}); err == nil || !strings.Contains(err.Error(), "make the directory writable") {
		t.Errorf("an empty one: %v", err)
	}
	fs.SetPlan(nil)
	mustClose(t, mustOpen(t, fs, Options{}))
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		return vfs.Verdict{Err: map[bool]error{true: syscall.EROFS}[c.Op == vfs.OpLock]}
	})
	if _, _, err := Open(fs, dataDir, Options{}); !errors.Is(err, applog.ErrReadOnly) {
		t.Errorf("one in use: %v", err)
	}
}
