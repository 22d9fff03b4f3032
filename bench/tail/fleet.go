package tail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Program says what is run.
type Program struct {
	Roentgen  string // path of the program under test
	Collector string // path of OpenTelemetry's Collector; empty: it is not compared with
	Dir       string // for data, states and logs; on the disk to measure
	RingBytes int64  // of each agent
	Redact    bool
	Keep      bool // data and logs of each run stay; without, those of a run that missed something
}

// fleet is ten hosts and a server, as processes.
type fleet struct {
	dir     string
	server  *program
	api     string // URL
	agents  []*program
	relays  []*relay
	udp     []string // addresses that segments go to, by host
	otlp    []string // URLs of the OTLP doors, by host
	metrics []string // URLs
	spans   []bool   // the host sends spans
	say     func(format string, args ...any)

	small     string // directory of the agent whose disk may be filled; empty: there is none
	whyNoDisk string
	undo      []func() error
}

// smallDiskHost is whose state is on a disk of its own.
const smallDiskHost = 3

// start starts all of it. On an error, close gives back what there is.
func startFleet(ctx context.Context, p Program, hosts, spanHosts int, otlpRate float64, say func(string, ...any)) (f *fleet, err error) {
	f = &fleet{dir: p.Dir, say: say}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if err := f.startServer(ctx, p); err != nil {
		return f, err
	}
	triggers := filepath.Join(p.Dir, "triggers.yaml")
	if err := os.WriteFile(triggers, []byte(triggersText(otlpRate)), 0o600); err != nil {
		return f, fmt.Errorf("write the triggers: %w", err)
	}
	for host := range hosts {
		if err := f.startAgent(ctx, p, host, host >= hosts-spanHosts, triggers); err != nil {
			return f, err
		}
	}
	return f, nil
}

// triggersText is the agents' file of triggers: the default ones, with the head rate of spans.
func triggersText(otlpRate float64) string {
	text := "version: 1\ntriggers:\n"
	for _, when := range [...]string{"error", "fault", "throttle"} {
		text += "  - {name: " + when + ", when: " + when + ", quota: \"1000/s\"}\n"
	}
	return text + "otlp_rate: " + strconv.FormatFloat(otlpRate, 'g', -1, 64) + "\n"
}

func (f *fleet) startServer(ctx context.Context, p Program) error {
	free, err := freeAddresses(ctx, "127.0.0.1", 2)
	if err != nil {
		return err
	}
	f.api = "http://" + free[0]
	f.server = &program{
		name: "the server", path: p.Roentgen, env: plainEnv(), log: filepath.Join(p.Dir, "server.log"), ready: f.api + "/readyz",
		args: []string{"serve", "--data", filepath.Join(p.Dir, "server"), "--http", free[0], "--daemon", "off", "--otlp-grpc", "off",
			"--otlp-http", free[1], "--max-trace-bytes", "8000000"},
	}
	f.otlp = []string{"http://" + free[1]} // of the server, until there are agents
	return f.server.start(ctx)
}

func (f *fleet) startAgent(ctx context.Context, p Program, host int, spans bool, triggers string) error {
	if host == 0 {
		f.otlp = nil
	}
	relay, err := newRelay(ctx, f.api[len("http://"):])
	if err != nil {
		return err
	}
	f.relays = append(f.relays, relay)
	free, err := freeAddresses(ctx, fmt.Sprintf("127.0.1.%d", host+1), 2)
	if err != nil {
		return err
	}
	state := filepath.Join(p.Dir, fmt.Sprintf("agent-%d", host))
	if err := os.Mkdir(state, 0o700); err != nil {
		return fmt.Errorf("make the state directory of agent %d: %w", host, err)
	}
	if host == smallDiskHost {
		f.smallDisk(state, p.RingBytes)
	}
	args := []string{"agent", "--bind", free[0], "--bind-tcp", free[0], "--upstream", "http://" + relay.address(), "--state", state,
		"--ring-bytes", strconv.FormatInt(p.RingBytes, 10), "--triggers", triggers, "--log-format", "text"}
	if spans {
		args = append(args, "--otlp-http", free[1])
	}
	if p.Redact {
		args = append(args, "--redact")
	}
	a := &program{name: fmt.Sprintf("agent %d", host), path: p.Roentgen, args: args, env: plainEnv(),
		log: filepath.Join(p.Dir, fmt.Sprintf("agent-%d.log", host)), ready: "http://" + free[0] + "/readyz"}
	f.agents, f.udp, f.otlp = append(f.agents, a), append(f.udp, free[0]), append(f.otlp, "http://"+free[1])
	f.metrics, f.spans = append(f.metrics, "http://"+free[0]+"/metrics"), append(f.spans, spans)
	return a.start(ctx)
}

// smallDisk gives one agent a disk with little more than its ring, where root may.
func (f *fleet) smallDisk(state string, ring int64) {
	undo, err := smallDisk(state, ring+64<<20)
	if err != nil {
		f.whyNoDisk = err.Error()
		return
	}
	f.small = state
	f.undo = append(f.undo, undo)
}

// plainEnv is the environment without what would set up a program otherwise than its flags say.
func plainEnv() (out []string) {
	for _, kv := range os.Environ() {
		if len(kv) < 8 || kv[:8] != "ROENTGEN" && kv[:4] != "AWS_" && kv[:5] != "XRAY_" {
			out = append(out, kv)
		}
	}
	return out
}

// close ends agents, relays and server, in that order.
func (f *fleet) close() (err error) {
	for _, a := range f.agents {
		err = errors.Join(err, a.stop())
	}
	for _, r := range f.relays {
		err = errors.Join(err, r.close())
	}
	if f.server != nil {
		err = errors.Join(err, f.server.stop())
	}
	for _, undo := range f.undo {
		err = errors.Join(err, undo())
	}
	return err
}

func remove(path string) error {
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the filler: %w", err)
	}
	return nil
}
