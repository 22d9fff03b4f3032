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
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// Memory that the agent's Go part settles at, unless the environment says
// otherwise. What is mapped (ring, spool, queue) comes on top.
const (
	agentMemory  = 40 << 20
	agentGarbage = 100 // GOGC
)

// runAgent is the agent from start to end.
func runAgent(ctx context.Context, cfg agentConfig, stdout, stderr io.Writer) (err error) {
	log, closeLog, err := newAgentLogger(cfg, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	boundMemory(os.Getenv)
	log.Info("Initializing Roentgen's agent " + version + ", in the place of the AWS X-Ray daemon")
	for _, w := range cfg.warnings() {
		log.Warn(w)
	}
	state, err := agent.OpenState(cfg.State)
	if err != nil {
		return err
	}
	up, err := openUpstream(cfg, state.Agent(), log)
	if err != nil {
		return errors.Join(err, state.Close())
	}
	defer func() { err = errors.Join(err, up.close()) }()
	reg := newRegistry()
	a, doors, err := newAgent(ctx, cfg, state, up, log, reg)
	if err != nil {
		return err
	}
	announceAgent(stdout, cfg, doors, a, up, log)
	tellManager(os.Getenv, managerReady, log)
	return serveAgent(ctx, cfg, a, up, log)
}

// boundMemory gives the collector of garbage a bound of its own, where the
// operator set none.
func boundMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(agentMemory)
	}
	if getenv("GOGC") == "" {
		debug.SetGCPercent(agentGarbage)
	}
}

// agentUpstream is where an agent sends.
type agentUpstream struct {
	sender  upstream.Sender
	notices agent.Notices // nil: AWS has none
	ask     agent.Asker
	aws     *upstream.AWS // nil: a Roentgen server
	close   func() error
}

func openUpstream(cfg agentConfig, id string, log *slog.Logger) (*agentUpstream, error) {
	if cfg.Upstream == upstreamAWS {
		if cfg.Profile != "" { // the chain of credentials reads it from there alone
			if err := os.Setenv("AWS_PROFILE", cfg.Profile); err != nil {
				return nil, fmt.Errorf("use the profile %q: %w", cfg.Profile, err)
			}
		}
		a, err := upstream.NewAWS(upstream.AWSConfig{
			Region: cfg.Region, Endpoint: cfg.Endpoint, RoleARN: cfg.RoleARN, ResourceARN: cfg.ResourceARN,
			Proxy: cfg.ProxyAddress, NoVerifySSL: cfg.NoVerifySSL, LocalMode: cfg.LocalMode,
			Version: version, Logger: log, Getenv: os.Getenv,
		})
		if err != nil {
			return nil, err
		}
		region, source := a.Region()
		log.Info("Using region: "+region, "from", source)
		return &agentUpstream{sender: a, ask: a, aws: a, close: a.Close}, nil
	}
	r, err := upstream.NewRoentgen(upstream.RoentgenConfig{
		URL: cfg.Upstream, Token: os.Getenv(tokenEnv), TokenFile: cfg.TokenFile, Agent: id, Version: version,
		TLS:   upstream.TLS{CAFile: cfg.CAFile, CertFile: cfg.CertFile, KeyFile: cfg.KeyFile, NoVerify: cfg.NoVerifySSL},
		Proxy: cfg.ProxyAddress, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return &agentUpstream{sender: r, notices: r, ask: r, close: r.Close}, nil
}

// agentDoors are the open sockets; nil when turned off.
type agentDoors struct {
	udp       *net.UDPConn
	tcp, http net.Listener
	otlp      otlpDoors
}

func openAgentDoors(ctx context.Context, cfg agentConfig) (d agentDoors, err error) {
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if cfg.Bind != off {
		if d.udp, err = listenUDP(ctx, "bind", cfg.Bind); err != nil {
			return d, err
		}
	}
	if cfg.BindTCP != off {
		if d.tcp, err = listenTCP(ctx, "bind-tcp", cfg.BindTCP); err != nil {
			return d, err
		}
	}
	if cfg.HTTP != off {
		if d.http, err = listenTCP(ctx, "http", cfg.HTTP); err != nil {
			return d, err
		}
	}
	d.otlp, err = openOTLP(ctx, cfg.otlpConfig)
	return d, err
}

func (d agentDoors) close() {
	if d.udp != nil {
		d.udp.Close()
	}
	for _, l := range []net.Listener{d.tcp, d.http} {
		if l != nil {
			l.Close()
		}
	}
	d.otlp.close()
}

// newAgent puts the agent together. What it was given is closed when it fails.
func newAgent(ctx context.Context, cfg agentConfig, state *agent.State, up *agentUpstream, log *slog.Logger, reg *prometheus.Registry) (*agent.Agent, agentDoors, error) {
	if err := agent.LoosenTimers(); err != nil {
		log.Debug("more of the processor goes to the scheduler than has to", "error", err)
	}
	c, d, err := agentParts(ctx, cfg, log)
	if err != nil {
		return nil, d, errors.Join(err, state.Close())
	}
	c.State, c.Sender, c.Notices, c.Ask = state, up.sender, up.notices, up.ask
	c.UDP, c.TCP, c.Observe, c.OTLPGRPC, c.OTLPHTTP = d.udp, d.tcp, d.http, d.otlp.grpc, d.otlp.http
	c.Registry, c.Metrics = reg, promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg})
	if up.aws != nil {
		c.Kind, c.URL, c.ProxyAll = upstreamAWS, up.sender.Describe(), true
		c.Limit, c.Concurrency = spool.Limit{Documents: awsBatch}, cfg.Concurrency
	} else {
		c.Kind, c.URL, c.Roentgen = "roentgen", cfg.Upstream, true
	}
	a, err := agent.New(c)
	return a, d, err
}

