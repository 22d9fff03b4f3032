// Package contract is the vocabulary that AFIRGen's traces and logs speak: the names of services, subsegments,
// annotations, metadata and kinds of error. Dashboards, alarms and tests are written against these words, so a word
// changes here or nowhere.
//
// No word here carries what a person wrote: neither complaint text nor names, phones or addresses are ever the value of
// an annotation or of metadata.
package contract

// The services: names of segments, and of the remote subsegments that call them, so that nodes on a map merge.
const (
	Backend = "afirgen-main-backend"
	GGUF    = "afirgen-gguf-server"
	ASROCR  = "afirgen-asr-ocr-server"
)

// The subsegments that the backend opens by hand.
const (
	ProcessRequest = "process_fir_request"
	OCR            = "ocr"
	ASR            = "asr"
	KBRetrieve     = "kb_retrieve"
	ViolationCheck = "violation_check" // one per section; its annotation Section says which
	RenderFIR      = "render_fir"
	RenderPDF      = "render_pdf"
	ArchiveUpload  = "archive_upload"
	// validate is followed by the review's name.
	validate = "validate_"
	// modelInference is followed by the model's name: one subsegment per attempt.
	modelInference = "model_inference_"
)

// ModelInference returns the name of the subsegment around one call of a model: model_inference_summariser.
func ModelInference(model string) string { return modelInference + model }

// Validate returns the name of the subsegment around a person's decision in a review: validate_summary_review.
func Validate(step string) string { return validate + step }

// Values of the annotation Operation.
const (
	OperationInference = "inference"
	OperationOCR       = "ocr"
	OperationASR       = "asr"
	OperationStartup   = "startup"
	OperationSweep     = "sweep" // sessions that have expired, signatures that are overdue
)
