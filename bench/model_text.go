package bench

// Names and texts of the traces. None of them changes.

var modelNames = [...]string{
	"mistral-7b-instruct-q4_k_m", "llama-3.1-8b-instruct-q5_k_m", "phi-3-mini-4k-q4", "qwen2.5-7b-q4_k_m",
	"gemma-2-9b-it-q4_k_s", "whisper-large-v3", CommonModel, "dots-ocr-1.7b",
}

var modelWeights = [...]int{34, 24, 12, 10, 7, 6, CommonPercent, 3}

// CommonModel is the model_name that CommonPercent of the traces have at their
// root.
const (
	CommonModel   = "whisper-small"
	CommonPercent = 4
)

var speechModels = modelNames[5:]

var endpoints = [...]string{"/process", "/validate", "/regenerate", "/transcribe", "/ocr", "/fir/status"}

var endpointWeights = [...]int{42, 20, 12, 11, 9, 6}

var reads = [...]string{
	"SELECT id, version, status, last_activity, created_at, state FROM sessions WHERE id = ? AND status <> 'expired' ORDER BY version LIMIT 1",
	"SELECT r.id, r.fir_number, r.state, o.name, o.station_code FROM reports r INNER JOIN officers o ON o.id = r.signed_by WHERE r.session_id = ? ORDER BY r.registered_at DESC LIMIT 50",
	"SELECT COUNT(id) FROM reports WHERE station_code = ? AND registered_at >= ? AND registered_at < ?",
	"SELECT section, act, heading, text FROM law_sections WHERE MATCH(heading, text) AGAINST (? IN BOOLEAN MODE) ORDER BY section LIMIT 12",
	"SELECT digest, valid_until FROM officer_tokens WHERE digest = ? AND withdrawn = 0",
}

var writes = [...]string{
	"INSERT INTO reports (id, session_id, fir_number, complainant, narrative, state, registered_at) VALUES (?, ?, ?, ?, ?, ?, CURRENT_TIME)",
	"UPDATE sessions SET status = ?, state = ?, last_activity = NOW() WHERE id = ? AND version = ?",
	"INSERT INTO reviews (session_id, step, text, accepted, reviewed_at) VALUES (?, ?, ?, ?, CURRENT_TIME)",
	"INSERT INTO diary (officer, action, subject_kind, subject_id, remark, written_at) VALUES (?, ?, ?, ?, ?, NOW())",
}

var browsers = [...]string{
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
	"AFIRGen-Clerk/3.0.2 (Android 15)",
	"Go-http-client/1.1",
}

// failures are what goes wrong, each in a span of its own.
var failures = [...]struct {
	kind, message string
	span          int // as request numbers them
	status        int
}{
	{"gguf.InferenceError", "the context of the model is full: 4096 tokens, and the prompt has ", generateSpan, 500},
	{"mysql.ConnectionError", "the server closed the connection while a statement ran; connection ", writeSpan, 500},
	{"asr.DeadlineExceeded", "no transcript within 120 s, the recogniser was stopped; recording ", transcribeSpan, 504},
	{"s3.SlowDown", "operation error S3: PutObject, StatusCode: 503, Please reduce your request rate; attempt ", uploadSpan, 503},
}

var stackPaths = [...]string{
	"/app/backend/process.go", "/app/backend/server.go", "/usr/local/go/src/net/http/server.go", "/app/upstream/retry.go",
	"/app/upstream/breaker.go", "/usr/local/go/src/net/http/transport.go", "/go/pkg/mod/golang.org/x/sync@v0.24.0/errgroup/errgroup.go",
}

var stackLabels = [...]string{
	"backend.(*Server).process", "http.HandlerFunc.ServeHTTP", "http.(*ServeMux).ServeHTTP", "upstream.Retry", "upstream.(*Breaker).Do",
	"http.(*Client).do", "upstream.(*Client).Infer", "errgroup.(*Group).Go.func1",
}
