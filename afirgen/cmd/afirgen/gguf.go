package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/gguf/child"
)

// ggufSettings are the model server's flags.
type ggufSettings struct {
	service
	gguf.Config
	dir, common string
	sources     map[string]*string // by model
	keys        map[string]string  // by model
	commonKey   string
	model       modelSettings // of each model file
	load        time.Duration
}

func ggufCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := &ggufSettings{
		service: service{name: contract.GGUF}, Config: gguf.Config{Version: version, Now: time.Now},
		sources: map[string]*string{}, keys: map[string]string{}, commonKey: getenv("OPENAI_API_KEY"),
	}
	cmd := &cobra.Command{
		Use:   "gguf",
		Short: "Runs the model server: POST /inference",
		Long: `Runs the model server: POST /inference.

Each of the three models is rules, a GGUF file or an OpenAI-style endpoint. A model's flag says which:
  auto                    the file in --model-dir, else the endpoint of --model-endpoint, else rules
  rules                   no language model
  folder/file.gguf        that file; file.gguf#inst with its framing (llama3, chatml, gemma, inst, markers, plain)
  https://host/v1#name    that endpoint, and what it calls the model

Keys of endpoints come from the environment, because other users can read a program's flags: OPENAI_API_KEY, or
MODEL_SUMMARISER_KEY, MODEL_BNS_CHECK_KEY and MODEL_FIR_SUMMARISER_KEY.`,
		Example: `  afirgen gguf --addr 127.0.0.1:8001 --model-dir models
  afirgen gguf --summariser https://models.example.org/v1#llama-3.1-8b --bns-check rules`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), s.build)
		},
	}
	s.flags(cmd, env)
	cmd.AddCommand(ggufModelCommand())
	return cmd
}

func (s *ggufSettings) flags(cmd *cobra.Command, env *environment) {
	s.service.flags(cmd, env, "MODEL_SERVER_PORT", 8001)
	f := cmd.Flags()
	f.StringVar(&s.dir, "model-dir", env.text("MODEL_DIR", ""), "directory of GGUF files, named after their models: summariser.gguf (MODEL_DIR)")
	for _, model := range gguf.Models() {
		variable := "MODEL_" + strings.ToUpper(model)
		s.sources[model] = f.String(strings.ReplaceAll(model, "_", "-"), env.text(variable, "auto"), "what runs the model "+model+" ("+variable+")")
		s.keys[model] = env.text(variable+"_KEY", s.commonKey)
	}
	f.StringVar(&s.common, "model-endpoint", env.text("MODEL_ENDPOINT", ""), "endpoint for models without a file: https://host/v1#name (MODEL_ENDPOINT)")
	f.IntVar(&s.Workers, "workers", env.count("MODEL_WORKERS", 2), "inferences of each model at once (MODEL_WORKERS)")
	f.IntVar(&s.Queue, "queue", 32, "inferences of each model that may wait for a worker")
	f.DurationVar(&s.Timeout, "inference-timeout", env.seconds("MODEL_TIMEOUT", time.Minute), "how long an inference may take, without its wait (MODEL_TIMEOUT, in seconds)")
	f.DurationVar(&s.load, "load-timeout", 5*time.Minute, "how long a model file may take to load")
	f.IntVar(&s.model.context, "context", env.count("MODEL_CONTEXT", 4096), "tokens of a prompt and its completion together, at most what the file was made for (MODEL_CONTEXT)")
	f.IntVar(&s.model.threads, "threads", env.count("MODEL_THREADS", max(1, runtime.NumCPU()/2)), "threads that compute a model file; more than there are free processors are slower than one (MODEL_THREADS)")
}

// build starts the processes of model files. They end after the last request, not when the drain begins.
func (s *ggufSettings) build(ctx context.Context, b base) (built, error) {
	finder, err := s.finder(b)
	if err != nil {
		return built{}, err
	}
	engines, unused, err := finder.Engines()
	if err != nil {
		return built{}, fmt.Errorf("starting %s: %w", s.name, err)
	}
	if len(unused) > 0 {
		b.log.Warn("the model directory holds files that no model has", "files", unused)
	}
	cfg := s.Config
	cfg.Log, cfg.Engines = b.log, engines
	server := gguf.New(cfg)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	return built{
		routes: server.Routes(), ready: server.Ready, maxBody: gguf.MaxBody,
		close: func() error { cancel(); return <-ended },
	}, nil
}

func (s *ggufSettings) finder(b base) (gguf.Finder, error) {
	program, err := os.Executable()
	if err != nil {
		return gguf.Finder{}, fmt.Errorf("starting %s: finding its own program: %w", s.name, err)
	}
	wire := transport()
	wire.Proxy = http.ProxyFromEnvironment // an endpoint may be outside
	f := gguf.Finder{
		Dir: s.dir, Sources: map[string]gguf.Source{}, Keys: s.keys,
		Client: &http.Client{
			Transport:     b.tracing.Transport(wire),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a key goes nowhere else
		},
		File: func(path, framing string) gguf.Engine {
			return gguf.NewFile(path, s.process(program, path, framing, b.log), rand.Uint64)
		},
	}
	for model, text := range s.sources {
		if f.Sources[model], err = gguf.ParseSource(*text); err != nil {
			return f, fmt.Errorf("starting %s: reading what runs %s: %w", s.name, model, err)
		}
	}
	if f.Common, err = gguf.ParseSource(s.common); err == nil && f.Common != (gguf.Source{}) && f.Common.Endpoint == nil {
		err = errors.New("it is no URL: write https://host/v1#model")
	}
	if err != nil {
		return f, fmt.Errorf("starting %s: reading the model endpoint: %w", s.name, err)
	}
	return f, nil
}

// process is a model file's.
func (s *ggufSettings) process(program, path, framing string, log *slog.Logger) child.Config {
	model := s.model
	model.file, model.framing, model.workers = path, framing, s.Workers
	return child.Config{
		Command: func() *exec.Cmd {
			cmd := exec.Command(program, model.args()...)
			// A child needs no secret, and on a failed assertion no debugger.
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GGML_NO_BACKTRACE=1", "OLLAMA_LIBRARY_PATH="}
			return cmd
		},
		LoadTimeout: s.load, Log: log.With("file", path), Now: time.Now,
	}
}

// modelSettings are the flags of a model file's process.
type modelSettings struct {
	file, framing             string
	context, threads, workers int
}

func (m modelSettings) args() []string {
	return []string{
		"gguf", "model", "--file", m.file, "--framing", m.framing, "--context", strconv.Itoa(m.context),
		"--threads", strconv.Itoa(m.threads), "--workers", strconv.Itoa(m.workers),
	}
}
