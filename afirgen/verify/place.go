package verify

import (
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
)

// places are what has to be found on the way of a typed complaint and of a letter.
func places() []place {
	return append(segmentPlaces(), subsegmentPlaces()...)
}

func segmentPlaces() []place {
	return []place{
		{
			name: "every segment", takes: func(n *node) bool { return n.segment == n },
			annotations: []string{contract.Endpoint, contract.HTTPMethod, contract.StatusCode, contract.ClientIP, contract.Success, contract.HasError},
		}, {
			name: "the backend's segment of /process", takes: segmentOf(contract.Backend, "/process"),
			annotations: []string{contract.SessionID, contract.WorkflowStep, contract.HasText, contract.HasImage, contract.HasAudio},
		}, {
			name: "the backend's segment of a decision or correction", takes: segmentOf(contract.Backend, "/validate", "/session/{id}/correct"),
			annotations: []string{contract.SessionID, contract.WorkflowStep},
		}, {
			name: "the backend's segment of what happens to a report", takes: segmentOf(contract.Backend, "/fir/{number}/events"),
			annotations: []string{contract.FIRNumber, contract.FIRState, contract.FIRAction},
		}, {
			name: "the model server's segment of an inference", takes: segmentOf(contract.GGUF, "/inference"),
			annotations: []string{
				contract.Operation, contract.ModelName, contract.MaxTokens, contract.PromptLength, contract.PromptTokens,
				contract.CompletionTokens, contract.DurationMS, contract.QueueWaitMS,
			},
			metadata: []string{debug(contract.Tokenizer), debug(contract.Engine)},
		}, {
			name: "the ASR/OCR server's segment of a reading", takes: segmentOf(contract.ASROCR, "/ocr"),
			annotations: []string{
				contract.Operation, contract.ContentType, contract.FileSize, contract.DurationMS, contract.QueueWaitMS, contract.Language,
			},
			metadata: []string{debug(contract.Confidence), debug(contract.ResponseLength)},
		},
	}
}

func subsegmentPlaces() []place {
	var reviews, models []string
	for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview, fir.NarrativeReview, fir.FinalReview} {
		reviews = append(reviews, contract.Validate(string(step)))
	}
	for _, model := range []string{gguf.Summariser, gguf.BNSCheck, gguf.FIRSummariser} {
		models = append(models, contract.ModelInference(model))
	}
	return []place{
		{
			name: "a decision", takes: subsegment(contract.Backend, reviews...),
			annotations: []string{contract.WorkflowStep, contract.Decision, contract.Success},
		}, {
			name: "an attempt at a model", takes: subsegment(contract.Backend, models...),
			annotations: []string{
				contract.ModelName, contract.MaxTokens, contract.PromptLength, contract.PromptTokens, contract.CompletionTokens, contract.Success,
			},
			metadata: []string{debug(contract.Attempt), debug(contract.ResponseLength), debug(contract.Engine)},
		}, {
			name: "a look into the knowledge base", takes: subsegment(contract.Backend, contract.KBRetrieve),
			annotations: []string{contract.Hits},
		}, {
			name: "the search for sections", takes: subsegment(contract.Backend, contract.Validate(string(fir.SummaryReview))),
			annotations: []string{contract.ChecksFailed, contract.ChecksTimedOut},
		}, {
			name: "a check of a section", takes: subsegment(contract.Backend, contract.ViolationCheck),
			annotations: []string{contract.Section, contract.Success, contract.Violated},
		}, {
			name: "a reading of a letter", takes: subsegment(contract.Backend, contract.OCR),
			annotations: []string{
				contract.Operation, contract.ContentType, contract.FileSize, contract.Success, contract.Language, contract.LowConfidence,
			},
			metadata: []string{debug(contract.Confidence), debug(contract.Engine), debug(contract.Attempt)},
		}, {
			name: "an upload that is kept", takes: subsegment(contract.Backend, contract.ArchiveUpload),
			annotations: []string{contract.ContentType, contract.FileSize},
		}, {
			name: "a report that is made", takes: subsegment(contract.Backend, contract.RenderFIR),
			annotations: []string{contract.Success, contract.FIRNumber},
		},
	}
}
