package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const takesSeveral = `{"agent":"roentgen","version":"1","undecided":true,"horizon_seconds":60,"triggers":["fault"],"rules":"default","documents_per_datagram":64}`

// formOfSeveral is the header line as docs/protocol/datagram.md draws it.
var formOfSeveral = regexp.MustCompile(`^\{"format":"json","version":1,"documents":([1-9][0-9]*)((?:,"undecided":true(?:,"kept":true)?)?),"sender":"([0-9a-f]{16})","before":([0-9]+)\}$`)

// several is a datagram of several documents, taken apart.
type several struct {
	marks, sender string
	before        int
	docs          []doc
}

// takeApart fails for a datagram that is not of the form; ok false: it is the X-Ray daemon's.
func takeApart(t *testing.T, datagram []byte) (s several, ok bool) {
	t.Helper()
	line, docs, _ := bytes.Cut(datagram, []byte("\n"))
	for _, plain := range markLines {
		if string(line)+"\n" == plain {
			return s, false
		}
	}
	m := formOfSeveral.FindSubmatch(line)
	if m == nil || !bytes.HasSuffix(docs, []byte("\n")) {
		t.Fatalf("datagram %.200q", datagram)
	}
	s.marks, s.sender = string(m[2]), string(m[3])
	s.before, _ = strconv.Atoi(string(m[4]))
	for text := range bytes.SplitSeq(bytes.TrimSuffix(docs, []byte("\n")), []byte("\n")) {
		s.docs = append(s.docs, decodeDoc(t, text))
	}
	if n, _ := strconv.Atoi(string(m[1])); n != len(s.docs) {
		t.Fatalf("it says %d documents and has %d", n, len(s.docs))
	}
	return s, true
}

// acquainted sets up an instance that knows its agent and has sent to it; the
// datagrams that came so far are counted.
func acquainted(t *testing.T, a *agent, cfg Config) (tr *Tracing, came int) {
	t.Helper()
	tr = undecided(t, a, cfg)
	_ = tr.Segment(context.Background(), "first", func(context.Context) error { return errors.New("do not wait") })
	return tr, len(a.waitRaw(1))
}

// sent waits until n documents were sent, and returns the datagrams behind those that had come.
func sent(t *testing.T, tr *Tracing, a *agent, came, n int) [][]byte {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); tr.Stats().DocumentsSent < uint64(n); time.Sleep(time.Millisecond) { // bounded by the deadline
		if time.Now().After(deadline) {
			t.Fatalf("stats %+v", tr.Stats())
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // bounded by the deadline
		raw := a.waitRaw(came)
		bytes := 0
		for _, d := range raw {
			bytes += len(d)
		}
		if uint64(bytes) == tr.Stats().BytesSent {
			return raw[came:]
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes came, stats %+v", bytes, tr.Stats())
		}
	}
}

// TestDocumentsGoTogetherToAnAgentThatTakesSeveral has sampled, undecided and
// kept ones in turns.
func TestDocumentsGoTogetherToAnAgentThatTakesSeveral(t *testing.T) {
	a := newHolder(t, 200, takesSeveral)
	tr, came := acquainted(t, a, Config{SamplingRate: rate(0.3), Rand: seeded()})
	const n = 200
	for i := range n {
		_ = tr.Segment(context.Background(), strconv.Itoa(i), func(ctx context.Context) error {
			s, _ := current(ctx)
			s.seg.kept.Store(i%5 == 0)
			Metadata(ctx, "", "text", "two\nlines"+strings.Repeat("x", i))
			return nil
		})
	}
	last, before, seen := map[string]int{}, -1, map[int]bool{}
	datagrams := sent(t, tr, a, came, n+1)
	for _, raw := range datagrams {
		s, ok := takeApart(t, raw)
		if !ok {
			t.Fatalf("datagram %.100q", raw)
		}
		if len(raw) > defaultDatagramBytes || before >= 0 && s.before != before {
			t.Errorf("a datagram of %d bytes says %d before it, want %d", len(raw), s.before, before)
		}
		before = s.before + len(s.docs)
		for _, d := range s.docs {
			i, _ := strconv.Atoi(strings.Trim(text(t, d, "name"), `"`))
			if prev, some := last[s.marks]; seen[i] || some && i < prev {
				t.Errorf("%d comes twice or behind %d", i, prev)
			}
			last[s.marks], seen[i] = i, true
		}
	}
	if st := tr.Stats(); len(seen) != n || before != n || st.DocumentsSent != n+1 || len(last) != 3 || len(datagrams) > n/5 {
		t.Errorf("%d documents of %v in %d datagrams, the last says %d: %+v", len(seen), last, len(datagrams), before, st)
	}
}

// TestOtherAgentsGetOneDocumentInEachDatagram has every kind that does not take several.
func TestOtherAgentsGetOneDocumentInEachDatagram(t *testing.T) {
	for title, c := range map[string]struct {
		status int
		answer string
		cfg    Config
	}{
		"Roentgen's before there was the form": {200, holding, Config{}},
		"one that takes none":                  {200, strings.Replace(takesSeveral, ":64", ":0", 1), Config{}},
		"one that says nonsense":               {200, strings.Replace(takesSeveral, ":64", ":-5", 1), Config{}},
		"the X-Ray daemon":                     {403, takesSeveral, Config{Sampling: SamplingLocal}},
		"another program":                      {200, strings.Replace(takesSeveral, "roentgen", "other", 1), Config{Sampling: SamplingLocal}},
	} {
		t.Run(title, func(t *testing.T) {
			a := newHolder(t, c.status, c.answer)
			c.cfg.SamplingRate = rate(1)
			tr, came := acquainted(t, a, c.cfg)
			for range 20 {
				_ = tr.Segment(context.Background(), "", nothing)
			}
			for _, raw := range sent(t, tr, a, came, 21) {
				a.decode(raw)
			}
		})
	}
}

