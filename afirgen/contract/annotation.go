package contract

// Annotations of every segment.
const (
	Endpoint   = "endpoint"    // string: the route's pattern, /session/{id}; Unmatched where no route fits
	HTTPMethod = "http_method" // string
	StatusCode = "status_code" // number
	ClientIP   = "client_ip"   // string
	Success    = "success"     // bool: status below 400
	HasError   = "has_error"   // bool; `error` is X-Ray's own word for 4xx
	ErrorKind  = "error_type"  // string: an ErrorType; absent on success
)

// Unmatched is the Endpoint of a request that no route takes. The path itself could hold anything.
const Unmatched = "unmatched"

// Annotations of the workflow, on the backend's segments.
const (
	SessionID    = "session_id"    // string: a UUID
	FIRNumber    = "fir_number"    // string: KTW/0042/2026
	WorkflowStep = "workflow_step" // string: a fir.Step
	Decision     = "decision"      // string: approved, rejected, regenerated or corrected
	FIRState     = "fir_state"     // string: a fir.State
	FIRAction    = "fir_action"    // string: what was asked of a report: sign, transfer, …
	HasText      = "has_text"      // bool: which input the complaint came as
	HasImage     = "has_image"     // bool
	HasAudio     = "has_audio"     // bool
)

// Annotations of the search for sections of law, on the backend's subsegments.
const (
	Section        = "section"          // string: the section that one violation_check is about, BNS 303(2)
	Violated       = "violated"         // bool: what the check said
	Hits           = "hits"             // number: sections that kb_retrieve found
	ChecksFailed   = "checks_failed"    // number: checks without an answer
	ChecksTimedOut = "checks_timed_out" // number: checks that took too long
)

// Annotations of the model servers' segments; the first three also stand on the backend's model_inference_…
// subsegments.
const (
	ModelName        = "model_name"        // string
	MaxTokens        = "max_tokens"        // number
	PromptLength     = "prompt_length"     // number: characters, not bytes
	PromptTokens     = "prompt_tokens"     // number
	CompletionTokens = "completion_tokens" // number
	DurationMS       = "duration_ms"       // number: the work itself, without the wait for a worker
	QueueWaitMS      = "queue_wait_ms"     // number: the wait for a worker
	Operation        = "operation"         // string: inference, ocr, asr or startup
	ContentType      = "content_type"      // string: as found in the bytes, not as claimed
	FileSize         = "file_size"         // number: bytes
	Language         = "language"          // string: the engine's names, joined by +
	Pages            = "pages"             // number: of a document that was read
	AudioSeconds     = "audio_seconds"     // number: the length of the speech
	Streamed         = "streamed"          // bool: the completion was sent as it came
	LowConfidence    = "low_confidence"    // bool: the text has to be read against its source before it is used
)

// Namespaces and keys of metadata, which is not indexed: sizes, timings and the technical side of an error.
const (
	DebugNamespace = "debug"
	ErrorNamespace = "error"

	ResponseLength = "response_length" // debug: characters
	Attempt        = "retry_attempt"   // debug: 1 for the first
	Tokenizer      = "tokenizer"       // debug: the rule by which tokens were counted
	Engine         = "engine"          // debug: rules, ggml, openai, tesseract, whisper, pocketsphinx
	Breaker        = "breaker"         // debug: state of the circuit breaker at a call: closed, half_open or open
	Confidence     = "confidence"      // debug: 0–100, mean over recognised words
	Message        = "message"         // error: what went wrong, in our own words
	Stack          = "stack"           // error: of a fault, the frames as text, innermost first
)
