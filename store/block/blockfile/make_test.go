package blockfile

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/bench"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/wire"
)

// now is when the tests' blocks are made.
var now = roentgen.At(time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC))

// aMeta is what the tests' blocks say of themselves.
var aMeta = Meta{Number: 7, Created: now, Level: 2, Positions: []Position{
	{Shard: 0, Position: applog.Position{File: 3, Offset: 4096}}, {Shard: 1, Position: applog.Position{File: 9, Offset: 44}},
}}

// made makes n traces of AFIRGen's services, in the order of rows. Every fifth
// has a document that was superseded, every seventh is in a group, every ninth
// was too large.
func made(t testing.TB, n int) []Trace {
	t.Helper()
	m := bench.Model{Seed: 5, Traces: n, Window: time.Hour, End: now.Time().Add(-time.Hour), Faulty: 0.02, Shape: bench.Plain}
	r := Reading{}.rebuilder(now)
	var out []Trace
	var b bench.Trace
	for i := range n {
		m.Make(i, &b)
		var docs []chunk.Doc
		b.Documents(nil, func(text []byte, _ int) {
			docs = append(docs, chunk.Doc{Text: canonical(t, text), Received: now - roentgen.Time(n-i)*1e6, Keep: roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.5}})
		})
		if i%5 == 0 {
			old := docs[0]
			old.Text = canonical(t, bytes.Replace(old.Text, []byte(`{`), []byte(`{"user":"before",`), 1))
			old.Received -= 1e9
			docs = slices.Insert(docs, 1, old)
		}
		made, err := r.trace(roentgen.TraceID(b.ID), docs)
		if err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			made.Row.Members = []graph.Member{{Group: "slow", Version: 3}}
		}
		made.Row.Limited = i%9 == 0
		out = append(out, made)
	}
	slices.SortFunc(out, func(a, b Trace) int {
		return cmp.Or(cmp.Compare(b.Row.Start, a.Row.Start), bytes.Compare(a.Row.ID[:], b.Row.ID[:]))
	})
	return out
}

func canonical(t testing.TB, text []byte) []byte {
	t.Helper()
	seg, err := wire.ParseDocument(text, wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return seg.Document
}

func each(traces []Trace) iter.Seq2[Trace, error] {
	return func(yield func(Trace, error) bool) {
		for _, t := range traces {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// blockOf writes a block of these traces, with small chunks, and opens it.
func blockOf(t testing.TB, traces []Trace) (*File, *vfs.Fault) {
	t.Helper()
	fs := vfs.NewFault(1)
	if _, err := Write(fs, "dir/7.blk", aMeta, each(traces), Options{ChunkBytes: 32 << 10}); err != nil {
		t.Fatal(err)
	}
	return opened(t, fs), fs
}

func opened(t testing.TB, fs vfs.FS) *File {
	t.Helper()
	f, err := Open(fs, "dir/7.blk", NewCache(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
