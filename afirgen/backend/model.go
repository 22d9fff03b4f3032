package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"time"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// How long the model servers may take.
const (
	inferenceTimeout = time.Minute
	ocrTimeout       = 2 * time.Minute
)

// What the summariser is asked for.
const (
	summaryTokens      = 100
	summaryTemperature = 0.1
)

type inferenceRequest struct {
	ModelName   string  `json:"model_name"`
	Prompt      string  `json:"prompt"`
	MaxTokens   int     `json:"max_tokens"`
	Temperature float64 `json:"temperature"`
}

type inference struct {
	Result string     `json:"result"`
	Engine string     `json:"engine"`
	Usage  gguf.Usage `json:"usage"`
}

// summarise asks the summariser, inside the subsegment model_inference_summariser.
func (s *Server) summarise(ctx context.Context, transcript string) (inference, error) {
	return web.Do(ctx, contract.ModelInference(gguf.Summariser), func(ctx context.Context) (inference, error) {
		tracing.Annotate(ctx, contract.ModelName, gguf.Summariser)
		tracing.Annotate(ctx, contract.MaxTokens, summaryTokens)
		tracing.Annotate(ctx, contract.PromptLength, utf8.RuneCountInString(transcript))
		tracing.Metadata(ctx, contract.DebugNamespace, contract.Attempt, 1)
		answer, err := s.infer(ctx, inferenceRequest{gguf.Summariser, transcript, summaryTokens, summaryTemperature})
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			noteKind(ctx, err)
			return answer, err
		}
		tracing.Annotate(ctx, contract.PromptTokens, answer.Usage.PromptTokens)
		tracing.Annotate(ctx, contract.CompletionTokens, answer.Usage.CompletionTokens)
		tracing.Metadata(ctx, contract.DebugNamespace, contract.ResponseLength, utf8.RuneCountInString(answer.Result))
		return answer, nil
	})
}

func (s *Server) infer(ctx context.Context, req inferenceRequest) (answer inference, err error) {
	body, err := json.Marshal(req)
	if err != nil {
		return answer, fmt.Errorf("writing the request for %s: %w", contract.GGUF, err)
	}
	leave, err := s.enter(ctx, s.modelCalls)
	if err != nil {
		return answer, err
	}
	defer leave()
	err = s.gguf.post(ctx, "/inference", "application/json", bytes.NewReader(body), &answer, inferenceTimeout)
	return answer, err
}

type page struct {
	ExtractedText string  `json:"extracted_text"`
	Language      string  `json:"language"`
	Confidence    float64 `json:"confidence"` // 0 to 100
}

// read has the text read from an image, inside the subsegment ocr.
func (s *Server) read(ctx context.Context, image []byte) (page, error) {
	return web.Do(ctx, contract.OCR, func(ctx context.Context) (page, error) {
		tracing.Annotate(ctx, contract.FileSize, len(image))
		answer, err := s.recognise(ctx, image)
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			noteKind(ctx, err)
			return answer, err
		}
		tracing.Annotate(ctx, contract.Language, answer.Language)
		tracing.Metadata(ctx, contract.DebugNamespace, contract.Confidence, answer.Confidence)
		return answer, nil
	})
}

func (s *Server) recognise(ctx context.Context, image []byte) (answer page, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("image", "letter")
	if err == nil {
		_, err = part.Write(image)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return answer, fmt.Errorf("writing the request for %s: %w", contract.ASROCR, err)
	}
	leave, err := s.enter(ctx, s.modelCalls)
	if err != nil {
		return answer, err
	}
	defer leave()
	err = s.asrocr.post(ctx, "/ocr", form.FormDataContentType(), &body, &answer, ocrTimeout)
	return answer, err
}
