package contract

// ErrorType is the code under which an error is annotated and counted. Codes are stable; the sentences are not.
type ErrorType string

// What the caller did.
const (
	NoInput          ErrorType = "no_input"
	MultipleInputs   ErrorType = "multiple_inputs"
	InvalidRequest   ErrorType = "invalid_request"
	InvalidSessionID ErrorType = "invalid_session_id"
	TextTooShort     ErrorType = "text_too_short"
	TextTooLong      ErrorType = "text_too_long"
	Unauthorized     ErrorType = "unauthorized"
	NotFound         ErrorType = "not_found"
	MethodNotAllowed ErrorType = "method_not_allowed"
	TooLarge         ErrorType = "too_large"
	WrongType        ErrorType = "unsupported_media_type"
	Undecodable      ErrorType = "undecodable_image"
	NoTextFound      ErrorType = "no_text_found"
	WrongLanguage    ErrorType = "unknown_language"
	InvalidModel     ErrorType = "invalid_model"
	OriginRefused    ErrorType = "origin_refused"
	ClientCancelled  ErrorType = "client_cancelled"
)

// What we did, or could not do.
const (
	Internal         ErrorType = "internal"
	Panicked         ErrorType = "panic"
	Draining         ErrorType = "draining"
	Overloaded       ErrorType = "overloaded"
	ModelUnavailable ErrorType = "model_unavailable"
	EngineFailed     ErrorType = "engine_failed"
	EngineTimeout    ErrorType = "engine_timeout"
	StoreFailed      ErrorType = "store_failed"
	VersionConflict  ErrorType = "version_conflict"
	NotReady         ErrorType = "not_ready"
)

// What a neighbour did.
const (
	UpstreamUnreachable ErrorType = "upstream_unreachable"
	UpstreamTimeout     ErrorType = "upstream_timeout"
	UpstreamUnavailable ErrorType = "upstream_unavailable"
	UpstreamFailed      ErrorType = "upstream_failed"
)
