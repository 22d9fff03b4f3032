package blockfile

import (
	"bytes"
	"fmt"

	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/index"
)

// Verify reads a block through: every checksum, every part, every document. It
// makes index and graph bundle again of the documents and compares them.
func Verify(fs vfs.FS, path string) Report { return Reading{}.Verify(fs, path) }

// Verify is the function Verify with a way of reading documents.
func (o Reading) Verify(fs vfs.FS, path string) Report {
	r := Report{File: path}
	d, err := openDamaged(fs, path, newCache(0, 1))
	if err != nil {
		r.Err = err
		return r
	}
	v := &verifier{r: &r, contents: d.read(), index: index.NewBuilder(), graph: graph.NewBundler()}
	v.rebuild = o.rebuilder(v.meta.Created)
	v.run()
	if err := d.close(); err != nil {
		r.Err = err
	}
	return r
}

// verifier goes through one file.
type verifier struct {
	*contents
	r       *Report
	rebuild *rebuilder
	index   *index.Builder
	graph   *graph.Bundler
	read    int  // rows
	unlike  bool // a row was not as the index has it, or could not be rebuilt
}

func (v *verifier) run() {
	r := v.r
	r.Meta, r.Bytes, r.Chunks, r.Traces = v.meta, v.size, v.count, v.rows
	r.Parts = v.list()
	for s := range v.stored() {
		v.row(s)
	}
	for _, e := range v.found {
		r.damage(e.Part, e.Offset, "%s", e.Reason)
	}
	r.Lost = r.Traces - v.read
	if r.Good() && !v.unlike {
		v.compareParts()
	}
}

// row holds a row against its documents.
func (v *verifier) row(s Stored) {
	v.read++
	v.r.Documents += len(s.Docs)
	for _, d := range s.Docs {
		v.r.Raw += int64(len(d.Text))
	}
	at, _ := v.chunks.find(s.Row)
	t, err := v.rebuild.trace(s.ID, s.Docs)
	if err != nil {
		v.unlike = true
		v.r.damage("chunk", at.offset, "row %d, trace %s, cannot be read: %v", s.Row, s.ID, err)
		return
	}
	if v.contents.index != nil {
		v.compareRow(at, s, &t)
	}
	if v.summary != nil && !v.summary.HasTrace(s.ID) {
		v.r.damage(kindSummary.String(), v.parts[kindSummary].offset, "it says that trace %s is not in the block, and row %d is", s.ID, s.Row)
	}
	v.index.Add(t.Row, t.Rows)
	v.graph.Add(t.Rows, t.Row.Members...)
}

// compareRow holds what the index says of a row against what its documents
// say, and takes from the index what documents do not say.
func (v *verifier) compareRow(at place, s Stored, t *Trace) {
	x := v.contents.index
	has := x.Row(s.Row)
	want := t.Row
	want.Due, want.Limited, want.Members = has.Due, has.Limited, has.Members
	t.Row = want
	if row, ok := x.Find(s.ID); !ok || row != s.Row {
		v.unlike = true
		v.r.damage(kindIndex.String(), v.parts[kindIndex].offset, "it does not find trace %s in row %d", s.ID, s.Row)
	}
	if differences := compare(has, want); differences != "" {
		v.unlike = true
		v.r.damage(kindIndex.String(), v.parts[kindIndex].offset, "row %d, trace %s, in the chunk at offset %d: %s", s.Row, s.ID, at.offset, differences)
	}
}

// compare says in which columns two rows differ.
func compare(has, want index.Row) string {
	var b bytes.Buffer
	say := func(column string, has, want any) {
		if has != want {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s is %v and the documents say %v", column, has, want)
		}
	}
	say("id", has.ID, want.ID)
	say("start", has.Start, want.Start)
	say("end", has.End, want.End)
	say("updated", has.Updated, want.Updated)
	say("first", has.First, want.First)
	say("documents", has.Documents, want.Documents)
	say("revision", has.Revision, want.Revision)
	say("bytes", has.Bytes, want.Bytes)
	say("all bytes", has.AllBytes, want.AllBytes)
	say("failing", has.Failing, want.Failing)
	return b.String()
}

// compareParts holds index, summary and bundle against those that are made of
// the documents now.
func (v *verifier) compareParts() {
	v.comparePart(kindIndex, v.index.Encode(nil))
	v.comparePart(kindSummary, v.index.Summary(nil))
	v.comparePart(kindBundle, v.graph.Encode(nil))
}

func (v *verifier) comparePart(k kind, want []byte) {
	p, has, err := v.part(k)
	if err == nil && !bytes.Equal(has, want) {
		v.r.note(k.String(), p.offset, "this program would make another one of the same documents: another version, or other options, made it")
	}
}
