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
	UndecodableAudio ErrorType = "undecodable_audio"
	UndecodableFile  ErrorType = "undecodable_document" // a PDF
	WrongEncoding    ErrorType = "wrong_encoding"       // text that is not UTF-8
	NoTextFound      ErrorType = "no_text_found"
	NoSpeechFound    ErrorType = "no_speech_found"
	WrongLanguage    ErrorType = "unknown_language"
	InvalidModel     ErrorType = "invalid_model"
	OriginRefused    ErrorType = "origin_refused"
	RateLimited      ErrorType = "rate_limited"
	SessionExpired   ErrorType = "session_expired"
	WrongStep        ErrorType = "wrong_step"         // the session or report is not where the request takes it to be
	FormIncomplete   ErrorType = "form_incomplete"    // mandatory items are missing; the answer lists them
	InvalidFIRNumber ErrorType = "invalid_fir_number" // no number of a report
	InvalidCursor    ErrorType = "invalid_cursor"
	WrongAuthKey     ErrorType = "wrong_auth_key" // the key for finalising
	AlreadyFinalized ErrorType = "already_finalized"
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
	StoreFailed      ErrorType = "store_failed"      // the database answers, but not as it should
	StoreUnavailable ErrorType = "store_unavailable" // the database does not answer, or its disk is full
	ArchiveFailed    ErrorType = "archive_failed"    // uploads cannot be kept
	CircuitOpen      ErrorType = "circuit_open"      // the breaker before a neighbour is open
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
