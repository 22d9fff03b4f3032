package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.opentelemetry.io/otel/propagation"

	"github.com/roentgen/roentgen/afirgen/archive"
	"github.com/roentgen/roentgen/afirgen/backend"
	"github.com/roentgen/roentgen/afirgen/clerk"
	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/cloud"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/vault"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// backendSettings are the backend's flags that its Config does not hold as they are.
type backendSettings struct {
	service
	backend.Config
	database, archive, secrets string
	environment                string
	modelServer, asrOCRServer  string
	origins, trustedProxies    []string
	proxies                    []netip.Prefix
	rateLimit                  web.RateLimit
	getenv                     func(string) string
}

func backendCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := &backendSettings{service: service{name: contract.Backend}, getenv: getenv}
	cmd := &cobra.Command{
		Use:   "backend",
		Short: "Runs the service that takes complaints and keeps reports, and the clerk's page",
		Long: `Runs the service that takes complaints, brings them through five reviews, and keeps the reports; the clerk's page is at /.

Callers send the key API_KEY as X-API-Key; FIR_AUTH_KEY locks a report. Both are secrets, read from where --secrets says:
there are no flags for them, because other users can read a program's flags.`,
		Example: `  API_KEY=… FIR_AUTH_KEY=… afirgen backend --station-code KTW --station-name Kotwali --station-district Lucknow --station-state 'Uttar Pradesh'
  afirgen backend --secrets aws:afirgen/api/keys,afirgen/mysql/credentials --database mysql://db.local/fir_db --archive s3://afirgen-uploads`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			if err := s.check(getenv); err != nil {
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
	f.StringVar(&s.modelServer, "model-server", env.text("MODEL_SERVER_URL", "http://"+env.loopback("MODEL_SERVER_PORT", 8001)),
		"URL of the gguf server (MODEL_SERVER_URL, or MODEL_SERVER_PORT on this host)")
	f.StringVar(&s.asrOCRServer, "asr-ocr-server", env.text("ASR_OCR_SERVER_URL", "http://"+env.loopback("ASR_OCR_PORT", 8002)),
		"URL of the asr-ocr server (ASR_OCR_SERVER_URL, or ASR_OCR_PORT on this host)")
	f.StringVar(&s.database, "database", env.text("DATABASE_URL", "sqlite:afirgen.db"),
		"where sessions and reports are kept: sqlite:PATH, or mysql://host:port/name with MYSQL_USER and MYSQL_PASSWORD among the secrets (DATABASE_URL)")
	f.StringVar(&s.archive, "archive", env.text("ARCHIVE_URL", "archive"),
		"where uploads and locked reports are kept: a folder, or s3://bucket/prefix?endpoint=…&path_style=true (ARCHIVE_URL)")
	f.StringVar(&s.secrets, "secrets", env.text("AFIRGEN_SECRETS", "env"),
		"where secrets are: env, dir:PATH with a file for each, or aws:ID,ID of AWS Secrets Manager (AFIRGEN_SECRETS)")
	f.StringVar(&s.Station.Code, "station-code", env.text("STATION_CODE", ""), "code of the police station, which begins the numbers of its reports: 2 to 16 capitals, digits and hyphens (STATION_CODE)")
	f.StringVar(&s.Station.Name, "station-name", env.text("STATION_NAME", ""), "name of the police station (STATION_NAME)")
	f.StringVar(&s.Station.District, "station-district", env.text("STATION_DISTRICT", ""), "its district (STATION_DISTRICT)")
	f.StringVar(&s.Station.State, "station-state", env.text("STATION_STATE", ""), "its State (STATION_STATE)")
	f.DurationVar(&s.SessionTTL, "session-timeout", env.seconds("SESSION_TIMEOUT", time.Hour), "how long a session is kept after its last activity (SESSION_TIMEOUT, in seconds)")
	f.IntVar(&s.MaxRequests, "max-requests", env.count("MAX_CONCURRENT_REQUESTS", 15), "complaints and decisions worked on at once (MAX_CONCURRENT_REQUESTS)")
	f.IntVar(&s.MaxModelCalls, "max-model-calls", env.count("MAX_CONCURRENT_MODEL_CALLS", 10), "calls to model servers at once (MAX_CONCURRENT_MODEL_CALLS)")
	f.IntVar(&s.MaxUploads, "max-uploads", env.count("MAX_CONCURRENT_UPLOADS", 32), "bodies of complaints read at once, each up to 26 MiB of memory (MAX_CONCURRENT_UPLOADS)")
	f.IntVar(&s.rateLimit.Requests, "rate-limit", env.count("RATE_LIMIT_REQUESTS", 100), "requests of one client in a window (RATE_LIMIT_REQUESTS)")
	f.DurationVar(&s.rateLimit.Window, "rate-limit-window", env.seconds("RATE_LIMIT_WINDOW", time.Minute), "length of the window (RATE_LIMIT_WINDOW, in seconds)")
	f.StringVar(&s.environment, "environment", env.text("ENVIRONMENT", "production"), "production refuses origins that are any or local; development does not (ENVIRONMENT)")
	f.StringSliceVar(&s.origins, "cors-origins", env.list("CORS_ORIGINS"), "other web pages that may call; the clerk's page needs none (CORS_ORIGINS)")
	f.StringSliceVar(&s.trustedProxies, "trusted-proxies", env.list("TRUSTED_PROXY_IPS"), "addresses or networks whose X-Forwarded-For is believed (TRUSTED_PROXY_IPS)")
}

// check looks at what needs nothing but itself.
func (s *backendSettings) check(getenv func(string) string) error {
	if err := web.CheckOrigins(s.origins, s.environment); err != nil {
		return err
	}
	if s.Station.Code == "" {
		return errors.New("starting " + s.name + ": the station is not named: set --station-code (STATION_CODE), such as KTW; the numbers of its reports begin with it")
	}
	// A session is where the domain checks a station; this one is thrown away.
	probe := fir.Open{ID: "probe", Station: s.Station}
	if _, err := fir.Apply(fir.Session{}, fir.Event{At: time.Now(), Do: probe}); err != nil {
		return fmt.Errorf("starting %s: reading the station: %w", s.name, err)
	}
	return s.believe(getenv)
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

// build opens everything inside one segment, so that secrets, migrations and the archive of a start can be seen like
// those of a request. It is recorded whatever the sampling rate: a start is rare, and nobody can ask for it again.
func (s *backendSettings) build(ctx context.Context, b base) (what built, err error) {
	if ctx, err = recorded(ctx, b.tracing); err != nil {
		return built{}, err
	}
	// No name is the service's own, which AWS_XRAY_TRACING_NAME may have changed.
	err = b.tracing.Segment(ctx, "", func(ctx context.Context) error {
		tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationStartup)
		what, err = s.open(ctx, b)
		tracing.AnnotateSegment(ctx, contract.Success, err == nil)
		return err
	})
	return what, err
}

// recorded makes the decision for the next segment, as a caller's trace header would.
func recorded(ctx context.Context, tr *tracing.Tracing) (context.Context, error) {
	id, err := client.NewTraceID(rand.Reader, time.Now())
	if err != nil {
		return ctx, fmt.Errorf("making a trace id: %w", err)
	}
	return tr.Propagator().Extract(ctx, propagation.MapCarrier{tracing.HeaderName: "Root=" + id + ";Sampled=1"}), nil
}

// transport keeps as many connections to the model servers as there are calls, and speaks to them directly.
func transport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 20,
		IdleConnTimeout:     90 * time.Second,
	}
}

