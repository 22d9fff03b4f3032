package bench

import (
	"time"

	"github.com/roentgen/roentgen"
)

// newest returns the ids of the newest traces of the model that are wanted, at
// most n of them.
func (m *Model) newest(n int, wanted func(*Trace) bool) []roentgen.TraceID {
	var ids []roentgen.TraceID
	var t Trace
	for i := m.Traces - 1; i >= 0 && len(ids) < n; i-- {
		m.Make(i, &t)
		if wanted(&t) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

const slow = 8 * time.Second

func isFailing(t *Trace) bool { return t.Failing }

// isSlow goes by the times as documents say them, in microseconds.
func isSlow(t *Trace) bool {
	return t.Spans[0].End/1e3-t.Spans[0].Start/1e3 >= slow.Microseconds()
}

// isCommon says whether any span of the trace has the common annotation.
func isCommon(t *Trace) bool {
	for i := range t.Spans {
		for _, a := range t.Spans[i].Attrs {
			if a.Key == "model_name" && a.Value.text == CommonModel {
				return true
			}
		}
	}
	return false
}

// sample makes the n-th of a row of traces that are spread over the window.
func (m *Model) sample(n int, t *Trace) {
	const golden = 0x9e3779b97f4a7c15 // spreads neighbours far apart
	m.Make(int(uint64(n)*golden%uint64(m.Traces)), t)
}