// awsBatch is how many documents PutTraceSegments takes.
const awsBatch = 50

// agentParts reads what the configuration names and opens the sockets last.
func agentParts(ctx context.Context, cfg agentConfig, log *slog.Logger) (c agent.Config, d agentDoors, err error) {
	if c.Networks, err = cfg.networks(); err != nil {
		return c, d, err
	}
	if c.Redact, err = cfg.redactor(); err != nil {
		return c, d, err
	}
	if c.Triggers, err = readTriggers(cfg.Triggers); err != nil {
		return c, d, err
	}
	if c.OTLP.Index, err = cfg.index(); err != nil {
		return c, d, err
	}
	c.OTLP.MaxRequestBytes = cfg.OTLPMaxRequestBytes
	c.Limits = wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes}
	c.RingBytes, c.SpoolBytes, c.Remember = cfg.RingBytes, cfg.spoolBytes(), cfg.Remember
	c.BufferBytes = cfg.ReceiveBuffer
	c.Fold, c.Host, c.Version, c.Drain, c.Logger = folding(), hostname(), version, cfg.Drain, log
	if d, err = openAgentDoors(ctx, cfg); err == nil && len(c.Networks) > 0 {
		d.otlp.allow(c.Networks, log, time.Now)
	}
	return c, d, err
}

// readTriggers reads a triggers file; without one the usual ones hold.
func readTriggers(path string) (tail.Triggers, error) {
	if path == "" {
		return tail.DefaultTriggers(), nil
	}
	return tail.LoadTriggers(path)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// serveAgent runs the agent and what goes with it until ctx ends.
func serveAgent(ctx context.Context, cfg agentConfig, a *agent.Agent, up *agentUpstream, log *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	// The agent is stopped by whoever reads its books, for they shut with it.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var ended atomic.Bool
	group.Go(func() error {
		defer ended.Store(true)
		return a.Run(running)
	})
	group.Go(func() error {
		<-ctx.Done()
		tellManager(os.Getenv, managerStopping, log)
		return nil
	})
	group.Go(func() error { return watchTriggers(ctx, cfg.Triggers, a.SetTriggers, log) })
	line := &ledgerLine{log: log, statement: a.Statement, state: cfg.State, drain: cfg.Drain}
	ticks, looks := time.NewTicker(ledgerLineEvery), time.NewTicker(lookInterval)
	defer ticks.Stop()
	defer looks.Stop()
	group.Go(func() error {
		defer stop()
		return line.run(ctx, ticks.C, looks.C, &ended)
	})
	if up.aws != nil && cfg.Telemetry {
		t := upstream.Telemetry{AWS: up.aws, Counts: func() upstream.Counts { return a.TelemetryCounts() }}
		group.Go(func() error { return t.Run(ctx) })
	}
	err := group.Wait()
	log.Info("Shutdown finished")
	return err
}

// watchTriggers reads the triggers file again when it changes and when told.
// A file that cannot be read is said once and changes nothing.
func watchTriggers(ctx context.Context, path string, set func(tail.Triggers), log *slog.Logger) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	if path == "" {
		path = os.DevNull // SIGHUP is taken, and does nothing
	}
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	last := stampOf(path)
	for {
		asked := false
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			asked = true
		case <-tick.C:
		}
		now := stampOf(path)
		if path == os.DevNull || !asked && now == last {
			continue
		}
		last = now
		triggers, err := tail.LoadTriggers(path)
		if err != nil {
			log.Error("the triggers are as they were before", "error", err)
			continue
		}
		set(triggers)
		log.Info("triggers read", "file", path, "triggers", len(triggers.Triggers), "captured_rules", len(triggers.Capture))
	}
}

// stamp tells versions of a file apart.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// announceAgent says what the daemon's users look for in the log, and on the
// standard output what is ready.
func announceAgent(w io.Writer, cfg agentConfig, d agentDoors, a *agent.Agent, up *agentUpstream, log *slog.Logger) {
	log.Info("Sending to " + up.sender.Describe())
	for _, line := range a.Describe() {
		log.Info(line)
	}
	fmt.Fprintf(w, "roentgen agent %s is ready\n", version)
	if d.udp != nil {
		log.Info("Starting segment listener on " + d.udp.LocalAddr().String())
		fmt.Fprintf(w, "  udp        %s  for AWS_XRAY_DAEMON_ADDRESS\n", d.udp.LocalAddr())
	}
	if d.tcp != nil {
		log.Info("Starting proxy http server on " + d.tcp.Addr().String())
		fmt.Fprintf(w, "  tcp        %s  sampling, large segments, /healthz, /readyz, /metrics\n", d.tcp.Addr())
	}
	if d.http != nil {
		fmt.Fprintf(w, "  http       http://%s  /healthz, /readyz, /metrics\n", d.http.Addr())
	}
	announceOTLP(w, "http", d.otlp)
	fmt.Fprintf(w, "  upstream   %s\n", up.sender.Describe())
	fmt.Fprintf(w, "  state      %s\n", orMemory(cfg.State))
}

func orMemory(dir string) string {
	if dir == "" {
		return "in memory"
	}
	return dir
}
