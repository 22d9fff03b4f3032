package tail

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		hits, of  int64
		low, high float64
	}{
		// Of R's prop.test(correct = FALSE).
		{0, 0, 0, 1}, {10, 10, 0.7225, 1}, {0, 10, 0, 0.2775}, {90, 100, 0.8256, 0.9448}, {30_000, 30_000, 0.99987, 1},
	} {
		low, high := interval(c.hits, c.of)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.5f to %.5f, want %.5f to %.5f", c.hits, c.of, low, high, c.low, c.high)
		}
	}
}

// second is a moment of the cases below.
func second(n float64) int64 { return aDay.UnixNano() + int64(n*1e9) }

func testEntry(trigger int, sent ...float64) *entry {
	e := &entry{trigger: trigger, place: AtRoot}
	for i, s := range sent {
		e.documents = append(e.documents, sentDocument{id: roentgen.SegmentID{byte(i + 1)}, host: uint8(i), began: second(s), sent: second(s)})
	}
	return e
}

// testWatch is two minutes of three hosts, with a horizon of 60 s; change may say otherwise.
func testWatch(change func(host int, at float64, v *view)) *watcher {
	w := newWatcher(make([]string, 3), nil)
	for host := range 3 {
		for i := range 200 {
			at := float64(i)
			v := view{at: time.Unix(0, second(at)), ok: true, horizon: 60, lost: map[string]float64{}}
			if change != nil {
				change(host, at, &v)
			}
			w.views[host] = append(w.views[host], v)
		}
	}
	return w
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		title       string
		entry       *entry
		result      result
		change      func(host int, at float64, v *view)
		outages     []outage
		cuts        []outage
		base, whole bool
		cause       string
	}{
		{"all is there", testEntry(2, 50, 51, 52), result{}, nil, nil, nil, true, true, ""},
		{"one is missing, and nobody knows why", testEntry(2, 50, 51, 52), result{missing: []int{0}}, nil, nil, nil, true, false, causeUnknown},
		{"one differs", testEntry(2, 50, 51, 52), result{changed: []int{0}}, nil, nil, nil, true, false, causeChanged},
		{"one was sent to a killed agent", testEntry(2, 50, 51, 52), result{missing: []int{0}}, nil,
			[]outage{{0, second(49), second(51), causeEstimated}}, nil, true, true, causeEstimated},
		{"one was sent to another killed agent", testEntry(2, 50, 51, 52), result{missing: []int{1}}, nil,
			[]outage{{0, second(49), second(51), causeEstimated}}, nil, true, false, causeUnknown},
		{"the trigger was sent to a killed agent", testEntry(2, 50, 51, 52), result{missing: []int{0, 1, 2}}, nil,
			[]outage{{2, second(49), second(53), causeEstimated}}, nil, false, false, "its trigger was not read"},
		{"the trigger came too late", testEntry(2, 50, 51, 111.5), result{missing: []int{0}}, nil, nil, nil, false, false, causeHorizon},
		{"just in time", testEntry(2, 50, 51, 108), result{missing: []int{0}}, nil, nil, nil, true, false, causeUnknown},
		{"the kernel dropped one", testEntry(2, 50, 51, 52), result{missing: []int{1}}, func(host int, at float64, v *view) {
			if host == 1 && at > 51 {
				v.kernel = 7
			}
		}, nil, nil, true, true, causeKernel},
		{"the kernel dropped some at another time", testEntry(2, 50, 51, 52), result{missing: []int{1}}, func(host int, at float64, v *view) {
			if at > 90 {
				v.kernel = 7
			}
		}, nil, nil, true, false, causeUnknown},
		{"over quota", testEntry(2, 50, 51, 52), result{missing: []int{0, 1, 2}}, func(host int, at float64, v *view) {
			if host == 2 && at > 51 {
				v.over = at
			}
		}, nil, nil, false, false, causeQuota},
		{"the agent says that it lost some", testEntry(2, 50, 51, 52), result{missing: []int{0}}, func(host int, at float64, v *view) {
			if host == 0 && at > 60 {
				v.lost["spool_full"] = 3
			}
		}, nil, nil, true, false, "spool_full"},
		{"shed", testEntry(2, 50, 51, 52), result{missing: []int{0, 1, 2}}, func(host int, at float64, v *view) { v.shed = at }, nil, nil, true, false, causeShed},
		{"parted until the horizon", testEntry(2, 50, 51, 90), result{missing: []int{0}}, nil, nil, []outage{{0, second(85), second(115), "parted"}}, false, false, "no notice could pass (parted)"},
		{"parted for a while", testEntry(2, 50, 51, 90), result{missing: []int{0}}, nil, nil, []outage{{0, second(85), second(100), "parted"}}, true, false, "too late, after parted"},
		{"it had just been parted", testEntry(2, 50, 51, 106), result{missing: []int{0}}, nil, nil, []outage{{0, second(85), second(100), "parted"}}, true, false, "too late, after parted"},
		{"another was parted", testEntry(2, 50, 51, 90), result{missing: []int{0}}, nil, nil, []outage{{1, second(85), second(115), "parted"}}, true, false, causeUnknown},
		{"the server was away until the horizon", testEntry(2, 50, 51, 90), result{missing: []int{1}}, nil, nil, []outage{{everybody, second(85), second(115), "away"}}, false, false, "no notice could pass (away)"},
		{"nothing was sent", &entry{trigger: 0}, result{}, nil, nil, nil, false, false, causeNotSent},
	} {
		t.Run(c.title, func(t *testing.T) {
			j := &judge{watch: testWatch(c.change), unread: newUnread(), outages: c.outages, cuts: c.cuts}
			v := j.judge(c.entry, c.result)
			if v.base != c.base || v.whole != c.whole || !strings.Contains(v.cause, c.cause) || c.cause == "" && v.cause != "" {
				t.Errorf("base %t, whole %t, %q; want base %t, whole %t, %q", v.base, v.whole, v.cause, c.base, c.whole, c.cause)
			}
		})
	}
}

