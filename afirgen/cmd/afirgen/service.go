package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/web"
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
}

// built is a service that is ready to be put on a port.
type built struct {
	routes []web.Route
	ready  func(context.Context) error
	close  func() error // after the last request; may be nil

	apiKey         string
	origins        []string
	trustedProxies []netip.Prefix
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
		TrustedPeers: s.believed,
	})
	if err != nil {
		return fmt.Errorf("setting tracing up: %w", err)
	}
	defer flushTraces(flush, tr, log)
	b := base{log: log, tracing: tr, drain: &web.Drain{}}
	what, err := build(ctx, b)
	if err != nil {
		return err
	}
	if what.close != nil {
		defer func() { err = errors.Join(err, what.close()) }()
	}
	return s.serve(ctx, b, what)
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
		"documents_sent", stats.DocumentsSent, "documents_not_sent", stats.SendErrors+stats.QueueFull)
}

func (s *service) serve(ctx context.Context, b base, what built) error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("starting %s: %w; choose another address with --addr", s.name, err)
	}
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() && what.apiKey == "" {
		b.log.Warn("this service asks for no key and other hosts can reach it", "addr", addr.String())
	}
	handler := web.Handler(web.Config{
		Routes:  web.Routes(append(what.routes, web.Probes(b.drain, what.ready)...)...),
		Tracing: b.tracing, Log: b.log, Drain: b.drain, Now: time.Now, NewID: uuid.NewString,
		APIKey: what.apiKey, AllowedOrigins: what.origins, TrustedProxies: what.trustedProxies, MaxBody: what.maxBody,
	})
	return web.Server{Listener: listener, Handler: handler, Drain: b.drain, Grace: s.grace, Log: b.log}.Run(ctx)
}
