package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/tracing"
)

// service is what the three services have in common.
type service struct {
	name                string // contract's
	segmentName         string // XRAY_SERVICE_NAME, or name
	addr                string
	logFormat, logLevel string
	grace               time.Duration
	// believed lists who may decide by the trace header whether a request is traced; nil: everyone.
	believed []netip.Prefix
}

func (s *service) flags(cmd *cobra.Command, env *environment, portVariable string, port int) {
	s.segmentName = env.text("XRAY_SERVICE_NAME", s.name)
	f := cmd.Flags()
	f.StringVar(&s.addr, "addr", env.loopback(portVariable, port), "address to listen on ("+portVariable+" sets the port)")
	f.StringVar(&s.logFormat, "log-format", "json", "form of log lines: json or text")
	f.StringVar(&s.logLevel, "log-level", env.text("LOG_LEVEL", "info"), "least level of log lines: debug, info, warn or error (LOG_LEVEL)")
	f.DurationVar(&s.grace, "grace", 30*time.Second, "how long work in hand may take after SIGTERM")
}

// base is what a service gets to build itself from.
type base struct {
	log     *slog.Logger
	tracing *tracing.Tracing
	drain   *web.Drain
	metrics *web.Metrics
}

// built is a service that is ready to be put on a port.
type built struct {
	routes []web.Route
	ready  func(context.Context) error
	close  func() error // after the last request; may be nil
	// background works until its context ends, which is before close; nil where there is nothing to do between requests.
	background func(context.Context) error

	apiKey         string
	open, page     func(*http.Request) bool // web.Config's
	origins        []string
	trustedProxies []netip.Prefix
	rateLimit      *web.RateLimit
	maxBody        int64
}

// run builds the service and serves until ctx ends, then stops in the data's order: refuse, drain, close, flush the
// traces.
func (s *service) run(ctx context.Context, out io.Writer, build func(context.Context, base) (built, error)) (err error) {
	log, err := web.NewLogger(out, s.logFormat, s.logLevel, s.name)
	if err != nil {
		return err
	}
	tr, flush, err := tracing.Setup(ctx, tracing.Config{
		ServiceName: s.segmentName, ServiceVersion: version, Logger: log, RequestRate: web.RequestRate,
		TrustedPeers: s.believed, Redact: redaction(os.LookupEnv),
	})
	if err != nil {
		return fmt.Errorf("setting tracing up: %w", err)
	}
	line, ticks := &tracerLine{log: log, stats: tr.Stats}, time.NewTicker(tracerLineEvery)
	defer ticks.Stop()
	defer line.tell() // the last one
	defer flushTraces(flush, tr, log)
	defer line.every(ctx, ticks.C)()
	b := base{log: log, tracing: tr, drain: &web.Drain{}, metrics: web.NewMetrics(s.name, tr)}
	what, err := build(ctx, b)
	if err != nil {
		return err
	}
	if what.close != nil {
		defer func() { err = errors.Join(err, what.close()) }()
	}
	stop := background(ctx, b, what)
	defer stop()
	return s.serve(ctx, b, what)
}

// redaction is what takes personal data out of traces: everything that redact knows, unless XRAY_REDACT says otherwise.
// The services write none into traces; this is for what they overlook.
func redaction(lookup func(string) (string, bool)) *redact.Config {
	if value, set := lookup("XRAY_REDACT"); set && value != "" {
		return nil // the SDK reads it
	}
	c := redact.Default()
	return &c
}

// background starts what works between requests; stop ends it and waits. It ends with ctx, at the beginning of the drain.
func background(ctx context.Context, b base, what built) (stop func()) {
	if what.background == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := what.background(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("the work between requests has ended", "error", err)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// flushTraces sends what is left. That it does not all get out is no failure of the service.
func flushTraces(flush func(context.Context) error, tr *tracing.Tracing, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := flush(ctx); err != nil {
		log.Warn("the last traces are lost", "error", err)
	}
	stats := tr.Stats()
	log.Info("stopped", "segments_sampled", stats.Sampled, "segments_unsampled", stats.Unsampled,
		"documents_sent", stats.DocumentsSent, "documents_not_sent", notSent(stats))
}

func (s *service) serve(ctx context.Context, b base, what built) error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("starting %s: %w; choose another address with --addr", s.name, err)
	}
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() && what.apiKey == "" {
		b.log.Warn("this service asks for no key and other hosts can reach it", "addr", addr.String())
	}
	routes := slices.Concat(what.routes, web.Probes(b.drain, what.ready), b.metrics.Routes())
	handler := web.Handler(web.Config{
		Routes: web.Routes(routes...), Tracing: b.tracing, Log: b.log, Drain: b.drain, Now: time.Now, NewID: uuid.NewString,
		APIKey: what.apiKey, Open: what.open, Page: what.page, AllowedOrigins: what.origins, TrustedProxies: what.trustedProxies,
		RateLimit: what.rateLimit, MaxBody: what.maxBody, Metrics: b.metrics,
	})
	return web.Server{Listener: listener, Handler: handler, Drain: b.drain, Grace: s.grace, Log: b.log}.Run(ctx)
}