func TestMetricsAreRead(t *testing.T) {
	for line, want := range map[string]struct {
		name, labels string
		value        float64
	}{
		`roentgen_agent_kernel_drops_total 12`:         {"roentgen_agent_kernel_drops_total", "", 12},
		`roentgen_ledger_lost_total{cause="killed"} 3`: {"roentgen_ledger_lost_total", `cause="killed"`, 3},
		`roentgen_agent_ring_bytes 1.5e+06`:            {"roentgen_agent_ring_bytes", "", 1.5e6},
		`# HELP x y`:                                   {},
		``:                                             {},
		`nothing`:                                      {},
		`roentgen_ledger_lost_total{cause="a b"} NaNsense`: {},
	} {
		name, labels, value := parseMetric(line)
		if name != want.name || labels != want.labels || value != want.value {
			t.Errorf("%q: %q %q %g", line, name, labels, value)
		}
	}
}

// A killed agent had read what came before the last segments that are missing.
func TestWhatTheKernelHeldAtAKillWasNotRead(t *testing.T) {
	b := newBook(2)
	for i := range remembered + 10 {
		b.sent(1, 100, int64(i))
	}
	f := &faults{book: b}
	k := killing{host: 1, at: time.Unix(0, remembered+10), why: errors.New("not allowed")}
	k.sent = b.lately(1)
	f.killed = []killing{k}
	f.unread(func(int) int64 { return 3 })
	if len(f.outages) != 1 || f.outages[0].from != remembered+10-3 || f.outages[0].host != 1 {
		t.Errorf("%+v, want from %d", f.outages, remembered+10-3)
	}
}

