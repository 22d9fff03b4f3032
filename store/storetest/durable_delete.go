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

// deletion is what was done to one trace: documents, a deletion, documents.
type deletion struct {
	before, after sent
	asked         bool
	err           error
}

// deletePowerCut has traces deleted, and each call to the file system fail in
// turn. What was deleted stays so, what was not is whole, and what came later
// is there.
func (d durable) deletePowerCut(t *testing.T) {
	for _, verdict := range []vfs.Verdict{{PowerOff: true}, {Err: syscall.EIO}, {Err: syscall.ENOSPC}} {
		dry := vfs.NewFault(1)
		for n, e := range d.deleteLife(t, dry) {
			if len(e.before.acked) != 2 || len(e.after.acked) != len(e.after.docs) || e.err != nil {
				t.Fatalf("without an error trace %d has %d documents and %d late ones: %v", n, len(e.before.acked), len(e.after.acked), e.err)
			}
		}
		always := func(vfs.Call) vfs.Verdict { return verdict }
		d.failEach(dry.Calls(), always, func(n int, fs *vfs.Fault, crash func()) {
			lives := d.deleteLife(t, fs)
			crash()
			d.judgeDeleted(t, fmt.Sprintf("%+v at call %d", verdict, n), fs, lives)
		})
	}
}

// deleteLife appends two documents to each of four traces, which makes them
// members, deletes three of them, and appends to one of these again.
func (d durable) deleteLife(t *testing.T, fs vfs.FS) []*deletion {
	t.Helper()
	s, err := d.open(fs)
	if err != nil {
		return nil
	}
	_ = s.SetGroups(context.Background(), userGroup(t)) // the disk may be gone
	lives := []*deletion{{}, {}, {}, {}}
	for n, e := range lives {
		start := time.Duration(n) * time.Second
		for id := range 2 {
			send(t, s, &e.before, segment(n, id, start).with(func(d *Document) { d.More = `,"user":"u"` }))
		}
		_ = isMember(s, at(start))
	}
	for n, e := range lives[:3] {
		e.asked, e.err = true, s.Delete(context.Background(), TraceID(n))
	}
	send(t, s, &lives[1].after, segment(1, 7, time.Minute))
	_ = s.Close() // as above
	return lives
}

func send(t *testing.T, to store.Store, as *sent, d Document) {
	t.Helper()
	docs := stored(t, d)
	outcomes, err := to.Append(context.Background(), docs)
	as.add(docs, outcomes, err)
}

func (d durable) judgeDeleted(t *testing.T, when string, fs vfs.FS, lives []*deletion) {
	t.Helper()
	h := &harness{T: t, store: d.mustOpen(t, fs), model: NewModel(0)}
	there := h.documents()
	for n, e := range lives {
		if kept := countThere(there, e.before.docs); e.asked && e.err == nil && kept > 0 {
			t.Errorf("%s: %d documents of trace %d are back, which was deleted", when, kept, n)
		}
		if kept := countThere(there, e.before.acked); kept < len(e.before.acked) && (!e.asked || e.err != nil && kept > 0) {
			t.Errorf("%s: %d of %d documents of trace %d are there; its deletion: %v", when, kept, len(e.before.acked), n, e.err)
		}
		if kept := countThere(there, e.after.acked); kept < len(e.after.acked) {
			t.Errorf("%s: a document that came after trace %d was deleted is lost", when, n)
		}
		h.appendThere(there, e.before.docs)
		h.appendThere(there, e.after.docs)
	}
	h.check()
	h.setGroups(userGroup(t)...)
	h.checkGraphs()
	mustClose(t, h.store)
}

func countThere(there map[key]bool, docs []roentgen.Stored) (n int) {
	for _, d := range docs {
		if there[keyOf(d)] {
			n++
		}
	}
	return n
}

// appendThere tells the model of those documents that are there.
func (h *harness) appendThere(there map[key]bool, docs []roentgen.Stored) {
	for _, d := range docs {
		if there[keyOf(d)] {
			h.model.Append(d)
		}
	}
}
