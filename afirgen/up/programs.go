package up

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The names before the programs' lines.
const (
	nameRoentgen = "roentgen"
	nameGGUF     = "gguf"
	nameASROCR   = "asrocr"
	nameBackend  = "backend"
)

// How long a program may take to stop. They are stopped one group after the other, so the sum (45 s, 55 s in a full house) is how long a stop
// takes at most.
const (
	stopBackend  = 20 * time.Second
	stopModels   = 5 * time.Second
	stopRoentgen = 10 * time.Second
	stopBeside   = 10 * time.Second
)

// How long a program may take to be ready.
const (
	startPatience = 30 * time.Second
	startPause    = 50 * time.Millisecond
)

// startable is a program with the address at which it says that it is ready.
type startable struct {
	Program
	addr  string
	ready func(context.Context) bool // nil asks GET /readyz there
}

// programs returns what is started, in groups: a group needs those before it.
func (s *stage) programs() [][]startable {
	a, data := s.cfg.Addresses, s.cfg.Data
	env := environ(s.cfg.Environ).without(
		"API_KEY", "FIR_AUTH_KEY", "XRAY_FORCE_KEY", "XRAY_DAEMON_ADDRESS", "AWS_XRAY_DAEMON_ADDRESS",
		// One name for all three services would make them one node on the map.
		"XRAY_SERVICE_NAME", "AWS_XRAY_TRACING_NAME", "OTEL_SERVICE_NAME")
	traced := env.with("XRAY_DAEMON_ADDRESS="+a.Daemon, "XRAY_FORCE_KEY="+s.forceKey)
	service := func(name, addr string, stop time.Duration, env environ, flags ...string) startable {
		grace := stop - 2*time.Second // the rest is for closing and for the last traces
		args := []string{name, "--addr", addr, "--log-format", s.cfg.LogFormat, "--grace", grace.String()}
		return startable{Program: Program{name, s.cfg.Afirgen, append(args, flags...), env, stop}, addr: addr}
	}
	server := []string{"serve", "--data", filepath.Join(data, "roentgen"), "--http", a.Roentgen, "--daemon", a.Daemon,
		"--otlp-grpc", "off", "--otlp-http", "off", // nothing here speaks it; RoentgenFlags may open them
		"--shutdown-timeout", (stopRoentgen - 2*time.Second).String()}
	groups := [][]startable{
		{{Program: Program{nameRoentgen, s.cfg.Roentgen, append(server, s.cfg.RoentgenFlags...), env, stopRoentgen}, addr: a.Roentgen}},
		{
			service(nameGGUF, a.GGUF, stopModels, traced),
			service(nameASROCR, a.ASROCR, stopModels, traced),
		},
	}
	beside, flags, secrets := s.beside(env)
	desk := service(nameBackend, a.Backend, stopBackend, traced.with(s.station()...).with(secrets...),
		append(flags, "--model-server", "http://"+a.GGUF, "--asr-ocr-server", "http://"+a.ASROCR)...)
	if s.cfg.Full {
		return append(groups, beside, []startable{desk}, []startable{s.balancer(env)})
	}
	return append(groups, []startable{desk})
}

// beside returns what the backend stands on: programs, the backend's flags and what only its environment may hold.
func (s *stage) beside(env environ) (programs []startable, flags []string, secrets environ) {
	if s.cfg.Full {
		return s.full.programs(s, env), s.full.flags(), s.full.aws()
	}
	folder := filepath.Join(s.cfg.Data, "afirgen")
	return nil, []string{"--database", "sqlite:" + filepath.Join(folder, "afirgen.db"), "--archive", filepath.Join(folder, "archive")},
		environ{"API_KEY=" + s.apiKey, "FIR_AUTH_KEY=" + s.authKey}
}

// named returns the program of that name as it was started.
func (s *stage) named(name string) (found []startable) {
	for _, together := range s.programs() {
		for _, p := range together {
			if p.Name == name {
				found = append(found, p)
			}
		}
	}
	return found
}

// station is a made-up one, unless the environment names another.
func (s *stage) station() environ {
	if environ(s.cfg.Environ).get("STATION_CODE") != "" {
		return nil
	}
	return environ{"STATION_CODE=LKS", "STATION_NAME=Lakeside", "STATION_DISTRICT=Banyan", "STATION_STATE=Maharashtra"}
}

// start starts a group and waits until all of it is ready.
func (s *stage) start(ctx context.Context, together []startable) error {
	for _, p := range together {
		s.supervisor.Start(p.Program)
	}
	for _, p := range together {
		if err := s.awaitReady(ctx, p); err != nil {
			return err
		}
		s.lines.Say(p.Name + " is ready on " + p.addr)
	}
	return nil
}

func (s *stage) awaitReady(ctx context.Context, p startable) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience,
		fmt.Errorf("it was not ready after %s; its lines above say more", startPatience))
	defer cancel()
	for {
		if p.ready != nil && p.ready(ctx) || p.ready == nil && s.ready(ctx, p.addr) {
			return nil
		}
		if s.supervisor.Deaths(p.Name) > 0 {
			return fmt.Errorf("starting %s: it died before it was ready; its lines above say why", p.Name)
		}
		select {
		case <-s.cfg.After(startPause):
		case <-ctx.Done():
			return fmt.Errorf("starting %s: %w", p.Name, context.Cause(ctx))
		}
	}
}

func (s *stage) ready(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // nothing of it is needed
	return resp.StatusCode == http.StatusOK
}

// stop stops in the order of the data: nothing is stopped that another program still needs.
func (s *stage) stop() {
	s.supervisor.Stop(nameBalancer)
	s.supervisor.Stop(nameBackend)
	s.supervisor.Stop(nameGGUF, nameASROCR)
	s.supervisor.Stop(nameDatabase, nameBuckets, nameSecrets)
	s.supervisor.Stop(nameRoentgen)
}

// environ is a list of NAME=value.
type environ []string

func (e environ) without(names ...string) environ {
	return slices.DeleteFunc(slices.Clone(e), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})
}

func (e environ) with(more ...string) environ { return append(slices.Clone(e), more...) }

func (e environ) get(name string) string {
	for _, v := range e {
		if value, found := strings.CutPrefix(v, name+"="); found {
			return value
		}
	}
	return ""
}
