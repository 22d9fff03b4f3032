package bench

import (
	"fmt"
	"strconv"
	"time"
)

// drawn is what the spans of one trace share.
type drawn struct {
	endpoint, door          string // paths at the main backend and at the speech server
	tokensIn, tokensOut     int
	upload                  int   // bytes
	hop                     int64 // one way over the network
	validate, read, put     int64 // nanoseconds, each of one step
	speech, tokens, answers int64
	write                   int64
}

func (k *maker) draw() {
	k.endpoint = endpoints[k.weighted(endpointWeights[:])]
	k.door = k.oneOf("/asr", "/ocr")
	k.tokensIn, k.tokensOut = 64+k.IntN(1900), 16+k.IntN(900)
	k.upload = 800 + k.IntN(2_000_000)
	k.hop = k.about(800*time.Microsecond, 0.4)
	k.validate = k.about(400*time.Microsecond, 0.5)
	k.read = k.about(2500*time.Microsecond, 0.8)
	k.put = k.about(35*time.Millisecond, 0.6)
	k.speech = k.about(600*time.Millisecond, 0.6)
	k.tokens = k.about(3*time.Millisecond, 0.5)
	k.answers = k.about(900*time.Millisecond, 0.7)
	k.write = k.about(4*time.Millisecond, 0.8)
}

// The spans in the order of Trace.Spans.
const (
	rootSpan = iota
	validateSpan
	readSpan
	uploadSpan
	callSpeechSpan
	callModelSpan
	writeSpan
	speechSpan
	transcribeSpan
	modelSpan
	tokenizeSpan
	generateSpan
)

// request makes the spans: the main backend reads, stores the upload, calls
// the speech server and then the model server, and writes.
func (k *maker) request() {
	speech, model := k.speech+2*k.hop, k.tokens+k.answers+2*k.hop
	at := k.start + k.hop
	reading := at + k.validate
	uploading := reading + k.read
	listening := uploading + k.put
	thinking := listening + speech + 2*k.hop
	writing := thinking + model + 2*k.hop
	k.root(k.start, writing+k.write+k.hop)
	k.validation(at, k.validate)
	k.statement(reading, k.read, "SELECT", k.oneOf(reads[:]...), k.IntN(20))
	k.store(uploading, k.put)
	k.call(listening, speech+2*k.hop, speechService, 8002, k.door, k.upload, 200+k.IntN(8000))
	k.call(thinking, model+2*k.hop, modelService, 8001, "/inference", 4*k.tokensIn, 4*k.tokensOut)
	w := k.oneOf(writes[:]...)
	k.statement(writing, k.write, w[:6], w, 1)
	k.serve(listening+k.hop, speech, speechService, callSpeechSpan, k.door, speechModels[k.IntN(len(speechModels))])
	k.transcription(listening+2*k.hop, k.speech)
	k.serve(thinking+k.hop, model, modelService, callModelSpan, "/inference", k.trace.Model)
	k.tokenization(thinking+2*k.hop, k.tokens)
	k.generation(thinking+2*k.hop+k.tokens, k.answers)
}

func (k *maker) root(start, end int64) {
	k.add(Span{Service: mainService, Kind: KindServer, Parent: -1, Name: "POST " + k.endpoint, Start: start, End: end, Status: 200},
		block("http.request.method", text("POST")), block("url.path", text(k.endpoint)), meta("url.scheme", text("https")),
		meta("server.address", text("afirgen.example.gov.in")), block("http.response.status_code", whole(200)),
		block("client.address", text(fmt.Sprintf("10.%d.%d.%d", k.IntN(4), k.IntN(256), 1+k.IntN(254)))),
		block("user_agent.original", text(k.oneOf(browsers[:]...))), meta("http.request.body.size", count(k.upload)),
		block("enduser.id", text(fmt.Sprintf("officer-%04d", k.IntN(2000)))),
		meta("host.node", text(fmt.Sprintf("ip-10-0-%d-%d", 1+k.IntN(3), 10+k.IntN(4)))),
		note("endpoint", text(k.endpoint)), note("model_name", text(k.trace.Model)),
		note("session_id", text(k.trace.Session)), note("error", truth(false)))
}

func (k *maker) validation(start, took int64) {
	k.add(Span{Service: mainService, Kind: KindInternal, Parent: rootSpan, Name: "validate_session", Start: start, End: start + took},
		meta("code.function.name", text("backend.(*Server).validateSession")), meta("code.file.path", text("backend/session.go")),
		meta("code.line.number", whole(112)), meta("validation.step", text(k.oneOf("transcript_review", "sections_review", "final_review"))),
		meta("cache.hit", truth(k.IntN(3) == 0)), meta("session.age_ms", count(k.IntN(900_000))),
		meta("thread.name", text("worker-"+strconv.Itoa(k.IntN(8)))), meta("thread.id", count(1+k.IntN(64))),
		meta("retries", whole(0)), meta("session.state", text("AWAITING_REVIEW")))
}

const database = "mysql.internal"

func (k *maker) statement(start, took int64, verb, statement string, rows int) {
	k.add(Span{Service: mainService, Kind: KindClient, Parent: rootSpan, Name: "mysql " + verb, Remote: "fir_db@" + database, Namespace: "remote",
		Start: start, End: start + took},
		block("db.system", text("mysql")), block("db.name", text("fir_db")), block("db.statement", text(statement)),
		meta("db.operation", text(verb)), block("db.user", text("afirgen_app")), meta("server.address", text(database)),
		meta("server.port", whole(3306)), meta("net.peer.ip", text("10.0.9.17")), meta("db.rows", count(rows)),
		meta("db.pool.in_use", count(1+k.IntN(20))))
}

