package asrocr

import (
	"context"
	"errors"
	"image"
	"math"
	"net/http"
	"runtime"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr/picture"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// doubtfulPage is the confidence under which a reading is marked as doubtful: see docs/afirgen/ocr-and-speech.md for the
// word error rates on both sides of it.
const doubtfulPage = 90

type ocrResponse struct {
	Success       bool           `json:"success"`
	ExtractedText string         `json:"extracted_text"`
	Language      string         `json:"language"`
	Confidence    float64        `json:"confidence"` // 0 to 100, one decimal: the mean over all words
	LowConfidence bool           `json:"low_confidence"`
	Engine        string         `json:"engine"`
	Pages         []pageResponse `json:"pages"`
	DurationMS    float64        `json:"duration_ms"`
	QueueWaitMS   float64        `json:"queue_wait_ms"`
	Bytes         int            `json:"bytes"`
}

// pageResponse is one page; an image has one.
type pageResponse struct {
	Page          int     `json:"page"` // from 1
	Confidence    float64 `json:"confidence"`
	LowConfidence bool    `json:"low_confidence"`
	Words         int     `json:"words"`
	Characters    int     `json:"characters"`
}

// ocr reads the form's field image; its field language is a hint and may be missing.
func (s *Server) ocr(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationOCR)
	tracing.AnnotateSegment(ctx, contract.ModelName, tesseractEngine)
	leave, err := s.images.admit(r)
	if err != nil {
		return err
	}
	defer leave()
	form, err := web.ReadMultipart(r, web.Field{Name: "image", Max: MaxImage}, web.Field{Name: "language", Max: 100, Text: true})
	if err != nil {
		return err
	}
	upload := form["image"]
	if err := s.acceptImage(ctx, upload); err != nil {
		return err
	}
	language, err := s.engine.language(string(form["language"]))
	if err != nil {
		return err
	}
	tracing.AnnotateSegment(ctx, contract.Language, language)
	answer, err := s.read(ctx, upload, language)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// acceptImage says whether the upload will be read.
func (s *Server) acceptImage(ctx context.Context, upload []byte) error {
	if len(upload) == 0 {
		return web.Fail(http.StatusBadRequest, contract.NoInput, "the form has no field image, or it is empty")
	}
	tracing.AnnotateSegment(ctx, contract.FileSize, len(upload))
	kind := Kind(upload)
	if kind == "" {
		return web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the image is neither JPEG, PNG nor PDF by its first bytes")
	}
	tracing.AnnotateSegment(ctx, contract.ContentType, kind)
	switch {
	case s.engine == nil:
		return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable, s.missing.Error())
	case kind == PDF && s.poppler == nil:
		return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable, s.noPoppler.Error())
	case kind == PDF:
		return nil
	}
	return imageError(picture.Check(upload))
}

// imageError gives what is wrong with a picture its status.
func imageError(err error) error {
	var large *picture.TooLargeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge, large.Error())
	}
	return web.Fail(http.StatusUnprocessableEntity, contract.Undecodable, picture.ErrDamaged.Error())
}

// read waits for a worker and reads.
func (s *Server) read(ctx context.Context, upload []byte, language string) (ocrResponse, error) {
	leave, waited, err := s.images.enter(ctx)
	if err != nil {
		return ocrResponse{}, err
	}
	defer leave()
	var pages []Page
	took, err := s.timed(ctx, s.cfg.Timeout, "the image was not read", func(ctx context.Context) (err error) {
		if Kind(upload) == PDF {
			pages, err = s.readDocument(ctx, upload, language)
			return err
		}
		pages, err = s.readImage(ctx, upload, language)
		return err
	})
	if err != nil {
		return ocrResponse{}, err
	}
	answer, err := ocrAnswer(ctx, pages)
	answer.Language, answer.Bytes = language, len(upload)
	answer.DurationMS, answer.QueueWaitMS = web.Milliseconds(took), web.Milliseconds(waited)
	return answer, err
}

// ocrAnswer joins the pages' texts by blank lines. Nothing but blank pages is an error of the caller's.
func ocrAnswer(ctx context.Context, pages []Page) (ocrResponse, error) {
	answer := ocrResponse{Success: true, Engine: tesseractEngine}
	var texts []string
	sum, words := 0.0, 0
	for i, page := range pages {
		text, err := fir.Normalise(page.Text)
		if err != nil {
			return answer, engineFailed("tesseract wrote text that is not UTF-8", err)
		}
		if text != "" {
			texts = append(texts, text)
		}
		sum += page.Confidence * float64(page.Words)
		words += page.Words
		answer.Pages = append(answer.Pages, pageResponse{
			Page: i + 1, Confidence: tenth(page.Confidence), LowConfidence: page.Confidence < doubtfulPage,
			Words: page.Words, Characters: len([]rune(text)),
		})
	}
	answer.ExtractedText = strings.Join(texts, "\n\n")
	if answer.ExtractedText == "" {
		return answer, web.Fail(http.StatusUnprocessableEntity, contract.NoTextFound,
			"no text was found in the image: photograph the letter straight from above, in even light")
	}
	answer.Confidence = tenth(sum / float64(words))
	answer.LowConfidence = answer.Confidence < doubtfulPage
	tracing.AnnotateSegment(ctx, contract.LowConfidence, answer.LowConfidence)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, answer.Engine)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Confidence, answer.Confidence)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.ResponseLength, len([]rune(answer.ExtractedText)))
	return answer, nil
}

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

// readImage decodes and reads one picture.
func (s *Server) readImage(ctx context.Context, upload []byte, language string) ([]Page, error) {
	grey, err := s.decode(ctx, upload)
	if err != nil {
		return nil, err
	}
	page, err := s.recognise(ctx, grey, language)
	return []Page{page}, err
}

// largePicture is the memory, in bytes, whose remains are cleared away at once: left to its own pace the collector would let
// the next large picture come on top.
const largePicture = 32 << 20

// decode lets one picture be decoded at a time: that is what takes memory.
func (s *Server) decode(ctx context.Context, upload []byte) (*image.Gray, error) {
	leave, _, err := s.decoding.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	grey, err := picture.Decode(upload)
	if picture.Memory(upload) > largePicture {
		runtime.GC()
	}
	return grey, imageError(err)
}

// recognise reads a picture. That tesseract gives up on what we have decoded ourselves is no fault of the caller's.
func (s *Server) recognise(ctx context.Context, grey *image.Gray, language string) (Page, error) {
	page, err := s.engine.photograph(ctx, grey, language)
	if err != nil && ctx.Err() == nil {
		return page, engineFailed("tesseract gave up", err)
	}
	return page, err
}

func engineFailed(what string, cause error) error {
	return web.Fail(http.StatusInternalServerError, contract.EngineFailed, what).Because(cause)
}
