package tail

import "time"

// verdict is what became of one failing trace.
type verdict struct {
	entry  *entry
	whole  bool   // all that was read by agents is there, as it was sent
	base   bool   // the promise holds for it
	cause  string // why it is no part of the base, or why it is not whole
	late   float64
	lack   []lack // what agents read and the server does not have
	denied int    // documents that no agent is said to have read, and that the server has all the same: the book is wrong
}

// lack is one document that is missing.
type lack struct {
	host    int
	before  time.Duration // how long before the trigger it was sent
	horizon time.Duration // of its host at the trigger
}

// judge says what became of the failing traces. The base is made of what the book of the load shows: the trigger was read, and came before
// the horizon of every host that holds a part. What a host said of itself names causes.
type judge struct {
	watch   *watcher
	unread  *unread
	frozen  []frozen
	outages []outage
	cuts    []outage
}

// Causes, by which traces stand outside of the base or are missed.
const (
	causeHorizon = "outside: the trigger came beyond the horizon"
	causeQuota   = "outside: over a trigger's quota"
	causeKernel  = "a segment was dropped by the kernel before an agent read it"
	causeShed    = "shed whole under pressure"
	causeChanged = "a document differs from what was sent"
	causeUnknown = "not explained"
	causeNotSent = "the head did not sample it, and nothing was sent"
)

func (j *judge) judge(e *entry, r result) verdict {
	v := verdict{entry: e}
	if len(e.documents) == 0 {
		v.cause = causeNotSent
		return v
	}
	missing := map[int]bool{}
	for _, i := range r.missing {
		missing[i] = true
	}
	if e.trigger < 0 {
		v.cause = "outside: the load ended before its trigger was sent"
		return v
	}
	t := e.documents[e.trigger]
	v.late = j.lateness(e)
	v.whole = len(r.changed) == 0
	worst, held := "", ""
	for i := range e.documents {
		if !missing[i] {
			if cause, _ := j.named(e, e.documents[i]); cause != "" {
				v.denied++
			}
			continue
		}
		if why, read := j.why(e, i); read {
			v.whole, worst = false, why
			d := e.documents[i]
			v.lack = append(v.lack, lack{int(d.host), time.Duration(t.sent - d.sent), j.watch.horizonAt(int(d.host), t.sent)})
			if cut := j.cutOff(e, i); cut != "" {
				held = cut
			}
		} else if worst == "" {
			worst = why // it was not read, and is not asked for
		}
	}
	if len(r.changed) > 0 {
		worst = causeChanged
	}
	unread := missing[e.trigger] && j.notRead(e, t) != ""
	switch {
	case unread:
		v.cause = "outside: its trigger was not read: " + j.notRead(e, t)
		v.whole = false
	case v.late >= 1:
		v.cause = causeHorizon
	case held != "":
		v.cause = held
	case !v.whole && j.watch.rose(int(t.host), t.sent, t.sent, func(v view) float64 { return v.over }):
		v.cause = causeQuota
	default:
		v.base, v.cause = true, worst
	}
	return v
}

// lateness is when the trigger came, as a share of the horizon of the host that had waited longest: 1 is just at it.
func (j *judge) lateness(e *entry) (worst float64) {
	if e.sampled {
		return 0 // nothing waited
	}
	t := e.documents[e.trigger]
	for _, d := range e.documents[:e.trigger] {
		if waited := time.Duration(t.sent - d.sent); waited > 0 {
			worst = max(worst, float64(waited)/float64(j.watch.horizonAt(int(d.host), t.sent)))
		}
	}
	return worst
}

// notRead says why no agent read a document that is missing; empty: nothing says so. What is known of the document itself goes before what
// is known of the time at which it was sent.
func (j *judge) notRead(e *entry, d sentDocument) string {
	if cause, known := j.named(e, d); known {
		return cause
	}
	for _, o := range j.outages {
		if o.host == int(d.host) && d.sent >= o.from && d.sent <= o.to {
			return o.cause
		}
	}
	if !d.spans && j.watch.rose(int(d.host), d.sent, d.sent, func(v view) float64 { return v.kernel }) {
		return causeKernel
	}
	return ""
}

// named is what is known of the document itself: why no agent read it, or, empty, that nothing kept an agent from it.
func (j *judge) named(e *entry, d sentDocument) (cause string, known bool) {
	id := documentID{e.id, d.id}
	if cause := j.unread.cause(id); cause != "" {
		return cause, true
	}
	for i := range j.frozen {
		if cause, known := j.frozen[i].cause(id, d); known {
			return cause, true
		}
	}
	return "", false
}

// why names the cause of a missing document, and whether an agent had read it.
func (j *judge) why(e *entry, i int) (cause string, read bool) {
	d := e.documents[i]
	if cause := j.notRead(e, d); cause != "" {
		return cause, false
	}
	until := max(d.sent, e.documents[e.trigger].sent)
	if j.watch.rose(int(d.host), d.sent, until, func(v view) float64 { return v.shed }) {
		return causeShed, true
	}
	if cut, late := j.lastCut(e, i); late {
		return "the notice of it came too late, after " + cut.cause, true
	}
	for _, cause := range j.causes(int(d.host)) {
		if j.watch.rose(int(d.host), d.sent, until+int64(time.Minute), func(v view) float64 { return v.lost[cause] }) {
			return "lost by the agent, which says: " + cause, true
		}
	}
	return causeUnknown, true
}

// causes are those that the host's books have.
func (j *judge) causes(host int) (out []string) {
	for cause, n := range j.watch.lastView(host).lost {
		if n > 0 {
			out = append(out, cause)
		}
	}
	return out
}

// noticeTakes is how long a notice may take from host to host when nothing is wrong.
const noticeTakes = int64(2 * time.Second)

// cutOff says why no notice of the trigger could reach the host of a document before its horizon; empty: it could.
func (j *judge) cutOff(e *entry, i int) string {
	cut, ok := j.lastCut(e, i)
	if !ok || cut.to+noticeTakes < j.deadline(e, i) {
		return ""
	}
	return "outside: between trigger and horizon no notice could pass (" + cut.cause + ")"
}

// aftermath is how long after a cut a late notice is put down to it: agents wait longer and longer before they try again.
const aftermath = int64(20 * time.Second)

// lastCut is the cut that ended last, of those around the while between the trigger and the horizon of a document's host.
func (j *judge) lastCut(e *entry, i int) (last outage, ok bool) {
	d, t := e.documents[i], e.documents[e.trigger]
	for _, c := range j.cuts {
		concerns := c.host == everybody || (c.host == int(d.host) || c.host == int(t.host)) && d.host != t.host
		if concerns && c.to+aftermath >= t.sent && c.from <= j.deadline(e, i) && c.to > last.to {
			last, ok = c, true
		}
	}
	return last, ok
}

// deadline is when a document that waits is overwritten.
func (j *judge) deadline(e *entry, i int) int64 {
	d := e.documents[i]
	return d.sent + int64(j.watch.horizonAt(int(d.host), e.documents[e.trigger].sent))
}