// TestEachDocumentGoesAloneWhereItIsToldTo has a bound that no two fit.
func TestEachDocumentGoesAloneWhereItIsToldTo(t *testing.T) {
	a := newHolder(t, 200, takesSeveral)
	tr, came := acquainted(t, a, Config{DatagramBytes: 1})
	for range 20 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	if raw := sent(t, tr, a, came, 21); len(raw) != 20 {
		t.Errorf("%d datagrams", len(raw))
	}
}

// TestNoAddressOfANetworkGetsSeveral looks at what dial finds out.
func TestNoAddressOfANetworkGetsSeveral(t *testing.T) {
	for address, near := range map[string]bool{"127.0.0.1:2000": true, "[::1]:2000": true, "127.8.8.8:2000": true, "192.0.2.1:2000": false} {
		tr := unsent(t, Config{DaemonAddress: address})
		tr.agent.known.Store(&capability{together: 64})
		e := newEmitter(tr)
		if err := e.dial(context.Background()); err != nil {
			t.Logf("%s: %v", address, err) // no route from here: then nothing is sent
			continue
		}
		if e.near != near || (e.together() > 0) != near {
			t.Errorf("%s: %d documents together", address, e.together())
		}
		e.hangUp()
	}
}

// TestPackerKeepsItsBounds takes documents of all sizes.
func TestPackerKeepsItsBounds(t *testing.T) {
	p, out := newPacker(), &outbox{}
	doc := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	if p.add(out, doc(maxDatagram), 0, 64, 1000) || p.add(out, []byte("two\nlines"), 0, 64, 1000) {
		t.Error("it takes what does not fit")
	}
	for n := range 400 {
		if !p.add(out, doc(n*150), mark(n%3), 20, 10000) {
			t.Fatalf("it declines %d bytes", n*150)
		}
	}
	for range 50 {
		p.add(out, doc(1), 0, 20, 10000)
	}
	p.sealAll(out)
	if n := out.documents(0, len(out.letters)); n != 450 {
		t.Errorf("%d documents", n)
	}
	for i, l := range out.letters {
		if len(out.at(i)) > maxDatagram || len(out.at(i)) > 10000 && l.documents > 1 || l.documents > 20 || l.documents == 0 {
			t.Errorf("datagram %d has %d bytes and %d documents", i, len(out.at(i)), l.documents)
		}
	}
}

// TestALostDatagramCountsForAllItsDocuments has nobody listen.
func TestALostDatagramCountsForAllItsDocuments(t *testing.T) {
	a := newHolder(t, 200, takesSeveral)
	tr, _ := acquainted(t, a, Config{SamplingRate: rate(1)})
	a.close()
	const n = 600
	for i := range n {
		tr.agent.known.Store(&capability{undecided: true, together: 10})
		_ = tr.Segment(context.Background(), fmt.Sprint(i), nothing)
	}
	for deadline := time.Now().Add(10 * time.Second); tr.Stats().DocumentsSent+tr.Stats().SendErrors < n; time.Sleep(time.Millisecond) { // bounded by the deadline
		if time.Now().After(deadline) {
			t.Fatalf("stats %+v", tr.Stats())
		}
	}
	if st := tr.Stats(); st.SendErrors < n/3 {
		t.Errorf("stats %+v", st)
	}
}

// TestWhatForeignCodeEncodesStaysOnItsLine has values that come with line feeds.
func TestWhatForeignCodeEncodesStaysOnItsLine(t *testing.T) {
	tr := unsent(t, Config{SamplingRate: rate(1)})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		Metadata(ctx, "", "raw", json.RawMessage("{\n\"a\":\n[1,\n2]}"))
		Annotate(ctx, "k", "a\nb")
		return errors.New("a\nb")
	})
	items, _ := tr.queue.swap(nil)
	newEncoder(tr).documents(items[0], maxDatagram, func(d []byte) {
		if hasLineFeed(d) || !json.Valid(d) {
			t.Errorf("document %q", d)
		}
	})
}

// TestADatagramOfSeveralKeepsItsForm is read by the agent's tests too.
func TestADatagramOfSeveralKeepsItsForm(t *testing.T) {
	p, out := newPacker(), &outbox{}
	p.sender, p.before = "c0ffee0123456789", 4711
	for _, name := range []string{"segment_plain.json", "segment_full.json", "segment_otel.json"} {
		doc, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var line bytes.Buffer
		if err := json.Compact(&line, doc); err != nil || !p.add(out, line.Bytes(), markUndecided, 64, defaultDatagramBytes) {
			t.Fatalf("%s is declined: %v", name, err)
		}
	}
	p.sealAll(out)
	golden(t, "several.datagram", out.at(0))
}
