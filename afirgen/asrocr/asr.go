package asrocr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// doubtfulSpeech is the confidence under which a transcript is marked as doubtful: for Whisper e to the mean logarithm of
// the tokens' probabilities, times 100. Clear dictation has 80 and more.
const doubtfulSpeech = 70

type asrResponse struct {
	Success       bool    `json:"success"`
	Transcript    string  `json:"transcript"`
	Language      string  `json:"language"`
	Confidence    float64 `json:"confidence"` // 0 to 100, one decimal; 0 where the engine says none
	LowConfidence bool    `json:"low_confidence"`
	Engine        string  `json:"engine"`
	DurationMS    float64 `json:"duration_ms"`
	QueueWaitMS   float64 `json:"queue_wait_ms"`
	AudioSeconds  float64 `json:"audio_seconds"`
	Bytes         int     `json:"bytes"`
}

// asr hears the form's field audio; its field language is a hint and may be missing.
func (s *Server) asr(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationASR)
	if s.speech != nil {
		tracing.AnnotateSegment(ctx, contract.ModelName, s.speech.describe().Name)
	}
	leave, err := s.recordings.admit(r)
	if err != nil {
		return err
	}
	defer leave()
	form, err := web.ReadMultipart(r, web.Field{Name: "audio", Max: MaxAudio}, web.Field{Name: "language", Max: 100, Text: true})
	if err != nil {
		return err
	}
	recording := form["audio"]
	if err := s.acceptAudio(ctx, recording); err != nil {
		return err
	}
	language, err := spoken(s.speech.describe(), string(form["language"]))
	if err != nil {
		return err
	}
	if language != "" {
		tracing.AnnotateSegment(ctx, contract.Language, language)
	}
	answer, err := s.hear(ctx, recording, language)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// acceptAudio says whether the recording will be heard.
func (s *Server) acceptAudio(ctx context.Context, recording []byte) error {
	if len(recording) == 0 {
		return web.Fail(http.StatusBadRequest, contract.NoInput, "the form has no field audio, or it is empty")
	}
	tracing.AnnotateSegment(ctx, contract.FileSize, len(recording))
	kind := sound.KindOf(recording)
	if kind == "" {
		return web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the recording is neither WAV nor MP3 by its first bytes")
	}
	tracing.AnnotateSegment(ctx, contract.ContentType, string(kind))
	if s.speech == nil {
		return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable, s.noSpeech.Error())
	}
	return nil
}

// hear waits for a worker, decodes and hears.
func (s *Server) hear(ctx context.Context, recording []byte, language string) (asrResponse, error) {
	leave, waited, err := s.recordings.enter(ctx)
	if err != nil {
		return asrResponse{}, err
	}
	defer leave()
	var clip sound.Clip
	var heard transcript
	took, err := s.timed(ctx, s.cfg.SpeechTimeout, "the recording was not transcribed", func(ctx context.Context) (err error) {
		if clip, err = s.listen(ctx, recording); err != nil {
			return err
		}
		heard, err = s.transcribe(ctx, clip, language)
		return err
	})
	if err != nil {
		return asrResponse{}, err
	}
	answer, err := s.asrAnswer(ctx, heard)
	answer.Bytes, answer.AudioSeconds = len(recording), clip.Duration().Seconds()
	answer.DurationMS, answer.QueueWaitMS = web.Milliseconds(took), web.Milliseconds(waited)
	return answer, err
}

// listen decodes the recording. One without anything loud enough to be speech is not worth an engine's time, and engines
// make words up for it.
func (s *Server) listen(ctx context.Context, recording []byte) (sound.Clip, error) {
	clip, err := sound.Decode(ctx, recording, s.cfg.MaxSpeech)
	var damaged *sound.DamagedError
	switch {
	case errors.As(err, &damaged):
		return clip, web.Fail(http.StatusUnprocessableEntity, contract.UndecodableAudio, damaged.Error())
	case errors.Is(err, sound.ErrTooLong):
		return clip, web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
			fmt.Sprintf("the recording is longer than %s: send it in parts", s.cfg.MaxSpeech))
	case err != nil:
		return clip, err
	}
	tracing.AnnotateSegment(ctx, contract.AudioSeconds, clip.Duration().Seconds())
	if clip.Silent() {
		return clip, noSpeech()
	}
	return clip, nil
}

func noSpeech() error {
	return web.Fail(http.StatusUnprocessableEntity, contract.NoSpeechFound,
		"no speech was found in the recording: speak closer to the microphone, in a quiet room")
}

// transcribe asks the engine. An engine behind HTTP says itself what kind of failure it was.
func (s *Server) transcribe(ctx context.Context, clip sound.Clip, language string) (transcript, error) {
	heard, err := s.speech.transcribe(ctx, clip, language)
	var known *web.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &known) {
		return heard, err
	}
	return heard, engineFailed(s.speech.describe().Name+" gave up", err)
}

func (s *Server) asrAnswer(ctx context.Context, heard transcript) (asrResponse, error) {
	d := s.speech.describe()
	answer := asrResponse{
		Success: true, Engine: d.Name, Language: heard.language, Confidence: tenth(heard.confidence),
		LowConfidence: d.doubtful || heard.confidence < doubtfulSpeech,
	}
	text, err := fir.Normalise(heard.text)
	if err != nil {
		return answer, engineFailed(d.Name+" wrote text that is not UTF-8", err)
	}
	if strings.TrimSpace(text) == "" {
		return answer, noSpeech()
	}
	answer.Transcript = text
	if answer.Language != "" {
		tracing.AnnotateSegment(ctx, contract.Language, answer.Language)
	}
	tracing.AnnotateSegment(ctx, contract.LowConfidence, answer.LowConfidence)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, answer.Engine)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Confidence, answer.Confidence)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.ResponseLength, utf8.RuneCountInString(text))
	return answer, nil
}
