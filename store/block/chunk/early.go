package chunk

import "github.com/roentgen/roentgen"

// early keeps the documents of a block's first chunks until they are cut: what
// the Encoder did not know when it met them it often knows at the end of the
// chunk, and encodes them anew. Small blocks would else be all exceptions.
type early struct {
	cuts   int // chunks cut so far
	texts  []byte
	docs   []Doc // their texts lie in texts, one behind the other
	traces []earlyTrace
	off    bool // what came was too much to keep
}

type earlyTrace struct {
	id   roentgen.TraceID
	docs int
}

const (
	earlyChunks = 3       // are kept
	earlyBytes  = 1 << 20 // of documents in one of them
	earlyRounds = 2       // of encoding anew
	earlyShare  = 64      // of the documents' bytes, one in how many may be exceptions
)

// keep copies the documents of a trace, if they may be needed again.
func (k *early) keep(id roentgen.TraceID, docs []Doc) {
	if k.cuts >= earlyChunks || k.off {
		return
	}
	n := len(k.texts)
	for i := range docs {
		n += len(docs[i].Text)
	}
	if n > earlyBytes {
		k.off = true
		return
	}
	for _, d := range docs {
		k.texts = append(k.texts, d.Text...)
		d.Text = k.texts[len(k.texts)-len(d.Text):]
		k.docs = append(k.docs, d)
	}
	k.traces = append(k.traces, earlyTrace{id, len(docs)})
}

// next forgets the documents: the next chunk begins. After the last chunk that
// is kept, it gives back the memory.
func (k *early) next() {
	if k.cuts++; k.cuts >= earlyChunks {
		*k = early{cuts: k.cuts}
		return
	}
	clear(k.docs)
	k.texts, k.docs, k.traces, k.off = k.texts[:0], k.docs[:0], k.traces[:0], false
}

// improve encodes the open chunk anew while that pays.
func (e *Encoder) improve() {
	k := &e.early
	for range earlyRounds {
		if k.cuts >= earlyChunks || k.off || earlyShare*len(e.exc) <= e.raw {
			break
		}
		e.endChunk()
		texts, docs := k.texts, k.docs
		for _, t := range k.traces {
			for i := range docs[:t.docs] {
				n := len(docs[i].Text)
				docs[i].Text, texts = texts[:n:n], texts[n:]
			}
			e.add(t.id, docs[:t.docs])
			docs = docs[t.docs:]
		}
	}
	k.next()
}
