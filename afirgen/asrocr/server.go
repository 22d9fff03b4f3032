package asrocr

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Config is what a Server needs. Log and Now are required.
type Config struct {
	Version   string
	Tesseract string        // the program's path; "" takes the PATH's
	Workers   int           // images read at once; 0 is 2
	Queue     int           // images that may wait; 0 is 8, below 0 none
	Timeout   time.Duration // of one image or document, without its wait; 0 is 100 s, within the backend's 120 s
	MaxPages  int           // of a PDF; 0 is 20

	Speech        Speech
	SpeechWorkers int           // recordings heard at once; 0 is 1
	SpeechQueue   int           // recordings that may wait; 0 is 4, below 0 none
	SpeechTimeout time.Duration // of one recording, without its wait; 0 is 160 s, within the backend's 180 s
	MaxSpeech     time.Duration // length of a recording; 0 is 10 minutes

	Log *slog.Logger
	Now func() time.Time
}

// MaxBody bounds a request: an image or recording and the form around it, in bytes.
const MaxBody = max(MaxImage, MaxAudio) + 1<<20

// Server answers POST /ocr and POST /asr. It is safe for concurrent use and owns no goroutine.
type Server struct {
	cfg        Config
	images     queue
	recordings queue
	decoding   *gate.Gate // one picture at a time

	engine    *Tesseract // nil while missing
	missing   error      // why
	poppler   *poppler   // nil while missing
	noPoppler error      // why
	speech    recogniser // nil while missing
	noSpeech  error      // why
}

// New makes a server. Without one of its programs it starts too, and answers 503 with what to install.
func New(ctx context.Context, cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:        cfg,
		images:     newQueue(cfg.Workers, cfg.Queue, cfg.Now),
		recordings: newQueue(cfg.SpeechWorkers, cfg.SpeechQueue, cfg.Now),
		decoding:   gate.New(1, cfg.Workers, cfg.Now),
	}
	if s.engine, s.missing = FindTesseract(ctx, cfg.Tesseract); s.missing != nil {
		cfg.Log.Error("images cannot be read", "error", s.missing)
	} else {
		cfg.Log.Info("images are read by tesseract", "version", s.engine.Version, "languages", s.engine.Languages)
	}
	if s.poppler, s.noPoppler = findPoppler(); s.noPoppler != nil {
		cfg.Log.Warn("PDFs cannot be read", "error", s.noPoppler)
	}
	if s.speech, s.noSpeech = findRecogniser(cfg.Speech); s.noSpeech != nil {
		cfg.Log.Warn("recordings cannot be heard", "error", s.noSpeech)
		return s
	}
	d := s.speech.describe()
	cfg.Log.Info("recordings are heard", "engine", d.Name, "version", d.Version, "languages", d.Languages)
	return s
}

func (cfg Config) withDefaults() Config {
	count := func(v *int, otherwise int) {
		if *v == 0 {
			*v = otherwise
		}
	}
	span := func(v *time.Duration, otherwise time.Duration) {
		if *v == 0 {
			*v = otherwise
		}
	}
	count(&cfg.Workers, 2)
	count(&cfg.Queue, 8)
	count(&cfg.MaxPages, 20)
	count(&cfg.SpeechWorkers, 1)
	count(&cfg.SpeechQueue, 4)
	span(&cfg.Timeout, 100*time.Second)
	span(&cfg.SpeechTimeout, 160*time.Second)
	span(&cfg.MaxSpeech, 10*time.Minute)
	return cfg
}

// Routes returns the server's API.
func (s *Server) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodPost, Path: "/ocr", Handle: s.ocr},
		{Method: http.MethodPost, Path: "/asr", Handle: s.asr},
		{Method: http.MethodGet, Path: web.Health, Handle: s.health},
		{Method: http.MethodGet, Path: "/{$}", Handle: s.about},
	}
}

// Ready implements the readiness probe: images can be read.
func (s *Server) Ready(context.Context) error {
	if s.engine == nil {
		return errors.New("tesseract is missing")
	}
	return nil
}

func (s *Server) about(w http.ResponseWriter, _ *http.Request) error {
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"service": contract.ASROCR, "version": s.cfg.Version,
		"endpoints": map[string]string{"ocr": "POST /ocr", "asr": "POST /asr", "health": "GET /health"},
	})
	return nil
}
