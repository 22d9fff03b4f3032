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
	WorkflowStep = "workflow_step" // string: a fir.Step
	HasText      = "has_text"      // bool: which input the complaint came as
	HasImage     = "has_image"     // bool
	HasAudio     = "has_audio"     // bool
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
	Language         = "language"          // string: tesseract's names, joined by +
)

// Namespaces and keys of metadata, which is not indexed: sizes, timings and the technical side of an error.
const (
	DebugNamespace = "debug"
	ErrorNamespace = "error"

	ResponseLength = "response_length" // debug: characters
	Attempt        = "retry_attempt"   // debug: 1 for the first
	Tokenizer      = "tokenizer"       // debug: the rule by which tokens were counted
	Engine         = "engine"          // debug
	Confidence     = "confidence"      // debug: 0–100, mean over recognised words
	Message        = "message"         // error: what went wrong, in our own words
)