// neighbours are the clients of the two model servers, and who watches them.
func (s *backendSettings) neighbours(b base) (models, reader *upstream.Upstream, monitor *upstream.Monitor) {
	metrics, wire := upstream.NewMetrics(b.metrics.Registry), transport()
	client := func(name, breaker, base string, start, limit time.Duration) *upstream.Upstream {
		return upstream.New(upstream.Config{
			Name: name, Breaker: breaker, Base: strings.TrimSuffix(base, "/"), Client: &http.Client{Transport: b.tracing.Transport(wire)},
			Untraced: &http.Client{Transport: wire}, Start: start, Cap: limit, Log: b.log, Metrics: metrics,
		})
	}
	models = client(contract.GGUF, backend.ModelBreaker, s.modelServer, time.Second, 10*time.Second)
	reader = client(contract.ASROCR, backend.ReaderBreaker, s.asrOCRServer, 2*time.Second, 15*time.Second)
	return models, reader, upstream.NewMonitor(upstream.MonitorConfig{Upstreams: []*upstream.Upstream{models, reader}})
}

// open opens what the backend stands on, and builds it.
func (s *backendSettings) open(ctx context.Context, b base) (what built, err error) {
	secrets, err := s.openVault(ctx)
	if err != nil {
		return built{}, err
	}
	apiKey, authKey, err := keys(ctx, secrets)
	if err != nil {
		return built{}, err
	}
	law, err := kb.Load(kb.Files())
	if err != nil {
		return built{}, err
	}
	dsn, err := dataSource(ctx, s.database, secrets)
	if err != nil {
		return built{}, err
	}
	// The driver writes lines of its own, past our log, about connections that are lost; each is an error of ours too.
	if err := mysql.SetLogger(&mysql.NopLogger{}); err != nil {
		return built{}, fmt.Errorf("silencing the database's driver: %w", err)
	}
	keep, err := store.Open(ctx, dsn, b.tracing.OpenDB)
	if err != nil {
		return built{}, err
	}
	kept, err := archive.Open(ctx, s.archive, archive.Config{AWS: cloud.Load})
	if err != nil {
		return built{}, errors.Join(err, keep.Close())
	}
	cfg := s.Config
	cfg.Meter, cfg.Archive = backend.NewMeter(b.metrics.Registry), kept
	backend.MeterPool(b.metrics.Registry, keep.Pool)
	models, reader, monitor := s.neighbours(b)
	cfg.Models, cfg.Reader, cfg.Monitor = models, reader, func() any { return monitor.Snapshot() }
	cfg.Store, cfg.Law, cfg.AuthKey = keep, law, authKey
	cfg.Drain, cfg.Log, cfg.Now, cfg.NewID, cfg.Segment = b.drain, b.log, time.Now, uuid.NewString, b.tracing.Segment
	server := backend.New(cfg)
	s.rateLimit.Exempt = ofClerk // one look at the page is a dozen files
	return built{
		routes: append(server.Routes(), clerk.Routes()...), open: ofClerk, page: ofClerk, ready: server.Ready,
		close: keep.Close, background: together(server.Run, monitor.Run),
		apiKey: apiKey, origins: s.origins, trustedProxies: s.proxies, rateLimit: &s.rateLimit, maxBody: backend.MaxBody,
	}, nil
}

