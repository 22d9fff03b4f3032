package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/wire"
)

// run is the server from start to end: open what remembers, open the doors,
// wait, close in the data's order (refuse, drain, flush, close).
func run(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	log, err := newLogger(cfg, stderr)
	if err != nil {
		return err
	}
	locks, err := openLocks(cfg, log)
	if err != nil {
		return err
	}
	for _, w := range cfg.warnings() {
		log.Warn(w)
	}
	reg := newRegistry()
	mem, err := openMemory(cfg, log, reg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mem.close()) }()
	acceptor := accept.New(accept.Config{
		Limits:   wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes},
		MaxAhead: cfg.MaxClockAhead, StrictTraceIDs: cfg.StrictTraceIDs,
		Lends:  cfg.Store != storeMemory, // blocks are made of documents, which are read again
		Logger: log, Registry: reg,
	}, mem.traces)
	known, err := openFleet(cfg, locks.has(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, known.Close()) }()
	counted, err := openRates(cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, counted.Close()) }()
	mem.fleet, mem.rates = known, counted
	registerRates(reg, counted)
	answers, err := openAnswers(ctx, mem, counted, acceptor.Settled)
	if err != nil {
		return err
	}

	accesses, err := openAccessLog(cfg.AccessLog, stdout, log, reg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, accesses.close()) }()
	d, err := openDoors(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.close()

	rules := mem.rules(cfg.MaxSamplingRules)
	xray := api.New(api.Config{
		Put:       apiDoor{acceptor},
		Traces:    answers.engine,
		Groups:    answers.groups,
		Erase:     mem.traces,
		Remains:   mem.remainders(cfg.Data),
		Sampling:  sampling.New(rules, sampling.Config{}),
		Rules:     rules,
		Simulator: answers.engine,
		Caller:    func(ctx context.Context) string { return access.CallerOf(ctx).Name },
		Region:    region, Account: account,
		Logger: log, Registry: reg,
	})
	h := &health{probe: mem.probe}
	agents := agentsOf(acceptor, known, counted, log, reg)
	intake := newInsideIntake(acceptor, known, counted, log)
	s := services{acceptor, xray, agents, intake, known, answers.groups, h, locks, mem, reg, log, accesses}
	within, err := newInside(cfg, d, s)
	if err != nil {
		return err
	}
	h.writes = newWritable(cfg.Data, acceptor, within).check
	announce(stdout, cfg, d, mem)
	tellManager(os.Getenv, managerReady, log)
	return serve(ctx, cfg, d, s, within)
}

// services is what stands behind the doors.
type services struct {
	acceptor *accept.Acceptor
	api      *api.API
	agents   api.Agents  // what agents talk to
	inside   *api.Intake // the same, for the agent within this process
	fleet    *fleet.Fleet
	groups   *query.Groups
	health   *health
	locks    *locks
	memories *memories
	registry *prometheus.Registry
	log      *slog.Logger
	accesses *accessLog
}

// serve runs every open door until ctx ends or one of them fails. within is the
// agent on --daemon; nil when that is off.
func serve(ctx context.Context, cfg config, d *doors, s services, within *agent.Agent) error {
	guard := s.locks.guard(cfg.HTTPHosts, s.registry)
	otlp, err := newOTLP(cfg, s.acceptor, guard)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		<-ctx.Done()
		s.health.draining.Store(true)
		s.fleet.EndPolls()
		tellManager(os.Getenv, managerStopping, s.log)
		s.log.Info("stopping", "drain_at_most", cfg.ShutdownTimeout)
		return nil
	})
	serveOTLP(ctx, group, cfg, d.otlp, s, otlp, guard)
	if d.http != nil {
		group.Go(func() error {
			about := api.Console{Version: version, Retention: cfg.Retention}
			mux := serverMux(s.api, s.agents, s.health, guard, s.registry, about, s.memories.backup, s.accesses)
			return serveHTTP(ctx, d.http, mux, s.locks.tlsConfig(), s.log, cfg.ShutdownTimeout)
		})
	}
	if within != nil {
		group.Go(func() error { return within.Run(ctx) })
		group.Go(func() error { return watchTriggers(ctx, cfg.Triggers, within.SetTriggers, s.log) })
	}
	group.Go(func() error { return s.memories.maintain(ctx, s.groups) })
	group.Go(func() error { return tuneGarbage(ctx) })
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	group.Go(func() error { return s.locks.watch(ctx, hangup, s.accesses.reopen) })
	return group.Wait()
}

// apiDoor lets PutTraceSegments in through the doors.
type apiDoor struct{ *accept.Acceptor }

func (d apiDoor) Put(ctx context.Context, docs []wire.Text) ([]*roentgen.Rejection, error) {
	return d.Accept(ctx, accept.DoorAPI, docs)
}

// doors are the open sockets; nil when turned off.
type doors struct {
	http, daemon net.Listener
	udp          *net.UDPConn
	otlp         otlpDoors
}

func openDoors(ctx context.Context, cfg config) (d *doors, err error) {
	d = new(doors)
	if cfg.HTTP != off {
		if d.http, err = listenTCP(ctx, "http", cfg.HTTP); err != nil {
			return nil, err
		}
	}
	if cfg.Daemon != off {
		if d.daemon, d.udp, err = listenDaemon(ctx, cfg.Daemon); err != nil {
			d.close()
			return nil, err
		}
	}
	if d.otlp, err = openOTLP(ctx, cfg.otlpConfig); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// close is for sockets that nobody came to serve; closing twice is harmless.
func (d *doors) close() {
	if d.http != nil {
		d.http.Close()
	}
	if d.daemon != nil {
		d.daemon.Close()
	}
	if d.udp != nil {
		d.udp.Close()
	}
	d.otlp.close()
}

func newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "roentgen_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	info.Set(1)
	reg.MustRegister(info)
	return reg
}

// announce tells the person who started the server what to do next.
func announce(w io.Writer, cfg config, d *doors, mem *memories) {
	fmt.Fprintf(w, "roentgen %s is ready\n", version)
	if d.http != nil {
		url := cfg.scheme() + "://" + d.http.Addr().String()
		fmt.Fprintf(w, "  console    %s/%s\n", url, ifSet(cfg.AuthFile, "  log in with a token of "+cfg.AuthFile))
		fmt.Fprintf(w, "  docs       %s/docs/\n", url)
		fmt.Fprintf(w, "  X-Ray API  %s  for AWS_ENDPOINT_URL_XRAY; /metrics, /healthz, /readyz\n", url)
	}
	if d.daemon != nil {
		fmt.Fprintf(w, "  daemon     %s  for AWS_XRAY_DAEMON_ADDRESS, udp and tcp\n", d.daemon.Addr())
	}
	announceOTLP(w, cfg.scheme(), d.otlp)
	fmt.Fprintf(w, "  data       %s  %s\n", cfg.Data, mem.describe())
}

func ifSet(value, text string) string {
	if value == "" {
		return ""
	}
	return text
}
