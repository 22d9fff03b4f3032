package chunk

import (
	"bytes"
	"testing"

	"github.com/roentgen/roentgen"
)

// FuzzRoundTrip encodes documents often enough for them to be learned, and
// variants of them, and wants them back.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range oddTraces(4, 12) {
		var all []byte
		for _, d := range s.docs {
			all = append(append(all, d.Text...), '\n')
		}
		f.Add(all, byte(3), byte('7'))
	}
	f.Add([]byte(`{"a":"x1","b":[{"c":1.5},{"c":2.25}]}`+"\n"+`{"a":"x1"}`), byte(1), byte('0'))
	f.Fuzz(func(t *testing.T, text []byte, step, change byte) {
		if len(text) > 4<<10 {
			return
		}
		var traces []sample
		for round := range 12 {
			s := sample{id: roentgen.TraceID{3, step, byte(round)}}
			for i, doc := range bytes.Split(text, []byte{'\n'}) {
				doc = bytes.Clone(doc)
				for k := int(step) + round; round > 3 && k < len(doc); k += 7 + int(step) + round {
					if '0' <= doc[k] && doc[k] <= '9' || round%3 == 0 {
						doc[k] = change + byte(round)
					}
				}
				s.docs = append(s.docs, Doc{Text: doc, Received: roentgen.Time(i * int(step)), Keep: roentgen.Keep{Reason: roentgen.KeepReason(step % 4)}})
			}
			traces = append(traces, s)
		}
		roundTrip(t, Options{DictBytes: 1 << 14}.NewEncoder(), traces, 2000)
	})
}

// FuzzDecode reads damaged chunks with damaged dictionaries.
func FuzzDecode(f *testing.F) {
	for _, traces := range [][]sample{serviceTraces(12), oddTraces(6, 20)} {
		chunks, dict := encodeWith(traces)
		f.Add(chunks[0], dict)
		f.Add(chunks[len(chunks)-1], dict)
	}
	f.Fuzz(func(t *testing.T, chunk, dict []byte) {
		pool := Pool{Limits: Limits{Trace: 1 << 20, Dict: 1 << 20}}
		d, err := pool.ParseDict(dict)
		if err != nil {
			if !isError(err) {
				t.Fatal(err)
			}
			return
		}
		n, err := Len(chunk)
		if err == nil {
			err = d.Decode(chunk, 0, n, func(int, roentgen.TraceID, []Doc) error { return nil })
		}
		if err != nil && !isError(err) {
			t.Fatal(err)
		}
	})
}

// FuzzDict reads dictionaries as they are once uncompressed, and a chunk with
// them: mutations behind the compression reach deeper.
func FuzzDict(f *testing.F) {
	chunks, dict := encodeWith(serviceTraces(20))
	pool := Pool{Limits: Limits{Trace: 1 << 20}}
	d, err := pool.ParseDict(dict)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(d.text, chunks[len(chunks)-1])
	f.Fuzz(func(t *testing.T, body, chunk []byte) {
		r := dictReader{body: body, d: &Dict{pool: &pool, text: body}}
		r.read()
		if r.bad != "" {
			return
		}
		n, err := Len(chunk)
		if err == nil {
			err = r.d.Decode(chunk, 0, n, func(int, roentgen.TraceID, []Doc) error { return nil })
		}
		if err != nil && !isError(err) {
			t.Fatal(err)
		}
	})
}

func encodeWith(traces []sample) (chunks [][]byte, dict []byte) {
	return encode(NewEncoder(), traces, 20<<10)
}

// FuzzNumber wants what is understood to come back.
func FuzzNumber(f *testing.F) {
	f.Add([]byte("1795981150.254244"), byte(1), byte(6))
	f.Add([]byte("1.780165693125E9"), byte(3), byte(6))
	f.Fuzz(func(t *testing.T, text []byte, style, k byte) {
		style, k = style%styles, k%10
		if style == styleInt {
			k = 0
		}
		if v, ok := parseNumber(text, style, k); ok {
			if got := appendNumber(nil, v, style, k); !bytes.Equal(got, text) {
				t.Fatalf("%q became %d and then %q", text, v, got)
			}
		}
	})
}
