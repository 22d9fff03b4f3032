package tail

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// load is documents of a pipeline of three services, 2.2 kB on average, a fifth of it random, as SDKs send them.
type load struct {
	docs [][]byte
	segs []*roentgen.Segment
}

func makeLoad(b *testing.B, traces int) (l load) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range traces {
		id := fmt.Sprintf("1-%08x-%016x%08x", 1780000000+rnd.IntN(60), rnd.Uint64(), rnd.Uint32())
		session := fmt.Sprintf("%08x-%04x-4%03x-%016x", rnd.Uint32(), rnd.IntN(1<<16), rnd.IntN(1<<12), rnd.Uint64())
		for i, name := range []string{"afirgen-main-backend", "afirgen-asr-ocr-server", "afirgen-gguf-server"} {
			doc := benchDocument(rnd, name, id, session, []int{5, 1, 2}[i])
			seg, err := wire.ParseDocument(doc, wire.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			seg.Document = nil
			l.docs, l.segs = append(l.docs, doc), append(l.segs, seg)
		}
	}
	return l
}

var statements = []string{
	"SELECT id, session_id, status, created_at, updated_at, payload FROM fir_sessions WHERE session_id = ? AND deleted_at IS NULL LIMIT 1",
	"INSERT INTO validation_history (session_id, step, content, is_valid, created_at) VALUES (?, ?, ?, ?, NOW())",
	"SELECT section, act, title, description FROM legal_sections WHERE MATCH(title, description) AGAINST (? IN NATURAL LANGUAGE MODE) LIMIT 10",
}

func benchDocument(rnd *rand.Rand, name, trace, session string, calls int) []byte {
	at := 1780000000 + rnd.Float64()*60
	b := fmt.Appendf(nil, `{"name":%q,"id":"%016x","start_time":%.6f,"end_time":%.6f,"trace_id":%q,"user":"officer-%04d",`+
		`"origin":"AWS::EC2::Instance","service":{"version":"1.4.2","compiler_version":"go1.26","compiler":"gc"},`+
		`"aws":{"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5","auto_instrumentation":false}},`+
		`"http":{"request":{"method":"POST","url":"https://afirgen.example.gov.in/process","client_ip":"10.%d.%d.%d",`+
		`"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"},`+
		`"response":{"status":200}},"annotations":{"endpoint":"/process","model_name":"mistral-7b-instruct-q4_k_m","session_id":%q,"error":false},`+
		`"metadata":{"default":{"url.scheme":"https","server.address":%q,"http.request.body.size":%d,"host.node":"ip-10-0-%d-%d"}},"subsegments":[`,
		name, rnd.Uint64(), at, at+rnd.Float64(), trace, rnd.IntN(2000), rnd.IntN(4), rnd.IntN(256), rnd.IntN(256), session, name,
		rnd.IntN(2_000_000), rnd.IntN(3), rnd.IntN(9))
	for i := range calls {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"name":"fir_db@mysql.internal","id":"%016x","start_time":%.6f,"end_time":%.6f,"namespace":"remote",`+
			`"sql":{"url":"mysql.internal:3306/fir_db","database_type":"mysql","user":"afirgen_app","sanitized_query":%q},`+
			`"metadata":{"default":{"db.operation":"SELECT","server.address":"mysql.internal","server.port":3306,"net.peer.ip":"10.0.9.17",`+
			`"db.rows":%d,"db.pool.in_use":%d,"thread.name":"worker-%d","session.age_ms":%d}}}`,
			rnd.Uint64(), at, at+rnd.Float64(), statements[rnd.IntN(len(statements))], rnd.IntN(20), rnd.IntN(20), rnd.IntN(8), rnd.IntN(900000))
	}
	return append(b, "]}"...)
}

// vary gives the document of that turn another trace, so that the index grows as it would.
func (l load) vary(i int) (*roentgen.Segment, []byte) {
	k := i % len(l.docs)
	turn := i / len(l.docs)
	l.segs[k].Trace[13], l.segs[k].Trace[14], l.segs[k].Trace[15] = byte(turn), byte(turn>>8), byte(turn>>16)
	return l.segs[k], l.docs[k]
}

func (l load) bytes() (n int) {
	for _, d := range l.docs {
		n += len(d)
	}
	return n / len(l.docs)
}

// BenchmarkOffer is the cost of a document by what becomes of it: held (compression included), forwarded because its
// trace is sampled or known, or failing and so taking two held ones along. horizon_s is what 512 MiB hold of 20,000
// documents a second.
func BenchmarkOffer(b *testing.B) {
	l := makeLoad(b, 2000)
	open := func(b *testing.B) *Tail {
		t := mustOpen(b, Options{Dir: b.TempDir(), RingBytes: 256 << 20})
		b.Cleanup(func() { t.Close() })
		b.ReportAllocs()
		b.ResetTimer()
		return t
	}
	b.Run("held", func(b *testing.B) {
		t := open(b)
		for i := range b.N {
			seg, doc := l.vary(i)
			t.Offer(seg, doc, MarkUndecided, 0, none)
		}
		if s := t.ring.Stats(); s.Stored > 0 {
			b.ReportMetric(float64(s.Raw)/float64(s.Stored), "ratio")
			b.ReportMetric(float64(512<<20)*float64(s.Raw)/float64(s.Stored)/float64(l.bytes())/20_000, "horizon_s")
		}
	})
	b.Run("sampled", func(b *testing.B) {
		t := open(b)
		for i := range b.N {
			seg, doc := l.vary(i)
			t.Offer(seg, doc, MarkSampled, 0.1, none)
		}
	})
	b.Run("known", func(b *testing.B) {
		t := open(b)
		for _, seg := range l.segs {
			t.Notice(seg.Trace, "error", none)
		}
		b.ResetTimer()
		for i := range b.N {
			k := i % len(l.docs)
			t.Offer(l.segs[k], l.docs[k], MarkUndecided, 0, none)
		}
	})
	b.Run("triggered", func(b *testing.B) {
		t := open(b)
		t.SetTriggers(Triggers{Triggers: []Trigger{{Name: "error", When: "error", Quota: 1e12, Burst: 1e12}}})
		const ago = 3000 // documents between the first of a trace and the one that fails
		failing := make([]roentgen.Segment, len(l.segs))
		for i := range failing {
			failing[i] = roentgen.Segment{Error: true}
		}
		for i := range b.N {
			seg, doc := l.vary(i)
			t.Offer(seg, doc, MarkUndecided, 0, none)
			if i > ago && i%100 == 0 {
				k := (i - ago) % len(l.docs)
				failing[k].Trace = l.segs[k].Trace
				t.Offer(&failing[k], l.docs[k], MarkUndecided, 0, none)
			}
		}
		b.ReportMetric(float64(t.Stats().Drained)/float64(b.N), "drained/op")
	})
}
