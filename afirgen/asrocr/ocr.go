package asrocr

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

type ocrResponse struct {
	Success       bool    `json:"success"`
	ExtractedText string  `json:"extracted_text"`
	Language      string  `json:"language"`
	Confidence    float64 `json:"confidence"` // 0 to 100, one decimal
	Engine        string  `json:"engine"`
	DurationMS    float64 `json:"duration_ms"`
	QueueWaitMS   float64 `json:"queue_wait_ms"`
	Bytes         int     `json:"bytes"`
}

// ocr reads the form's field image; its field language is a hint and may be missing.
func (s *Server) ocr(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationOCR)
	form, err := web.ReadMultipart(r, web.Field{Name: "image", Max: MaxImage}, web.Field{Name: "language", Max: 100})
	if err != nil {
		return err
	}
	image := form["image"]
	if err := s.accept(ctx, image); err != nil {
		return err
	}
	language, err := s.engine.language(string(form["language"]))
	if err != nil {
		return err
	}
	tracing.AnnotateSegment(ctx, contract.Language, language)
	answer, err := s.read(ctx, image, language)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// accept says whether the image will be read.
func (s *Server) accept(ctx context.Context, image []byte) error {
	if len(image) == 0 {
		return web.Fail(http.StatusBadRequest, contract.NoInput, "the form has no field image, or it is empty")
	}
	tracing.AnnotateSegment(ctx, contract.FileSize, len(image))
	kind := Kind(image)
	if kind == "" {
		return web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the image is neither JPEG nor PNG by its first bytes")
	}
	tracing.AnnotateSegment(ctx, contract.ContentType, kind)
	if s.engine == nil {
		return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable, s.missing.Error())
	}
	return checkImage(image)
}

// read waits for a worker and reads.
func (s *Server) read(ctx context.Context, image []byte, language string) (ocrResponse, error) {
	leave, waited, err := s.gate.Enter(ctx)
	tracing.AnnotateSegment(ctx, contract.QueueWaitMS, web.Milliseconds(waited))
	if errors.Is(err, gate.ErrFull) {
		return ocrResponse{}, web.Overloaded(err)
	}
	if err != nil {
		return ocrResponse{}, err
	}
	defer leave()
	page, took, err := s.recognise(ctx, image, language)
	tracing.AnnotateSegment(ctx, contract.DurationMS, web.Milliseconds(took))
	if err != nil {
		return ocrResponse{}, err
	}
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Confidence, page.Confidence)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.ResponseLength, len([]rune(page.Text)))
	return ocrResponse{
		Success: true, ExtractedText: page.Text, Language: language, Confidence: math.Round(page.Confidence*10) / 10,
		Engine: "tesseract", DurationMS: web.Milliseconds(took), QueueWaitMS: web.Milliseconds(waited), Bytes: len(image),
	}, nil
}

// recognise runs the program; when it gives up, a whole decoding tells a damaged image from a failing program.
func (s *Server) recognise(ctx context.Context, image []byte, language string) (Page, time.Duration, error) {
	work, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	start := s.cfg.Now()
	page, err := s.engine.Read(work, image, language)
	took := s.cfg.Now().Sub(start)
	switch {
	case err == nil:
		page.Text, err = fir.Normalise(page.Text)
		return page, took, err
	case ctx.Err() != nil:
		return page, took, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return page, took, web.Fail(http.StatusGatewayTimeout, contract.EngineTimeout,
			"the image was not read within "+s.cfg.Timeout.String())
	case !decodes(image):
		return page, took, undecodable()
	}
	return page, took, web.Fail(http.StatusInternalServerError, contract.EngineFailed, "tesseract gave up").Because(err)
}