func (s *backendSettings) openVault(ctx context.Context) (*vault.Vault, error) {
	return vault.Open(ctx, s.secrets, vault.Config{
		AWS:    cloud.Load,
		Getenv: func(name string) (string, bool) { value := s.getenv(name); return value, value != "" },
	})
}

// keys are the two that the backend cannot start without.
func keys(ctx context.Context, secrets *vault.Vault) (apiKey, authKey string, err error) {
	if apiKey, err = secrets.Get(ctx, "API_KEY"); err != nil {
		return "", "", fmt.Errorf("reading the key that callers send: %w", err)
	}
	if authKey, err = secrets.Get(ctx, "FIR_AUTH_KEY"); err != nil {
		return "", "", fmt.Errorf("reading the key that locks reports: %w", err)
	}
	return apiKey, authKey, nil
}

// dataSource puts user and password from the secrets into a MySQL URL that has none.
func dataSource(ctx context.Context, database string, secrets *vault.Vault) (string, error) {
	if !strings.HasPrefix(database, "mysql://") {
		return database, nil
	}
	u, err := url.Parse(database)
	if err != nil {
		return "", errors.New("reading the database's URL: it is none; it looks like mysql://host:3306/fir_db") // err quotes it, and it may hold a password
	}
	if u.User != nil {
		return database, nil
	}
	user, err := secrets.Get(ctx, "MYSQL_USER")
	if err != nil {
		return "", fmt.Errorf("reading the database's user: %w", err)
	}
	password, err := secrets.Get(ctx, "MYSQL_PASSWORD")
	if err != nil {
		return "", fmt.Errorf("reading the database's password: %w", err)
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}

// ofClerk says whether a request is for the clerk's page, which is open: what it shows, it asks for with the key.
func ofClerk(r *http.Request) bool { return clerk.Owns(r.URL.Path) }

// together runs all until ctx ends and returns the first error.
func together(all ...func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		errs := make(chan error, len(all))
		for _, run := range all {
			go func() { errs <- run(ctx) }()
		}
		var first error
		for range all {
			first = errors.Join(first, <-errs)
		}
		return first
	}
}
