package tail

import (
	"bytes"
	"sync"

	"github.com/roentgen/roentgen"
)

// documentID names a document.
type documentID struct {
	trace   roentgen.TraceID
	segment roentgen.SegmentID
}

// nameOf reads the name of a document out of a datagram of this load, also out of its first few hundred bytes.
func nameOf(datagram []byte) (id documentID, ok bool) {
	segment, okay := after(datagram, `"id":"`, 16)
	if !okay {
		return id, false
	}
	trace, okay := after(datagram, `"trace_id":"`, 35)
	if !okay {
		return id, false
	}
	if id.segment, ok = roentgen.DecodeSegmentID(segment); !ok {
		return id, false
	}
	t, err := roentgen.ParseTraceID(string(trace))
	id.trace = t
	return id, err == nil
}

// after is the n bytes behind a mark.
func after(text []byte, mark string, n int) ([]byte, bool) {
	at := bytes.Index(text, []byte(mark))
	if at < 0 || at+len(mark)+n > len(text) {
		return nil, false
	}
	return text[at+len(mark):][:n], true
}

// unread are the documents of which it is known, one by one, that no agent read them: somebody else held them in his
// hands, or the kernel told the sender. Senders and faults write it; anyone may ask.
type unread struct {
	mu    sync.Mutex
	why   map[documentID]string
	hosts map[int]int64 // how many, by host
}

func newUnread() *unread { return &unread{why: map[documentID]string{}, hosts: map[int]int64{}} }

func (u *unread) add(host int, id documentID, cause string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.why[id]; known {
		return
	}
	u.why[id] = cause
	u.hosts[host]++
}

// cause says why nobody read the document; empty: nothing says that.
func (u *unread) cause(id documentID) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.why[id]
}

func (u *unread) count(host int) int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.hosts[host]
}

// Causes by which a document was not read, each known of that very document.
const (
	causeHeld    = "it lay in the kernel's buffer when the agent was killed, and was found there afterwards"
	causeRefused = "the kernel refused it, for the agent was dead and nobody listened"
	causeUnsent  = "its sender could not send it: nobody let it in, and too much waited already"
	causeFrozen  = "the agent was frozen and the kernel's buffer, in which it was looked for, had run over"
)
