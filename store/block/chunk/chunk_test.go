package chunk

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
)

// encode makes chunks of about size bytes of documents.
func encode(e *Encoder, traces []sample, size int) (chunks [][]byte, dict []byte) {
	for _, s := range traces {
		e.Trace(s.id, s.docs)
		if e.Raw() >= size {
			chunks = append(chunks, e.Cut(nil))
		}
	}
	chunks = append(chunks, e.Cut(nil))
	return chunks, e.Dict(nil)
}

// same compares what came out with what went in.
func same(got, want sample) error {
	if got.id != want.id || len(got.docs) != len(want.docs) {
		return fmt.Errorf("trace %v of %d documents became %v of %d", want.id, len(want.docs), got.id, len(got.docs))
	}
	for i := range want.docs {
		g, w := got.docs[i], want.docs[i]
		if !bytes.Equal(g.Text, w.Text) || g.Received != w.Received || g.Keep != w.Keep {
			return fmt.Errorf("document %d came out as\n%s\n%v %v, but was\n%s\n%v %v", i, g.Text, g.Received, g.Keep, w.Text, w.Received, w.Keep)
		}
	}
	return nil
}

// roundTrip encodes the traces and wants them back.
func roundTrip(t testing.TB, e *Encoder, traces []sample, size int) {
	t.Helper()
	chunks, dict := encode(e, traces, size)
	d, err := ParseDict(dict)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, c := range chunks {
		n, err := Len(c)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Decode(c, 0, n, func(_ int, id roentgen.TraceID, docs []Doc) error {
			at++
			return same(sample{id, docs}, traces[at-1])
		})
		if err != nil {
			t.Fatalf("trace %d: %v", at, err)
		}
	}
	if at != len(traces) {
		t.Fatalf("%d of %d traces came out", at, len(traces))
	}
}

func TestWhatComesOutIsWhatWentIn(t *testing.T) {
	for name, traces := range map[string][]sample{
		"services": serviceTraces(250),
		"odd":      oddTraces(2, 600),
		"nothing":  nil,
	} {
		for _, size := range []int{1, 96 << 10} {
			t.Run(fmt.Sprintf("%s in chunks of %d", name, size), func(t *testing.T) {
				roundTrip(t, NewEncoder(), traces, size)
			})
		}
	}
}

func TestAnEncoderIsUsedAgain(t *testing.T) {
	e := NewEncoder()
	traces := serviceTraces(100)
	first, dict := encode(e, traces, 96<<10)
	e.Reset()
	roundTrip(t, e, oddTraces(3, 300), 30<<10)
	e.Reset()
	second, dict2 := encode(e, traces, 96<<10)
	if !bytes.Equal(dict, dict2) || len(first) != len(second) {
		t.Fatal("what was encoded before the Reset shows")
	}
	for i := range first {
		if !bytes.Equal(first[i], second[i]) {
			t.Fatalf("chunk %d differs after a Reset", i)
		}
	}
}

func TestDocumentsNeedNotBeJSON(t *testing.T) {
	texts := []string{"", "{", "}", `"`, `"\`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1}x`, `{"a": 1}`, "[1,", "[1}", "nul", "\x01", "{\"a\x02\":1}", "{\"a\":\"\x01\"}",
		`{"a":"\x07"}`, "{\"a\":\"\xff\"}", `{"name":"x`, `{"name":}`, `{"metadata":{}`, `{"metadata":{"a":1}]`, `[[[`, `{"a":1}{"a":1}`, ",", `{"a":1,}`, `{,}`, "0x", `{"start_time":`}
	var traces []sample
	for round := range 40 {
		s := sample{id: roentgen.TraceID{1, byte(round)}}
		for i, text := range texts {
			s.docs = append(s.docs, Doc{Text: []byte(text), Received: roentgen.Time(i)})
		}
		traces = append(traces, s)
	}
	roundTrip(t, NewEncoder(), traces, 500)
}

