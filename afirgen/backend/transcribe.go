package backend

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/archive"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// How long the asr-ocr server may take.
const (
	ocrTimeout = 2 * time.Minute
	asrTimeout = 3 * time.Minute
)

// reading is what the asr-ocr server answers: extracted_text of an image, transcript of speech.
type reading struct {
	ExtractedText string  `json:"extracted_text"`
	Transcript    string  `json:"transcript"`
	Language      string  `json:"language"`
	Confidence    float64 `json:"confidence"` // 0 to 100
	LowConfidence bool    `json:"low_confidence"`
	Engine        string  `json:"engine"`
}

// transcribe archives the upload and has it read, in the subsegment ocr or asr.
func (s *Server) transcribe(ctx context.Context, session fir.Session, in input) (fir.Action, error) {
	u, err := in.upload()
	if err != nil {
		return nil, err
	}
	if err := s.keep(ctx, session, u); err != nil {
		return nil, err
	}
	got, err := s.recognise(ctx, u, in.language)
	if err != nil {
		return nil, err
	}
	text, err := complaint(got.ExtractedText+got.Transcript, u.silent)
	if err != nil {
		return nil, err
	}
	return fir.Transcribed{
		Text: text, Language: tagOf(got.Language), By: u.done,
		Machine: fir.Machine{Engine: got.Engine, Confidence: got.Confidence, LowConfidence: got.LowConfidence},
	}, nil
}

// keep archives the upload as it came, in the subsegment archive_upload, before anything is made of it.
func (s *Server) keep(ctx context.Context, session fir.Session, u upload) error {
	_, err := web.Do(ctx, contract.ArchiveUpload, func(ctx context.Context) (struct{}, error) {
		tracing.Annotate(ctx, contract.ContentType, u.kind)
		tracing.Annotate(ctx, contract.FileSize, len(u.data))
		key, err := archive.UploadKey(u.kind, session.ID, s.cfg.NewID())
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, archiveError(ctx, s.cfg.Archive.Put(ctx, key, u.kind, u.data))
	})
	return err
}

// recognise has the upload read. The wait for a place counts into the subsegment.
func (s *Server) recognise(ctx context.Context, u upload, language string) (reading, error) {
	return web.Do(ctx, u.subsegment, func(ctx context.Context) (answer reading, err error) {
		tracing.Annotate(ctx, contract.Operation, u.subsegment)
		tracing.Annotate(ctx, contract.ContentType, u.kind)
		tracing.Annotate(ctx, contract.FileSize, len(u.data))
		err = s.postUpload(ctx, u, language, &answer)
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			noteKind(ctx, err)
			return answer, err
		}
		tracing.Annotate(ctx, contract.Language, answer.Language)
		tracing.Annotate(ctx, contract.LowConfidence, answer.LowConfidence)
		tracing.Metadata(ctx, contract.DebugNamespace, contract.Confidence, answer.Confidence)
		tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, answer.Engine)
		return answer, nil
	})
}

func (s *Server) postUpload(ctx context.Context, u upload, language string, answer *reading) error {
	body, contentType, err := u.form(language)
	if err != nil {
		return fmt.Errorf("writing the request for %s: %w", contract.ASROCR, err)
	}
	leave, err := enter(ctx, s.modelCalls)
	if err != nil {
		return err
	}
	defer leave()
	timeout := s.patience.ocr
	if u.done == fir.ASRDone {
		timeout = s.patience.asr
	}
	start := s.cfg.Now()
	err = s.cfg.Reader.Post(ctx, upstream.Call{
		Path: u.path, ContentType: contentType, Body: body, Timeout: timeout,
		Attempt: func(ctx context.Context, n int, do func(context.Context) error) error {
			tracing.Metadata(ctx, contract.DebugNamespace, contract.Attempt, n)
			return do(ctx)
		},
	}, answer)
	s.cfg.Meter.infer(u.subsegment, err == nil, s.cfg.Now().Sub(start), 0)
	return err
}

// form writes the multipart form that the asr-ocr server takes.
func (u upload) form(language string) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile(u.field, "upload")
	if err == nil {
		_, err = part.Write(u.data)
	}
	if err == nil && language != "" {
		err = form.WriteField("language", language)
	}
	if err == nil {
		err = form.Close()
	}
	return b.Bytes(), form.FormDataContentType(), err
}

// tagOf turns an engine's name of a language into a BCP 47 tag; a mixture, such as eng+hin, is none.
func tagOf(language string) string {
	switch language {
	case "eng", "en":
		return "en"
	case "hin", "hi":
		return "hi"
	}
	return ""
}

// silentImage and silentSpeech are said of an upload in which no complaint was found.
func silentImage() error {
	return web.Fail(http.StatusUnprocessableEntity, contract.NoTextFound,
		"no text was found in the image: photograph the letter straight from above, in even light")
}

func silentSpeech() error {
	return web.Fail(http.StatusUnprocessableEntity, contract.NoSpeechFound,
		"no complaint was understood in the recording: speak closer to the microphone, in a quiet room")
}
