package block

import (
	"log/slog"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// rereader reads the traces of the head, one after the other in the same memory.
// It is for one goroutine at a time.
type rereader struct {
	limits   wire.Limits
	log      *slog.Logger
	again    []*wire.Again // one for each document of a trace
	parser   *wire.Parser  // for the documents of large traces
	entities []entity[roentgen.Stored]
	copies   []roentgen.Stored
}

func newRereader(opt Options) *rereader {
	return &rereader{limits: opt.reading(), log: opt.Logger, parser: wire.NewParser(opt.reading())}
}

// mostAgain is how many documents of a trace are read in memory that is kept.
const mostAgain = 64

// read returns what t was. It lasts until the next call, but for its strings.
func (r *rereader) read(t *still) snapshot {
	if cap(r.copies) > 64*mostAgain {
		r.copies, r.entities = nil, nil
	}
	r.entities, r.copies = r.entities[:0], r.copies[:0]
	for i := range t.entities {
		for j := range t.entities[i].copies {
			d := &t.entities[i].copies[j]
			r.copies = append(r.copies, roentgen.Stored{Segment: r.segment(t.id, t.entities[i].id, d), Received: d.received, Keep: d.keep})
		}
	}
	rest := r.copies
	for i := range t.entities {
		n := len(t.entities[i].copies)
		r.entities = append(r.entities, entity[roentgen.Stored]{t.entities[i].id, rest[:n:n]})
		rest = rest[n:]
	}
	return snapshot{t.id, r.entities, t.limited, t.members}
}

// segment reads the document that is the next of r.copies. What was accepted once
// can be read again; were it not so, that must not keep all others in the head.
func (r *rereader) segment(trace roentgen.TraceID, id roentgen.SegmentID, d *held) *roentgen.Segment {
	s, err := r.parse(d)
	if err != nil {
		r.log.Error("a document that was accepted cannot be read again; nothing in it is found", "trace", trace, "id", id, "error", err)
		return &roentgen.Segment{Trace: trace, ID: id, Start: d.start, End: d.last, InProgress: d.inProgress, Document: d.text, Hash: d.hash}
	}
	return s
}

func (r *rereader) parse(d *held) (*roentgen.Segment, error) {
	n := len(r.copies)
	if n >= mostAgain {
		return r.parser.Parse(d.text)
	}
	if n == len(r.again) {
		r.again = append(r.again, wire.NewAgain(r.limits))
	}
	return r.again[n].Read(d.text, d.hash)
}