func TestTimesAndKeepsOfAnySize(t *testing.T) {
	var traces []sample
	for i, at := range []roentgen.Time{0, -1, math.MaxInt64, math.MinInt64, 1e9, 1e18} {
		var docs []Doc
		for k, later := range []roentgen.Time{0, 1, math.MaxInt64, math.MinInt64, 5e9} {
			docs = append(docs, Doc{[]byte("{}"), at + later, roentgen.Keep{Reason: roentgen.KeepReason(k), Probability: math.Float64frombits(uint64(i+1) << 52)}})
		}
		traces = append(traces, sample{roentgen.TraceID{byte(255 * (i % 2))}, docs})
	}
	roundTrip(t, NewEncoder(), traces, 1<<20)
}

func TestOneTraceOfManyIsFound(t *testing.T) {
	traces := serviceTraces(60)
	e := NewEncoder()
	for _, s := range traces {
		e.Trace(s.id, s.docs)
	}
	c := e.Cut(nil)
	d, err := ParseDict(e.Dict(nil))
	if err != nil {
		t.Fatal(err)
	}
	for from := range traces {
		for _, to := range []int{from, from + 1, min(from+3, len(traces))} {
			next := from
			err := d.Decode(c, from, to, func(n int, id roentgen.TraceID, docs []Doc) error {
				if n != next {
					return fmt.Errorf("trace %d where %d was to come", n, next)
				}
				next++
				return same(sample{id, docs}, traces[n])
			})
			if err != nil || next != to {
				t.Fatalf("traces %d to %d: ended at %d: %v", from, to, next, err)
			}
		}
	}
	stop := errors.New("enough")
	if err := d.Decode(c, 0, 60, func(int, roentgen.TraceID, []Doc) error { return stop }); err != stop {
		t.Errorf("the caller's error came back as %v", err)
	}
	for _, r := range [][2]int{{-1, 1}, {0, 61}, {2, 1}} {
		if err := d.Decode(c, r[0], r[1], func(int, roentgen.TraceID, []Doc) error { return nil }); !isError(err) {
			t.Errorf("traces %d to %d: %v", r[0], r[1], err)
		}
	}
}

