package tail

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Report is what a whole run came to. Runs that were left out are nil.
type Report struct {
	Config                            Config
	Began                             time.Time
	Took                              time.Duration
	Before, After                     Speed // of the machine
	Tail, Everything, Head, Collector *Outcome
}

// tally counts traces: all, those in the base, those of both that are whole.
type tally struct{ all, whole, base, baseWhole int64 }

func (t *tally) add(v verdict) {
	t.all++
	if v.whole {
		t.whole++
	}
	if v.base {
		t.base++
		if v.whole {
			t.baseWhole++
		}
	}
}

// shareText writes hits of so many, with the interval of 95 %.
func shareText(hits, of int64) string {
	if of == 0 {
		return "–"
	}
	low, high := interval(hits, of)
	return fmt.Sprintf("%s %% (%s–%s)", percent(float64(hits)/float64(of)), percent(low), percent(high))
}

func percent(x float64) string {
	text := fmt.Sprintf("%.3f", 100*x)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// Missed is how many failing traces of the base are not whole.
func (o *Outcome) Missed() (n int64) {
	for _, v := range o.Verdicts {
		if v.base && !v.whole {
			n++
		}
	}
	return n
}

// Markdown is the report.
func (r *Report) Markdown() string {
	var b strings.Builder
	c := r.Config
	fmt.Fprintf(&b, "# Failing traces at one in %.0f\n\n", 1/max(c.Sampled, 1e-9))
	fmt.Fprintf(&b, "%s, %d cores, %s. %d agents and a server as processes, %d of the hosts send spans, the others X-Ray segments; %.0f documents a second, ring %d MiB, head %s %%.\n",
		r.Began.UTC().Format("2 January 2006 15:04 UTC"), runtime.NumCPU(), r.Took.Round(time.Second), c.Hosts, c.SpanHosts, c.Rate, c.RingBytes>>20, percent(c.Sampled))
	if r.Tail != nil {
		r.Tail.markdown(&b, c)
	}
	r.costs(&b)
	b.WriteString(speedText(r.Before, r.After))
	r.peers(&b)
	r.goals(&b)
	return b.String()
}

// goals say what was aimed at, and whether it was met.
func (r *Report) goals(b *strings.Builder) {
	if r.Tail == nil {
		return
	}
	var base, one int64
	for _, v := range r.Tail.Verdicts {
		if v.base {
			base++
			if i := v.entry.phase - 1; i >= 0 && i < len(r.Config.Phases) && r.Config.Phases[i].Errors == 0.01 {
				one++
			}
		}
	}
	b.WriteString("\n| Goal | measured | met |\n|---|---|---|\n")
	goal(b, "no failing trace of the base is missed", fmt.Sprintf("%d of %d", r.Tail.Missed(), base), r.Tail.Missed() == 0 && base > 0)
	goal(b, "30,000 failing traces or more in the base, at 1 %", fmt.Sprint(one), one >= 30_000)
	if p := r.onePercent(); r.Everything != nil && p < len(r.Tail.Phases) {
		x := each(r.Tail.Phases[p].Left, r.Tail.Phases[p].Documents) / max(each(r.Everything.Whole.Left, r.Everything.Whole.Documents), 1e-9)
		goal(b, "at 1 %, at most 10 % of the bytes of keeping everything", percent(x)+" %", x <= 0.1)
	}
	goal(b, "an agent's memory under 64 MB", fmt.Sprintf("%d MB", r.Tail.Agent.Highest/1e6), r.Tail.Agent.Highest < 64e6)
	left, uncounted := r.Tail.nameless()
	goal(b, "every document is read, dropped by the kernel, or known by name not to have been read", fmt.Sprintf("%d are not", left), left == 0)
	goal(b, "agents count what the kernel drops, but for what they had no time to when they were killed", fmt.Sprintf("%d not counted", uncounted), uncounted == 0)
	goal(b, "no document that is called unread was kept", fmt.Sprint(r.Tail.denied()), r.Tail.denied() == 0)
	var differs float64
	for _, h := range r.Tail.Hosts {
		differs += math.Abs(h.Differs)
	}
	goal(b, "every agent's books balance", fmt.Sprintf("they differ by %.0f", differs), differs == 0)
}

func goal(b *strings.Builder, what, measured string, met bool) {
	verdict := "no"
	if met {
		verdict = "yes"
	}
	fmt.Fprintf(b, "| %s | %s | %s |\n", what, measured, verdict)
}

func (o *Outcome) markdown(b *strings.Builder, c Config) {
	var all tally
	byPhase, byPlace := map[int]*tally{}, map[Place]*tally{}
	for _, v := range o.Verdicts {
		all.add(v)
		add(byPhase, v.entry.phase, v)
		add(byPlace, v.entry.place, v)
	}
	fmt.Fprintf(b, "\n%d traces, %d documents (%d MB); %d traces fail. Horizon %.0f s by the agents' word. The generator was %.0f ms late at most, more than 100 ms for %d segments.\n\n",
		o.Traces, o.Whole.Documents, o.Whole.Bytes/1e6, all.all, o.Horizon.Seconds(), float64(o.Late.Milliseconds()), o.Lagged)
	fmt.Fprintf(b, "**Captured whole, of the base: %d of %d, %s. Missed: %d.**\n\n", all.baseWhole, all.base, shareText(all.baseWhole, all.base), all.base-all.baseWhole)
	b.WriteString("| Phase | failing traces | in the base | of these whole | of all whole |\n|---|---|---|---|---|\n")
	for _, i := range slices.Sorted(maps.Keys(byPhase)) {
		name := "after"
		if i >= 1 && i <= len(c.Phases) {
			name = c.Phases[i-1].Name
		}
		row(b, name, byPhase[i])
	}
	row(b, "all", &all)
	b.WriteString("\n| Fails | failing traces | in the base | of these whole | of all whole |\n|---|---|---|---|---|\n")
	for _, p := range slices.Sorted(maps.Keys(byPlace)) {
		row(b, p.String(), byPlace[p])
	}
	o.horizonTable(b)
	o.causeTables(b)
	o.missedTable(b)
	o.hostTable(b)
	b.WriteString("\nLeft over is what was sent and is none of these; below 0 are spans of requests that a killed agent had read and not answered, which came again.\n")
	o.killTable(b)
	if len(o.Events) > 0 {
		b.WriteString("\nWhat was done:\n\n")
		for _, e := range o.Events {
			fmt.Fprintf(b, "- %.0f s: %s\n", e.At.Seconds(), e.What)
		}
	}
}

func add[K comparable](to map[K]*tally, key K, v verdict) {
	if to[key] == nil {
		to[key] = new(tally)
	}
	to[key].add(v)
}

func row(b *strings.Builder, name string, t *tally) {
	fmt.Fprintf(b, "| %s | %d | %d | %d: %s | %s |\n", name, t.all, t.base, t.baseWhole, shareText(t.baseWhole, t.base), shareText(t.whole, t.all))
}

// horizonTable shows capture against when the trigger came.
func (o *Outcome) horizonTable(b *strings.Builder) {
	edges := []float64{0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1e9}
	counts := make([]tally, len(edges))
	for _, v := range o.Verdicts {
		if len(v.entry.documents) > 1 && v.entry.trigger > 0 && !v.entry.sampled {
			i, _ := slices.BinarySearch(edges, v.late)
			counts[min(i, len(edges)-1)].add(v)
		}
	}
	b.WriteString("\n| The trigger came after … of the horizon | failing traces | whole, of all | in the base | of these whole |\n|---|---|---|---|---|\n")
	from := 0.0
	for i, to := range edges {
		name := fmt.Sprintf("%.2f to %.2f", from, to)
		if to > 100 {
			name = fmt.Sprintf("above %.2f", from)
		}
		c := counts[i]
		fmt.Fprintf(b, "| %s | %d | %s | %d | %s |\n", name, c.all, shareText(c.whole, c.all), c.base, shareText(c.baseWhole, c.base))
		from = to
	}
}

// causeTables name why traces are missed, and why others are no part of the base.
func (o *Outcome) causeTables(b *strings.Builder) {
	missed, outside, excused := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, v := range o.Verdicts {
		switch {
		case v.base && !v.whole:
			missed[v.cause]++
		case v.base && v.cause != "":
			excused[v.cause]++
		case !v.base:
			outside[v.cause]++
		}
	}
	b.WriteString("\n| Missed in the base, by cause | traces |\n|---|---|\n")
	if len(missed) == 0 {
		b.WriteString("| none | 0 |\n")
	}
	counted(b, missed)
	b.WriteString("\n| Outside of the base, by cause | traces |\n|---|---|\n")
	counted(b, outside)
	for cause, n := range excused {
		fmt.Fprintf(b, "| in the base, without segments that no agent read: %s | %d |\n", cause, n)
	}
}

// mostTold is how many missed traces are told one by one.
const mostTold = 40

// missedTable tells of missed traces what helps to find out why.
func (o *Outcome) missedTable(b *strings.Builder) {
	told := 0
	for _, v := range o.Verdicts {
		if !v.base || v.whole || told == mostTold {
			continue
		}
		if told++; told == 1 {
			b.WriteString("\n| Missed | fails | trigger after, s | at host | of documents | missing: host, seconds before the trigger, horizon | cause |\n|---|---|---|---|---|---|---|\n")
		}
		t := v.entry.documents[v.entry.trigger]
		fmt.Fprintf(b, "| %s | %s | %.1f | %d | %d | ", v.entry.id, v.entry.place, float64(t.sent-o.Begin.UnixNano())/1e9, t.host, len(v.entry.documents))
		for i, l := range v.lack {
			if i == 6 {
				fmt.Fprintf(b, "and %d more", len(v.lack)-i)
				break
			}
			fmt.Fprintf(b, "%d, %.2f, %.1f; ", l.host, l.before.Seconds(), l.horizon.Seconds())
		}
		fmt.Fprintf(b, " | %s |\n", v.cause)
	}
}

func counted(b *strings.Builder, of map[string]int64) {
	for _, cause := range slices.SortedFunc(maps.Keys(of), func(x, y string) int { return cmp.Compare(of[y], of[x]) }) {
		fmt.Fprintf(b, "| %s | %d |\n", cause, of[cause])
	}
}

// hostTable holds the book of the load beside those of the agents.
func (o *Outcome) hostTable(b *strings.Builder) {
	if len(o.Hosts) == 0 {
		return
	}
	b.WriteString("\n| Host | sent | read | dropped, by the agent's word | by the kernel's word | not read, known by name | left over | not kept, by policy | shed | lost, named | the agent's books differ by |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for i, h := range o.Hosts {
		kind := ""
		if h.Spans {
			kind = " (spans)"
		}
		dropped := "not asked"
		if h.Looked {
			dropped = fmt.Sprint(h.Dropped)
		}
		fmt.Fprintf(b, "| %d%s | %d | %d | %d | %s | %d | %d | %d | %d | %d | %.0f |\n", i, kind, h.Sent, h.Received, h.Kernel, dropped, h.Known, h.leftOver(), h.Policy, h.Shed, h.Lost, h.Differs)
	}
}

// killTable tells of every agent that was killed what it left behind, unread.
func (o *Outcome) killTable(b *strings.Builder) {
	if len(o.Kills) == 0 {
		return
	}
	b.WriteString("\n| Agent killed (SIGKILL) | at, s | datagrams it left in the kernel's buffer | came until its socket was shut | dropped by the kernel in that life | in the next one until it was ready | how that is known |\n|---|---|---|---|---|---|---|\n")
	var held, late int64
	for _, k := range o.Kills {
		how := "read from its socket after its death"
		if k.why != nil {
			how = "not: estimated, for its socket could not be held: " + k.why.Error()
		}
		held, late = held+k.held, late+k.late
		fmt.Fprintf(b, "| %d | %.1f | %d | %d | %d | %d | %s |\n", k.host, k.at.Sub(o.Begin).Seconds(), k.held, k.late, k.dropped, k.started, how)
	}
	fmt.Fprintf(b, "\n%d kills left %d datagrams in the kernel's buffer, which no agent read; these, %d that came until the sockets were shut, and those that the kernel gave back to their senders stand outside of the base, each by its own name. All else that was sent to these agents is in it.\n", len(o.Kills), held, late)
}

// leftOver are datagrams that neither an agent nor the kernel counted, and that nobody knows by name.
func (h *HostBook) leftOver() int64 {
	dropped := h.Kernel
	if h.Looked {
		dropped = h.Dropped
	}
	return h.Sent - h.Received - dropped - h.Known
}

// nameless sums what is left over, and what the kernel says that it dropped and the agents did not count. Spans may be read more often than
// they were sent: a request that a killed agent had read and not answered comes again.
func (o *Outcome) nameless() (left, uncounted int64) {
	for _, h := range o.Hosts {
		n := h.leftOver()
		if n < 0 && !h.Spans {
			n = -n
		}
		left += max(0, n)
		if h.Looked {
			uncounted += max(0, h.Dropped-h.Kernel)
		}
	}
	return left, uncounted
}

// denied are documents that the book calls unread and the server has.
func (o *Outcome) denied() (n int) {
	for _, v := range o.Verdicts {
		n += v.denied
	}
	return n
}

// costs hold each phase against the same build keeping everything.
func (r *Report) costs(b *strings.Builder) {
	if r.Tail == nil {
		return
	}
	b.WriteString("\n| | documents | sent to agents, bytes each | left the hosts, bytes each | of keeping everything | agents' CPU, µs each | server's CPU, µs each |\n|---|---|---|---|---|---|---|\n")
	full := 0.0
	if r.Everything != nil {
		full = each(r.Everything.Whole.Left, r.Everything.Whole.Documents)
	}
	for _, p := range r.Tail.Phases {
		if p.Name != "settled" && p.For > 0 {
			costRow(b, p.Name, p, full)
		}
	}
	costRow(b, "**all phases**", r.Tail.Whole, full)
	for name, o := range map[string]*Outcome{"the same build keeping everything": r.Everything} {
		if o != nil {
			costRow(b, name, o.Whole, full)
		}
	}
	b.WriteString("\n| | server's disk, bytes a document sent | documents stored | server's memory, MB | an agent's memory at most, MB (without mapped files) | generator and relays, µs a document |\n|---|---|---|---|---|---|\n")
	for _, x := range []struct {
		name string
		o    *Outcome
	}{{"tail", r.Tail}, {"keeping everything", r.Everything}, {"head sampling, 10 %", r.Head}, {"Collector, tail_sampling", r.Collector}} {
		if x.o != nil {
			fmt.Fprintf(b, "| %s | %.1f | %d | %d | %d (%d) | %.1f |\n", x.name, each(x.o.Disk, x.o.Whole.Documents), x.o.Stored, x.o.Server.Highest/1e6,
				x.o.Agent.Highest/1e6, x.o.Agent.Anonymous/1e6, each(x.o.Own.Microseconds(), x.o.Whole.Documents))
		}
	}
}

func costRow(b *strings.Builder, name string, p PhaseCost, full float64) {
	left, of := each(p.Left, p.Documents), "–"
	if full > 0 {
		of = percent(left/full) + " %"
	}
	fmt.Fprintf(b, "| %s | %d | %.0f | %.1f | %s | %.1f | %.1f |\n", name, p.Documents, each(p.Bytes, p.Documents), left, of,
		each(p.AgentCPU.Microseconds(), p.Documents), each(p.ServerCPU.Microseconds(), p.Documents))
}

func each(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }

// peers hold the ways of sampling side by side, at 1 % failing traces.
func (r *Report) peers(b *strings.Builder) {
	if r.Head == nil && r.Collector == nil {
		return
	}
	b.WriteString("\n| 1 % failing | failing traces | whole, of all | fails at the root | at a leaf | after the root answered | near or beyond the horizon | left the hosts, bytes a document made | agent or Collector, CPU µs a document sent | memory, MB |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, x := range []struct {
		name string
		o    *Outcome
		only int // phase; 0: all
	}{{"tail, the phase at 1 %", r.Tail, r.onePercent()}, {"head sampling, 10 %", r.Head, 0}, {"Collector, tail_sampling, errors and 5 %", r.Collector, 0}} {
		if x.o == nil {
			continue
		}
		var all tally
		places := make([]tally, places)
		for _, v := range x.o.Verdicts {
			if x.only == 0 || v.entry.phase == x.only {
				all.add(v)
				places[v.entry.place].add(v)
			}
		}
		cost := x.o.Whole
		if x.only > 0 {
			cost = x.o.Phases[x.only]
		}
		fmt.Fprintf(b, "| %s | %d | %s", x.name, all.all, shareText(all.whole, all.all))
		for _, p := range places[AtRoot:] {
			fmt.Fprintf(b, " | %s %%", percent(float64(p.whole)/float64(max(p.all, 1))))
		}
		made := max(cost.Documents, 1)
		if x.o == r.Head {
			made = int64(float64(made) / headRate)
		}
		fmt.Fprintf(b, " | %.1f | %.1f | %d |\n", each(cost.Left, made), each(cost.AgentCPU.Microseconds(), cost.Documents), x.o.Agent.Highest/1e6)
	}
	b.WriteString("\nThe Collector's hosts have no agent: what left them are the bodies of OTLP requests, not compressed; every span has to come to it. Late failures of the last two come after a tenth to one and a half times its decision_wait, 30 s; those of the first, of the agents' own horizon.\n")
}

// onePercent is the phase that the others are compared with.
func (r *Report) onePercent() int {
	for i, p := range r.Config.Phases {
		if p.Errors == 0.01 {
			return i + 1
		}
	}
	return 1
}