// What is known of a document itself goes before what is known of the time at which it was sent.
func TestWhatIsKnownByNameIsJudgedByIt(t *testing.T) {
	const stood = 1 // the host of the second document
	for _, c := range []struct {
		title       string
		sent        [2]float64 // at the host that was killed, and at the one that stood
		missing     []int
		unread      map[int]string // by document
		waiting     []int
		dirty       bool
		base, whole bool
		cause       string
		denied      int
	}{
		{title: "found in the kernel's buffer", sent: [2]float64{50, 51}, missing: []int{0}, unread: map[int]string{0: causeHeld}, base: true, whole: true, cause: causeHeld},
		{title: "sent a moment before the kill, and not found there", sent: [2]float64{50, 51}, missing: []int{0}, base: true, cause: causeUnknown},
		{title: "another one of the trace was refused", sent: [2]float64{50, 51}, missing: []int{0}, unread: map[int]string{1: causeRefused}, base: true, cause: causeUnknown, denied: 1},
		{title: "called unread, and there", sent: [2]float64{50, 51}, unread: map[int]string{0: causeHeld}, base: true, whole: true, denied: 1},
		{title: "the trigger was refused", sent: [2]float64{50, 51}, missing: []int{0, 1, 2}, unread: map[int]string{2: causeRefused}, cause: "its trigger was not read: " + causeRefused},
		{title: "dropped while it stood", sent: [2]float64{50, 63}, missing: []int{1}, base: true, whole: true, cause: causeFrozen},
		{title: "waited for it while it stood", sent: [2]float64{50, 63}, missing: []int{1}, waiting: []int{1}, base: true, cause: causeUnknown},
		{title: "sent before it stood, when nothing had been dropped", sent: [2]float64{50, 59}, missing: []int{1}, base: true, cause: causeUnknown},
		{title: "sent before it stood, when something had been dropped", sent: [2]float64{50, 59}, missing: []int{1}, dirty: true, base: true, whole: true, cause: causeKernel},
		{title: "sent when it went on, and the kernel still dropped", sent: [2]float64{50, 70.1}, missing: []int{1}, base: true, whole: true, cause: causeKernel},
		{title: "sent when the kernel dropped no more", sent: [2]float64{50, 71}, missing: []int{1}, base: true, cause: causeUnknown},
		{title: "not dropped, and there", sent: [2]float64{50, 63}, waiting: []int{1}, base: true, whole: true},
	} {
		t.Run(c.title, func(t *testing.T) {
			e := testEntry(2, c.sent[0], c.sent[1], 72)
			e.id = roentgen.TraceID{1, 2, 3}
			name := func(i int) documentID { return documentID{e.id, e.documents[i].id} }
			known := newUnread()
			for i, cause := range c.unread {
				known.add(int(e.documents[i].host), name(i), cause)
			}
			f := frozen{host: stood, from: second(60), to: second(70), rose: second(70.2), known: second(73), clean: !c.dirty, waiting: map[documentID]bool{}}
			for _, i := range c.waiting {
				f.waiting[name(i)] = true
			}
			watch := testWatch(func(host int, at float64, v *view) {
				if host != stood {
					return
				}
				if v.ok = at < 60 || at > 70; at > 70 {
					v.kernel = 500
				}
			})
			v := (&judge{watch: watch, unread: known, frozen: []frozen{f}}).judge(e, result{missing: c.missing})
			if v.base != c.base || v.whole != c.whole || !strings.Contains(v.cause, c.cause) || c.cause == "" && v.cause != "" || v.denied != c.denied {
				t.Errorf("base %t, whole %t, %q, denied %d; want base %t, whole %t, %q, %d", v.base, v.whole, v.cause, v.denied, c.base, c.whole, c.cause, c.denied)
			}
		})
	}
}

// A frozen agent does not say how long it holds documents, and holds them no longer for that.
func TestTheHorizonOfASilentAgentIsTheLastItSpokeOf(t *testing.T) {
	w := testWatch(func(host int, at float64, v *view) {
		v.ok = at < 60 || at > 80
		v.horizon = at
	})
	for at, want := range map[float64]float64{50: 48, 61: 59, 70: 59, 90: 88} {
		if got := w.horizonAt(1, second(at)); got != time.Duration(want*1e9) {
			t.Errorf("at %.0f s: %s, want %.0f s", at, got, want)
		}
	}
	if got := newWatcher(make([]string, 3), nil).horizonAt(1, second(50)); got != time.Hour {
		t.Errorf("nobody ever spoke: %s", got)
	}
}