func TestManyReadAtOnce(t *testing.T) {
	traces := serviceTraces(40)
	chunks, dict := encode(NewEncoder(), traces, 1<<20)
	d, err := ParseDict(dict)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			for n := range traces {
				errs[i] = errors.Join(errs[i], d.Decode(chunks[0], n, n+1, func(n int, id roentgen.TraceID, docs []Doc) error {
					return same(sample{id, docs}, traces[n])
				}))
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func isError(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

// What the format is for: of these traces, random ids alone are 12 of the bytes.
func TestServicesTakeFewBytes(t *testing.T) {
	traces := serviceTraces(1200)
	chunks, dict := encode(NewEncoder(), traces, 96<<10)
	sum := len(dict)
	for _, c := range chunks {
		sum += len(c)
	}
	if per := float64(sum) / float64(serviceSpans*len(traces)); per > 20 {
		t.Errorf("%.2f bytes a span", per)
	} else {
		t.Logf("%.2f bytes a span", per)
	}
	if len(dict) > 16<<10 {
		t.Errorf("a dictionary of %d bytes", len(dict))
	}
}

func TestTheDictionaryIsBounded(t *testing.T) {
	opt := Options{DictBytes: 64 << 10, Shapes: 100, Columns: 1000}
	e := opt.NewEncoder()
	g := newGenerator(5)
	var traces []sample
	for i := range 1500 {
		id := g.traceID()
		key, again := g.hex(8), g.hex(16)
		doc := fmt.Sprintf(`{"name":"n%d","id":%q,"%s":{"x":1,"k%d":%q},"s":%q}`, i/2, g.hex(16), key, i/3, g.hex(12), again+strings.Repeat(again, g.IntN(9)))
		traces = append(traces, g.sample(id, []string{doc, doc}))
	}
	roundTrip(t, e, traces, 96<<10)
	if e.used > 3*opt.DictBytes || len(e.shapes) > opt.Shapes || len(e.cols) > opt.Columns {
		t.Errorf("%d bytes, %d shapes and %d columns were learned", e.used, len(e.shapes), len(e.cols))
	}
}

func TestSizeIsOfMemory(t *testing.T) {
	_, small := encode(NewEncoder(), serviceTraces(1), 1<<20)
	_, large := encode(NewEncoder(), serviceTraces(300), 1<<20)
	a, err := ParseDict(small)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseDict(large)
	if err != nil {
		t.Fatal(err)
	}
	if a.Size() <= 0 || b.Size() < 2*a.Size() || b.Size() > 1<<20 {
		t.Errorf("sizes %d and %d", a.Size(), b.Size())
	}
}

func TestLimitsOfDecoding(t *testing.T) {
	traces := serviceTraces(30)
	chunks, dict := encode(NewEncoder(), traces, 1<<20)
	if _, err := (&Pool{Limits: Limits{Dict: 100}}).ParseDict(dict); !isError(err) {
		t.Errorf("a dictionary above the limit: %v", err)
	}
	d, err := (&Pool{Limits: Limits{Trace: 1000}}).ParseDict(dict)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Decode(chunks[0], 0, 30, func(int, roentgen.TraceID, []Doc) error { return nil })
	if !isError(err) || !strings.Contains(err.Error(), "longer than 1000 bytes") {
		t.Errorf("a trace above the limit: %v", err)
	}
}

// Damage is found or goes unnoticed (whoever stores chunks has checksums), but
// never panics.
func TestDamage(t *testing.T) {
	traces := append(serviceTraces(12), oddTraces(9, 12)...)
	chunks, dict := encode(NewEncoder(), traces, 1<<20)
	d, err := ParseDict(dict)
	if err != nil {
		t.Fatal(err)
	}
	none := func(int, roentgen.TraceID, []Doc) error { return nil }
	found := 0
	c := chunks[0]
	for i := 0; i < len(c); i += 2 + i/100 {
		for _, bit := range []byte{1, 0x80} {
			c[i] ^= bit
			n, err := Len(c)
			if err == nil {
				err = d.Decode(c, 0, n, none)
			}
			if err != nil {
				found++
				if !isError(err) {
					t.Fatalf("byte %d: %v", i, err)
				}
			}
			c[i] ^= bit
		}
		if err := d.Decode(c[:i], 0, len(traces), none); !isError(err) {
			t.Fatalf("the first %d bytes: %v", i, err)
		}
	}
	if found == 0 {
		t.Error("no damage was found")
	}
	for i := 0; i < len(dict); i += 2 + i/50 {
		dict[i] ^= 0x10
		if d, err := ParseDict(dict); err == nil {
			err = d.Decode(c, 0, len(traces), none)
			if err != nil && !isError(err) {
				t.Fatalf("byte %d of the dictionary: %v", i, err)
			}
		} else if !isError(err) {
			t.Fatalf("byte %d of the dictionary: %v", i, err)
		}
		dict[i] ^= 0x10
		if _, err := ParseDict(dict[:i]); !isError(err) {
			t.Fatalf("the first %d bytes of the dictionary: %v", i, err)
		}
	}
}

// A document is not kept alive by the Encoder, and a trace costs it next to no
// memory.
func TestTracesAreEncodedInPlace(t *testing.T) {
	traces := serviceTraces(300)
	e := NewEncoder()
	for _, s := range traces {
		e.Trace(s.id, s.docs)
	}
	e.Cut(nil)
	n := 0
	buf := make([]byte, 0, 1<<20)
	allocs := testing.AllocsPerRun(20, func() {
		for range 16 {
			e.Trace(traces[n%300].id, traces[n%300].docs)
			n++
		}
		buf = e.Cut(buf[:0])
	})
	if allocs/16 > 5 {
		t.Errorf("%.1f allocations a trace", allocs/16)
	}
}

// A trace of many segments, a list of many numbers, a document of one long
// text, and one that nests deeper than shapes do.
func TestLargeThings(t *testing.T) {
	g := newGenerator(11)
	id := g.traceID()
	var docs []string
	for range 300 {
		docs = append(docs, g.service(id)...)
	}
	var list strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&list, "%d.%d,", i, g.IntN(1000))
	}
	docs = append(docs, `{"metadata":{"a":[`+list.String()+`0]}}`, `{"text":"`+strings.Repeat("प्रथम सूचना रिपोर्ट ", 10000)+`"}`,
		strings.Repeat(`{"a":[`, 1000)+strings.Repeat(`]}`, 1000))
	big := g.sample(id, docs)
	roundTrip(t, NewEncoder(), []sample{big, big, serviceTraces(1)[0], big}, 96<<10)
}
