package asrocr

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/asrocr/picture"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// probePatience is how long a health answer waits for an engine behind HTTP.
const probePatience = 2 * time.Second

type healthBody struct {
	Status  string                `json:"status"`
	Models  map[string]bool       `json:"models"` // tesseract, poppler, speech
	Engines []description         `json:"engines"`
	Message string                `json:"message"`
	Queue   map[string]gate.State `json:"queue"` // images, recordings
	Limits  limits                `json:"limits"`
}

// limits are what an upload may be.
type limits struct {
	ImageBytes    int `json:"image_bytes"`
	ImagePixels   int `json:"image_pixels"`
	DocumentPages int `json:"document_pages"`
	AudioBytes    int `json:"audio_bytes"`
	AudioSeconds  int `json:"audio_seconds"`
}

// health is healthy where photographs, documents and speech are read, degraded where photographs alone or all but one of
// the others are, unhealthy without tesseract.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	body := healthBody{
		Status: web.Healthy, Engines: []description{},
		Models: map[string]bool{tesseractEngine: s.engine != nil, "poppler": s.poppler != nil, "speech": false},
		Queue:  map[string]gate.State{"images": s.images.work.State(), "recordings": s.recordings.work.State()},
		Limits: s.limits(),
	}
	var lacks []string
	if s.engine != nil {
		body.Engines = append(body.Engines, description{Name: tesseractEngine, Version: s.engine.Version, Languages: s.engine.Languages})
	}
	if s.poppler == nil {
		lacks = append(lacks, s.noPoppler.Error())
	}
	if why := s.lacksSpeech(r.Context()); why != "" {
		lacks = append(lacks, why)
	} else {
		body.Models["speech"] = true
	}
	if s.speech != nil {
		body.Engines = append(body.Engines, s.speech.describe())
	}
	if len(lacks) > 0 {
		body.Status = web.Degraded
	}
	if s.engine == nil {
		body.Status, lacks = web.Unhealthy, append([]string{s.missing.Error()}, lacks...)
	}
	body.Message = strings.Join(append(lacks, "images and recordings are read")[:max(1, len(lacks))], "; ")
	web.WriteJSON(w, web.HealthStatus(body.Status), body)
	return nil
}

// lacksSpeech says why recordings would not be heard now, or "".
func (s *Server) lacksSpeech(ctx context.Context) string {
	if s.speech == nil {
		return s.noSpeech.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	if err := s.speech.check(ctx); err != nil {
		return err.Error()
	}
	return ""
}

func (s *Server) limits() limits {
	return limits{
		ImageBytes: MaxImage, ImagePixels: picture.MaxPixels, DocumentPages: s.cfg.MaxPages,
		AudioBytes: MaxAudio, AudioSeconds: int(s.cfg.MaxSpeech.Seconds()),
	}
}
