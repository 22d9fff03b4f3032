package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/backend"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/tracing"
)

// backendSettings are the backend's flags that its Config does not hold as they are.
type backendSettings struct {
	service
	backend.Config
	apiKey, sessions        string
	origins, trustedProxies []string
	proxies                 []netip.Prefix
}

func backendCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := &backendSettings{service: service{name: contract.Backend}, apiKey: getenv("API_KEY")}
	cmd := &cobra.Command{
		Use:   "backend",
		Short: "Runs the service that takes complaints: POST /process, GET /session/{id}",
		Long: `Runs the service that takes complaints: POST /process, GET /session/{id}.

Callers send the key that API_KEY holds as X-API-Key; there is no flag for it, because other users can read a program's flags.`,
		Example: `  API_KEY=secret afirgen backend --sessions /var/lib/afirgen/sessions.db`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			if err := s.believe(getenv); err != nil {
				return err
			}
			return s.service.run(cmd.Context(), cmd.OutOrStdout(), s.build)
		},
	}
	s.flags(cmd, env)
	return cmd
}

func (s *backendSettings) flags(cmd *cobra.Command, env *environment) {
	s.service.flags(cmd, env, "PORT", 8000)
	f := cmd.Flags()
	f.StringVar(&s.ModelServer, "model-server", env.text("MODEL_SERVER_URL", "http://"+env.loopback("MODEL_SERVER_PORT", 8001)),
		"URL of the gguf server (MODEL_SERVER_URL, or MODEL_SERVER_PORT on this host)")
	f.StringVar(&s.ASROCRServer, "asr-ocr-server", env.text("ASR_OCR_SERVER_URL", "http://"+env.loopback("ASR_OCR_PORT", 8002)),
		"URL of the asr-ocr server (ASR_OCR_SERVER_URL, or ASR_OCR_PORT on this host)")
	f.StringVar(&s.sessions, "sessions", "sessions.db", "the SQLite file of the sessions")
	f.DurationVar(&s.SessionTTL, "session-timeout", env.seconds("SESSION_TIMEOUT", time.Hour), "how long a session is kept after its last activity (SESSION_TIMEOUT, in seconds)")
	f.IntVar(&s.MaxRequests, "max-requests", env.count("MAX_CONCURRENT_REQUESTS", 15), "complaints worked on at once (MAX_CONCURRENT_REQUESTS)")
	f.IntVar(&s.MaxModelCalls, "max-model-calls", env.count("MAX_CONCURRENT_MODEL_CALLS", 10), "calls to model servers at once (MAX_CONCURRENT_MODEL_CALLS)")
	f.StringSliceVar(&s.origins, "cors-origins", env.list("CORS_ORIGINS", "http://localhost:3000", "http://localhost:8000"), "web pages that may call (CORS_ORIGINS)")
	f.StringSliceVar(&s.trustedProxies, "trusted-proxies", env.list("TRUSTED_PROXY_IPS"), "addresses or networks whose X-Forwarded-For is believed (TRUSTED_PROXY_IPS)")
}

// believe says whose trace header counts. This service faces strangers, so without XRAY_TRUSTED_PEERS it believes this
// host and the trusted proxies: a stranger's Sampled=1 would let anybody fill the store.
func (s *backendSettings) believe(getenv func(string) string) (err error) {
	if s.proxies, err = prefixes(s.trustedProxies); err != nil || getenv("XRAY_TRUSTED_PEERS") != "" {
		return err
	}
	s.believed = append([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, s.proxies...)
	return nil
}

func (s *backendSettings) build(ctx context.Context, b base) (built, error) {
	if s.apiKey == "" {
		return built{}, errors.New("starting " + s.name + ": API_KEY is empty: set it to the key that callers will send as X-API-Key")
	}
	store, err := s.openStore(ctx, b)
	if err != nil {
		return built{}, err
	}
	cfg := s.Config
	cfg.Client, cfg.Drain, cfg.Log, cfg.Now, cfg.NewID = b.tracing.Transport(transport()), b.drain, b.log, time.Now, uuid.NewString
	server := backend.New(cfg, store)
	return built{
		routes: server.Routes(), ready: server.Ready, close: store.Close,
		apiKey: s.apiKey, origins: s.origins, trustedProxies: s.proxies, maxBody: backend.MaxBody,
	}, nil
}

// openStore migrates inside a segment, so that the statements of a start can be seen like those of a request.
func (s *backendSettings) openStore(ctx context.Context, b base) (store *backend.Store, err error) {
	// No name is the service's own, which AWS_XRAY_TRACING_NAME may have changed.
	err = b.tracing.Segment(ctx, "", func(ctx context.Context) error {
		tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationStartup)
		store, err = backend.OpenStore(ctx, s.sessions, b.tracing.OpenDB)
		return err
	})
	return store, err
}

// transport keeps as many connections to the model servers as there are calls, and speaks to them directly.
func transport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 20,
		IdleConnTimeout:     90 * time.Second,
	}
}