func (k *maker) store(start, took int64) {
	k.add(Span{Service: mainService, Kind: KindClient, Parent: rootSpan, Name: "S3.PutObject", Remote: "S3", Namespace: "aws",
		Start: start, End: start + took, Status: 200},
		meta("rpc.system", text("aws-api")), meta("rpc.service", text("S3")), block("rpc.method", text("PutObject")),
		block("aws.region", text("ap-south-1")), block("aws.s3.bucket", text("afirgen-uploads-prod")),
		block("aws.s3.key", text("uploads/2026/11/"+k.trace.Session+"/audio.wav")),
		block("aws.request_id", text(fmt.Sprintf("%016X", k.Uint64()))), block("http.request.method", text("PUT")),
		block("http.response.status_code", whole(200)), meta("http.request.body.size", count(k.upload)))
}

// call is the caller's side of a request between two services.
func (k *maker) call(start, took int64, to, port int, path string, sent, received int) {
	callee := serviceName(to)
	k.add(Span{Service: mainService, Kind: KindClient, Parent: rootSpan, Name: "POST " + path, Remote: callee, Namespace: "remote",
		Start: start, End: start + took, Status: 200},
		block("http.request.method", text("POST")), block("url.full", text("http://"+callee+":"+strconv.Itoa(port)+path)),
		meta("server.address", text(callee)), meta("server.port", count(port)), block("http.response.status_code", whole(200)),
		meta("network.protocol.version", text("1.1")), meta("peer.service", text(callee)), meta("http.request.body.size", count(sent)),
		block("http.response.body.size", count(received)), meta("http.resend_count", whole(0)))
}

// serve is the callee's side.
func (k *maker) serve(start, took int64, service, caller int, path, model string) {
	k.add(Span{Service: service, Kind: KindServer, Parent: caller, Name: "POST " + path, Start: start, End: start + took, Status: 200},
		block("http.request.method", text("POST")), block("url.path", text(path)), meta("url.scheme", text("http")),
		meta("server.address", text(serviceName(service))), block("http.response.status_code", whole(200)),
		block("client.address", text("10.0.4.21")), block("user_agent.original", text("Go-http-client/1.1")),
		note("endpoint", text(path)), note("model_name", text(model)), note("session_id", text(k.trace.Session)), note("error", truth(false)))
}

func (k *maker) transcription(start, took int64) {
	k.add(Span{Service: speechService, Kind: KindInternal, Parent: speechSpan, Name: "whisper.transcribe", Start: start, End: start + took},
		meta("code.function.name", text("asr.transcribe")), meta("audio.seconds", real(k.hundredths(180))),
		meta("audio.codec", text("pcm_s16le")), meta("audio.sample_rate", whole(16000)), meta("asr.language", text(k.oneOf("hi", "en", "mr", "ta"))),
		meta("asr.confidence", real(float64(k.IntN(10_000))/10_000)), meta("asr.beam_size", whole(5)), meta("device", text("cuda:0")),
		meta("asr.segments", count(1+k.IntN(80))), meta("asr.vad", truth(true)))
}

func (k *maker) tokenization(start, took int64) {
	k.add(Span{Service: modelService, Kind: KindInternal, Parent: modelSpan, Name: "tokenize", Start: start, End: start + took},
		meta("code.function.name", text("gguf.tokenize")), meta("gen_ai.usage.input_tokens", count(k.tokensIn)), meta("tokenizer", text("bpe")),
		meta("tokenizer.cached", truth(k.IntN(2) == 0)), meta("prompt.chars", count(4*k.tokensIn)),
		meta("prompt.template", text("fir_narrative_v4")), meta("thread.id", count(1+k.IntN(16))),
		meta("gen_ai.system", text("llama.cpp")), meta("n_ctx", whole(4096)), meta("n_threads", whole(8)))
}

func (k *maker) generation(start, took int64) {
	k.add(Span{Service: modelService, Kind: KindInternal, Parent: modelSpan, Name: "llm.generate", Start: start, End: start + took},
		meta("gen_ai.system", text("llama.cpp")), note("model_name", text(k.trace.Model)), meta("gen_ai.usage.input_tokens", count(k.tokensIn)),
		meta("gen_ai.usage.output_tokens", count(k.tokensOut)), meta("gen_ai.request.temperature", real(0.2)),
		meta("gen_ai.request.top_p", real(0.9)), meta("gen_ai.request.max_tokens", whole(1024)),
		meta("finish_reason", text(k.oneOf("stop", "length"))), meta("tokens_per_second", real(k.hundredths(90))),
		meta("gpu.layers", whole(35)), meta("flash_attn", truth(true)))
}

// failure lets one of the spans fail, and all that wait for it.
func (k *maker) failure() {
	which := k.IntN(len(failures))
	f := failures[which]
	s := &k.trace.Spans[f.span]
	x := &Exception{At: s.End, Type: f.kind, Message: f.message + strconv.Itoa(k.IntN(100_000))}
	const depth = 9
	for d := range depth {
		x.Frames = append(x.Frames, Frame{stackPaths[(d+which)%len(stackPaths)], 31 + (d*149+which*61)%880, stackLabels[(3*d+which)%len(stackLabels)]})
	}
	s.Exception = x
	k.trace.fail(f.span, f.status)
}
