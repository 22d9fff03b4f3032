package chunk

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
)

// sample is a trace to encode.
type sample struct {
	id   roentgen.TraceID
	docs []Doc
}

// generator makes traces, the same ones for the same seed.
type generator struct {
	*rand.Rand
	now int64 // nanoseconds
}

func newGenerator(seed uint64) *generator {
	return &generator{rand.New(rand.NewPCG(seed, 7)), 1795981150_254244000}
}

func (g *generator) traceID() (id roentgen.TraceID) {
	for i := range id {
		id[i] = byte(g.Uint32())
	}
	sec := uint32(g.now / 1e9)
	id[0], id[1], id[2], id[3] = byte(sec>>24), byte(sec>>16), byte(sec>>8), byte(sec)
	return id
}

func (g *generator) hex(n int) string { return fmt.Sprintf("%016x", g.Uint64())[:n] }

func (g *generator) uuid() string {
	return g.hex(8) + "-" + g.hex(4) + "-4" + g.hex(3) + "-a" + g.hex(3) + "-" + g.hex(12)
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

// wait moves the clock by about the milliseconds.
func (g *generator) wait(ms float64) { g.now += int64(ms * 1e6 * (0.2 + g.ExpFloat64())) }

func micros(ns int64) string { return fmt.Sprintf("%d.%06d", ns/1e9, ns%1e9/1e3) }

// spans of a service trace: 3 documents, 12 segments and subsegments, as AFIRGen's
// back end, its model server and its transcriber write them.
const serviceSpans = 12

func (g *generator) service(id roentgen.TraceID) []string {
	const sdk = `"origin":"AWS::EC2::Instance","service":{"version":"1.4.2","compiler_version":"go1.26","compiler":"gc"},"aws":{"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5","auto_instrumentation":false}}`
	start, session := g.now, g.uuid()
	path := g.one("/process", "/validate", "/regenerate", "/transcribe", "/ocr", "/fir/status")
	model := g.one("mistral-7b-instruct-q4_k_m", "llama-3.1-8b-instruct-q5_k_m", "phi-3-mini-4k-q4")
	notes := func(path string) string {
		return fmt.Sprintf(`"annotations":{"endpoint":%q,"model_name":%q,"session_id":%q,"error":false}`, path, model, session)
	}
	sub := func(name string, ms float64, rest string) string {
		from := g.now
		g.wait(ms)
		return fmt.Sprintf(`{"name":%q,"id":%q,"start_time":%s,"end_time":%s%s}`, name, g.hex(16), micros(from), micros(g.now), rest)
	}
	sql := func() string {
		return sub("fir_db@mysql.internal", 4, fmt.Sprintf(`,"namespace":"remote","sql":{"url":"mysql.internal:3306/fir_db","database_type":"mysql","user":"afirgen_app","sanitized_query":%q},"metadata":{"default":{"server.port":3306,"net.peer.ip":"10.0.9.17","db.rows":%d,"db.pool.in_use":%d}}`,
			g.one("SELECT id FROM fir_sessions WHERE session_id = ?", "UPDATE fir_sessions SET status = ?", "INSERT INTO audit_log (actor, action) VALUES (?, ?)"), g.IntN(20), 1+g.IntN(20)))
	}
	var inner []string
	call := func(name, url string, ms float64) string {
		from, callID := g.now, g.hex(16)
		g.wait(1)
		begin := g.now
		work := sub(g.one("whisper.transcribe", "llm.generate"), ms, fmt.Sprintf(`,"metadata":{"default":{"audio.seconds":%s,"gen_ai.usage.input_tokens":%d,"device":"cuda:0","asr.confidence":%s}}`,
			strconv.FormatFloat(float64(g.IntN(18000))/100, 'g', -1, 64), 64+g.IntN(1900), strconv.FormatFloat(float64(g.IntN(10000))/10000, 'g', -1, 64)))
		end := g.now
		g.wait(1)
		inner = append(inner, fmt.Sprintf(`{"name":%q,"id":%q,"start_time":%s,"end_time":%s,"trace_id":%q,"parent_id":%q,%s,"http":{"request":{"method":"POST","url":%q},"response":{"status":200}},%s,"subsegments":[%s]}`,
			name, g.hex(16), micros(begin), micros(end), id, callID, sdk, url, notes(url), work))
		return fmt.Sprintf(`{"name":%q,"id":%q,"start_time":%s,"end_time":%s,"namespace":"remote","http":{"request":{"method":"POST","url":%q},"response":{"status":200,"content_length":%d}}}`,
			name, callID, micros(from), micros(g.now), url, g.IntN(8000))
	}
	subs := []string{
		sub("validate_session", 1, fmt.Sprintf(`,"metadata":{"default":{"cache.hit":%t,"session.age_ms":%d,"thread.name":"worker-%d"}}`, g.IntN(3) == 0, g.IntN(900000), g.IntN(8))),
		sql(),
		sub("S3", 35, fmt.Sprintf(`,"namespace":"aws","aws":{"operation":"PutObject","region":"ap-south-1","request_id":%q,"bucket_name":"afirgen-uploads-prod","key":"uploads/2026/11/%s/audio.wav"}`, strings.ToUpper(g.hex(16)), session)),
		call("afirgen-asr-ocr-server", "http://afirgen-asr-ocr-server:8002/asr", 600),
		call("afirgen-gguf-server", "http://afirgen-gguf-server:8001/inference", 900),
		sql(), sql(),
	}
	fault := ""
	if g.IntN(50) == 0 {
		fault = fmt.Sprintf(`,"fault":true,"cause":{"working_directory":"/app","exceptions":[{"id":%q,"type":"ModelInferenceError","message":"llama_decode failed: n_tokens=%d","stack":[{"path":"/app/agentv5.py","line":%d,"label":"infer"},{"path":"/app/retry.py","line":88,"label":"call"}]}]}`, g.hex(16), g.IntN(100000), g.IntN(900))
	}
	root := fmt.Sprintf(`{"name":"afirgen-main-backend","id":%q,"start_time":%s,"end_time":%s,"trace_id":%q,"user":"officer-%04d",%s,"http":{"request":{"method":"POST","url":"https://afirgen.example.gov.in%s","client_ip":"10.%d.%d.%d","user_agent":"python-httpx/0.27.2"},"response":{"status":200}},%s%s,"subsegments":[%s]}`,
		g.hex(16), micros(start), micros(g.now), id, g.IntN(2000), sdk, path, g.IntN(4), g.IntN(256), 1+g.IntN(254), notes(path), fault, strings.Join(subs, ","))
	return append([]string{root}, inner...)
}

// odd is a document with what is rare: other scripts, escapes, numbers in every
// form, unknown and missing keys, empty and deep things.
func (g *generator) odd(id roentgen.TraceID) string {
	numbers := []string{"1E5", "-0.0", "12345678901234567890", "0", "-0", "-17", "0.10", "1e-7", "3.0", "1.5E+10", "200.0", "1.0E9", "00"[:1]}
	values := []string{`"प्रथम सूचना रिपोर्ट"`, `"थाना कोतवाली, वाराणसी"`, `"\/fir\/\u0041\u0924"`, `"a\"b\\"`, `"\\\\\""`, `""`, `{}`, `[]`, `[[]]`, `[{}]`, `null`, `true`, `false`,
		`[1,2,[3,"x"],{"y":[null]}]`, `{"":""}`, `{"metadata":{"metadata":{}}}`, strings.Repeat("[", 60) + "7" + strings.Repeat("]", 60),
		strings.Repeat(`{"d":`, 70) + `"bottom"` + strings.Repeat("}", 70)}
	seconds := float64(g.now) / 1e9
	times := []string{micros(g.now), strconv.FormatFloat(seconds, 'f', 3, 64), strconv.FormatFloat(seconds, 'f', -1, 64), strconv.FormatFloat(seconds, 'E', -1, 64),
		"1.780165693125E9", strconv.FormatInt(g.now/1e6, 10), strconv.FormatInt(g.now/1e9, 10), strconv.FormatFloat(seconds, 'f', 9, 64)}
	var b strings.Builder
	fmt.Fprintf(&b, `{"name":%q,"id":%q,"start_time":%s,"trace_id":%q`, g.one("a", "थाना", "b "+g.hex(6)), g.hex(16), times[g.IntN(len(times))], g.one(id.String(), id.W3C()))
	for range g.IntN(6) {
		v := values[g.IntN(len(values))]
		if g.IntN(2) == 0 {
			v = numbers[g.IntN(len(numbers))]
		}
		fmt.Fprintf(&b, `,%q:%s`, g.one("metadata", "annotations", "note", "k"+g.hex(4), "\u0905", "x"), v)
	}
	switch g.IntN(8) {
	case 0:
		fmt.Fprintf(&b, `,"in_progress":true`)
	case 1:
		fmt.Fprintf(&b, `,"end_time":%s,"subsegments":[%s,%s]`, times[g.IntN(len(times))], g.odd(id), g.odd(id))
	case 2:
		fmt.Fprintf(&b, `,"metadata":{"default":{"fir":"/fir/status/2026-%06d","narrative":"%s","sum":"%s"}}`, g.IntN(1e6), strings.Repeat("घटना का विवरण "+g.hex(4)+" ", g.IntN(20)), g.hex(16)+g.hex(16))
	}
	g.wait(20)
	return b.String() + "}"
}

// service traces, the newest first.
func serviceTraces(n int) []sample {
	g := newGenerator(1)
	out := make([]sample, n)
	for i := range out {
		begin := g.now
		id := g.traceID()
		out[n-1-i] = g.sample(id, g.service(id))
		g.now = begin
		g.wait(24)
	}
	return out
}

// oddTraces have up to seven documents, or none.
func oddTraces(seed uint64, n int) []sample {
	g := newGenerator(seed)
	out := make([]sample, n)
	for i := range out {
		id := g.traceID()
		if g.IntN(4) == 0 {
			out[i] = g.sample(id, g.service(id))
			continue
		}
		var docs []string
		for range g.IntN(8) {
			docs = append(docs, g.odd(id))
		}
		out[i] = g.sample(id, docs)
	}
	return out
}

func (g *generator) sample(id roentgen.TraceID, docs []string) sample {
	s := sample{id: id}
	received := roentgen.Time(g.now / 1e7 * 1e7)
	for _, d := range docs {
		if g.IntN(50) == 0 {
			received += roentgen.Time(g.IntN(1e9))
		}
		s.docs = append(s.docs, Doc{[]byte(d), received, roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.05}})
	}
	return s
}
