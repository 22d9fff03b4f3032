package wire

import (
	"fmt"

	"github.com/roentgen/roentgen"
)

// Inference asks for the document of a segment that nobody sent: what a
// service would have recorded, as far as the call to it tells.
type Inference struct {
	ID     roentgen.SegmentID // of the segment
	Call   roentgen.SegmentID // the subsegment that called
	Origin string             // what the service is; may be empty
}

// Infer writes a document for each of what, which are of one trace, and nil
// where docs do not have the call. docs are canonical documents of the trace,
// folded, in which each entity stands once; of several the first counts.
//
// As X-Ray does, it takes over the call's name, times, http, aws and sql
// blocks, its flags and its cause, byte by byte but for http.request.traced.
func Infer(trace roentgen.TraceID, docs [][]byte, what []Inference) ([][]byte, error) {
	out := make([][]byte, len(what))
	wanted := make(map[roentgen.SegmentID][]int, len(what))
	for i, w := range what {
		wanted[w.Call] = append(wanted[w.Call], i)
	}
	for i := 0; i < len(docs) && len(wanted) > 0; i++ {
		var s scanner
		if err := s.load(docs[i]); err != nil {
			return nil, fmt.Errorf("infer segments of trace %s: %w", trace, err)
		}
		top := s.outline(true)
		if !s.done() {
			return nil, fmt.Errorf("infer segments of trace %s: %w", trace, s.err)
		}
		top.walk(func(o *outline) {
			for _, i := range wanted[o.id] {
				out[i] = inferred(trace, what[i], o.text[o.from:o.to])
			}
			delete(wanted, o.id)
		})
	}
	return out, nil
}

// walk calls fn for o and everything embedded in it, parents first.
func (o *outline) walk(fn func(*outline)) {
	fn(o)
	for _, p := range o.parts {
		if p.child != nil {
			p.child.walk(fn)
		}
	}
}

// inferred writes one document from the text of the call, which was read
// without an error before.
func inferred(trace roentgen.TraceID, what Inference, call []byte) []byte {
	e := editor{out: make([]byte, 0, len(call)+128)}
	e.out = append(e.out, `{"id":"`+what.ID.String()+`","trace_id":"`+trace.String()+`","parent_id":"`+what.Call.String()+`","inferred":true`...)
	if what.Origin != "" {
		e.out = AppendString(append(e.out, `,"origin":`...), what.Origin)
	}
	if e.load(call) != nil {
		return nil
	}
	o := e.openObject()
	for from := e.w; e.member(&o); from = e.w {
		if e.buf[from] == ',' {
			from++
		}
		rest, taken := inheritance(o.key)
		if !taken {
			e.skip()
			continue
		}
		e.comma()
		e.out = append(e.out, e.buf[from:e.w]...)
		e.inside(rest, false)
	}
	return append(e.out, '}')
}

// inheritance says whether an inferred segment takes over a member of the
// call, and what within it is left out.
func inheritance(key []byte) (without []string, taken bool) {
	switch string(key) {
	case "http":
		return []string{"request.traced"}, true
	case "name", "start_time", "end_time", "aws", "sql", "error", "throttle", "fault", "cause":
		return nil, true
	}
	return nil, false
}
