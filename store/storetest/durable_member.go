package storetest

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
)

// memberPowerCut has traces match and then match no more, and each call to the
// file system fail in turn. Whom a graph has shown by then stays a member.
func (d durable) memberPowerCut(t *testing.T) {
	for _, verdict := range []vfs.Verdict{{PowerOff: true}, {Err: syscall.EIO}, {Err: syscall.ENOSPC}} {
		dry := vfs.NewFault(1)
		if shown := d.memberLife(t, dry); len(shown) != 4 {
			t.Fatalf("without an error the graphs show %d members", len(shown))
		}
		always := func(vfs.Call) vfs.Verdict { return verdict }
		d.failEach(dry.Calls(), always, func(n int, fs *vfs.Fault, crash func()) {
			shown := d.memberLife(t, fs)
			crash()
			d.wantShown(t, fmt.Sprintf("%+v at call %d", verdict, n), fs, shown)
		})
	}
}

// memberLife returns the traces that graphs have shown as members, by their
// starts.
func (d durable) memberLife(t *testing.T, fs vfs.FS) (shown []roentgen.Time) {
	t.Helper()
	s, err := d.open(fs)
	if err != nil {
		return nil
	}
	_ = s.SetGroups(context.Background(), userGroup(t))
	for n := range 4 {
		open := segment(n, 1, time.Duration(n)*time.Second).with(func(d *Document) { d.End = 0; d.More = `,"user":"u"` })
		if _, err := s.Append(context.Background(), stored(t, open)); err != nil {
			continue
		}
		if isMember(s, open.Start) {
			shown = append(shown, open.Start)
		}
		_, _ = s.Append(context.Background(), stored(t, segment(n, 1, time.Duration(n)*time.Second))) // the disk may be gone
		_ = isMember(s, open.Start)
	}
	_ = s.Close() // as above
	return shown
}

func userGroup(t *testing.T) []store.Group { return []store.Group{group(t, "g", `user = "u"`, 1)} }

// isMember tells whether a trace that starts then is shown in the graph of the
// group.
func isMember(s store.Store, start roentgen.Time) bool {
	g, err := s.Graph(context.Background(), store.GraphWindow{From: start, To: start + 1, Group: "g"})
	return err == nil && len(g.Nodes) > 0
}

func (d durable) wantShown(t *testing.T, when string, fs vfs.FS, shown []roentgen.Time) {
	t.Helper()
	s := d.mustOpen(t, fs)
	defer mustClose(t, s)
	if err := s.SetGroups(context.Background(), userGroup(t)); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	for _, start := range shown {
		if !isMember(s, start) {
			t.Errorf("%s: the trace that starts at %s was shown as a member and is none", when, start.Time().Format("15:04:05"))
		}
	}
}
