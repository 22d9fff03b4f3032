package main

import (
	"context"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
)

func asrocrCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := service{name: contract.ASROCR}
	cfg := asrocr.Config{Version: version, Now: time.Now}
	cmd := &cobra.Command{
		Use:   "asrocr",
		Short: "Runs the server that reads photographed letters and PDFs (POST /ocr) and hears recordings (POST /asr)",
		Long: `Runs the server that reads photographed letters and PDFs (POST /ocr) and hears recordings (POST /asr).

Letters need tesseract, PDFs poppler's pdfinfo and pdftoppm. Recordings are heard by the first engine that is set:
--whisper-server, --openai-url (with the key ASR_OPENAI_KEY or OPENAI_API_KEY, which has no flag, because other users can read a program's
flags), --whisper-model; without any by pocketsphinx, if it is installed, which understands English alone.`,
		Example: `  afirgen asrocr --addr 127.0.0.1:8002
  afirgen asrocr --whisper-server http://127.0.0.1:8080
  afirgen asrocr --whisper-model models/ggml-small.bin --speech-workers 2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), func(ctx context.Context, b base) (built, error) {
				cfg.Log = b.log
				transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: cfg.SpeechWorkers, IdleConnTimeout: time.Minute}
				cfg.Speech.Transport = b.tracing.Transport(transport)
				cfg.Speech.OpenAIKey = env.text("ASR_OPENAI_KEY", getenv("OPENAI_API_KEY"))
				server := asrocr.New(ctx, cfg)
				stop := func() error { transport.CloseIdleConnections(); return nil }
				return built{routes: server.Routes(), ready: server.Ready, close: stop, maxBody: asrocr.MaxBody}, nil
			})
		},
	}
	s.flags(cmd, env, "ASR_OCR_PORT", 8002)
	asrocrFlags(cmd, env, &cfg)
	return cmd
}

func asrocrFlags(cmd *cobra.Command, env *environment, cfg *asrocr.Config) {
	f := cmd.Flags()
	f.StringVar(&cfg.Tesseract, "tesseract", "", "path of the tesseract program; empty looks on the PATH")
	f.IntVar(&cfg.Workers, "workers", 2, "images and documents read at once")
	f.IntVar(&cfg.Queue, "queue", 8, "images and documents that may wait for a worker, each up to 26 MiB of memory; below 0 none")
	f.DurationVar(&cfg.Timeout, "ocr-timeout", env.seconds("OCR_TIMEOUT", 100*time.Second), "how long reading one image or document may take (OCR_TIMEOUT, in seconds)")
	f.IntVar(&cfg.MaxPages, "max-pages", env.count("MAX_DOCUMENT_PAGES", 20), "pages of a PDF (MAX_DOCUMENT_PAGES)")
	f.StringVar(&cfg.Speech.WhisperServer, "whisper-server", env.text("WHISPER_SERVER_URL", ""), "URL of whisper.cpp's server (WHISPER_SERVER_URL)")
	f.StringVar(&cfg.Speech.OpenAI, "openai-url", env.text("ASR_OPENAI_URL", ""),
		"URL, up to /v1, of an endpoint whose /audio/transcriptions has OpenAI's form (ASR_OPENAI_URL)")
	f.StringVar(&cfg.Speech.OpenAIModel, "openai-model", env.text("ASR_OPENAI_MODEL", "whisper-1"), "model to ask there (ASR_OPENAI_MODEL)")
	f.StringVar(&cfg.Speech.WhisperModel, "whisper-model", env.text("WHISPER_MODEL", ""), "path of a model for whisper.cpp's program (WHISPER_MODEL)")
	f.StringVar(&cfg.Speech.WhisperProgram, "whisper-program", "", "path of whisper.cpp's whisper-cli; empty looks on the PATH")
	f.StringVar(&cfg.Speech.PocketSphinx, "pocketsphinx", "", "path of pocketsphinx_continuous; empty looks on the PATH")
	f.BoolVar(&cfg.Speech.Off, "no-speech", false, "hear no recordings")
	f.IntVar(&cfg.SpeechWorkers, "speech-workers", 1, "recordings heard at once")
	f.IntVar(&cfg.SpeechQueue, "speech-queue", 4, "recordings that may wait for a worker, each up to 26 MiB of memory; below 0 none")
	f.DurationVar(&cfg.SpeechTimeout, "asr-timeout", env.seconds("ASR_TIMEOUT", 160*time.Second), "how long hearing one recording may take (ASR_TIMEOUT, in seconds)")
	f.DurationVar(&cfg.MaxSpeech, "max-speech", env.seconds("MAX_AUDIO_SECONDS", 10*time.Minute), "length of a recording (MAX_AUDIO_SECONDS)")
}
