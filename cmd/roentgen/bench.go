package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/roentgen/roentgen/bench"
)

func newBenchCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench [-- FLAGS OF roentgen serve]",
		Short: "Load this machine and read what it can hold",
		Long: `Load a server with traces of three services, and read what it can hold.

Without --spans it looks for the highest rate at which the p99 of requests,
which are answered when they are on disk, stays below --p99 and nothing is
refused; and says what that is a day, and how many days fit the disk.

With --spans it sends so many spans, waits until the server is idle again, asks
what people ask, starts the server anew, and prints a table: processor time,
memory, disk and answers, beside goals and other systems.

It starts a server of its own on free ports of the loopback address, in a new
directory below --data, which it removes. What stands behind -- goes to that
server. --server loads one that runs instead; it has to be empty and on
loopback, unless you say otherwise. Linux only: it reads /proc.`,
		Example: `  roentgen bench
  roentgen bench --data /var/lib --p99 100ms
  roentgen bench --door put,otlp-grpc --spans 2000000 --runs 3
  roentgen bench --spans 100000000 --window 24h -- --store memory
  roentgen bench --server http://127.0.0.1:1895 --pid "$(pidof roentgen)" --with-data`,
		Args: onlyBehindDashes,
		RunE: func(c *cobra.Command, args []string) error {
			b, err := newBencher(c, w, args)
			if err != nil {
				return err
			}
			return b.run(c.Context())
		},
	}
	addBenchFlags(c)
	return c
}

func addBenchFlags(c *cobra.Command) {
	f := c.Flags()
	f.Int64("spans", 0, "send so many spans and print the table; 0: look for the highest rate")
	f.StringSlice("door", []string{string(bench.Put)}, "`doors` to send to: put, otlp-http, otlp-grpc, udp; with several, one after the other")
	f.Int("runs", 1, "with --spans: repeat all so often, and show medians")
	f.Float64("rate", 0, "with --spans: spans a second; 0: each connection sends as soon as it has its answer")
	f.Int("connections", 0, "connections, with one request at a time (default 4 with --spans, else 16)")
	f.Duration("p99", 50*time.Millisecond, "without --spans: what the p99 of requests has to stay below")
	f.Duration("step", 5*time.Second, "without --spans: how long each rate is tried")
	f.Duration("for", 3*time.Minute, "without --spans: bound of the search")
	f.Duration("window", time.Hour, "with --spans: the traces start within so long before now")
	f.Uint64("seed", 1, "of the traces: the same seed makes the same ones")
	f.String("shape", string(bench.Plain), "plain, or unique: an annotation with a key of its own in every trace")
	f.Int("questions", 100, "with --spans: how often each question is asked")
	f.Bool("profile", false, "with --spans: say which rooms of the server its processor time goes to; each question is asked once")
	f.Duration("idle", 3*time.Second, "how long the server has to be idle after the load, before it is measured")
	f.String("data", "", "`directory` on the disk to measure (default where temporary files stand)")
	f.String("server", "", "`URL` of a running server to load instead of a new one")
	f.Int("pid", 0, "its process, where it runs on this machine")
	f.String("token", "", "`token`, where it wants one (default "+tokenEnv+")")
	f.String("udp-addr", "", "`address` of its X-Ray daemon port, for --door udp")
	f.String("otlp-http-url", "", "`URL` of its OTLP HTTP door without a path, for --door otlp-http")
	f.String("otlp-grpc-url", "", "`URL` of its OTLP gRPC door, for --door otlp-grpc")
	f.Bool("with-data", false, "load it although it holds data: the traces stay there")
	f.Bool("i-know", false, "load it although it is not on this machine")
	f.Bool("json", false, "print a line of JSON for each run, and one for the medians")
}

func onlyBehindDashes(c *cobra.Command, args []string) error {
	if n := c.ArgsLenAtDash(); n > 0 || n < 0 && len(args) > 0 {
		return fmt.Errorf("bench takes no words; flags of the server stand behind --, as in: roentgen bench -- --log-level debug")
	}
	return nil
}

// bencher is the command at work.
type bencher struct {
	c         *cobra.Command
	w         around
	serveArgs []string
	doors     []bench.Door
	spans     int64
	runs      int
	running   *bench.Target // nil: start one
	trial     bench.Trial
	json      bool
}

func newBencher(c *cobra.Command, w around, serveArgs []string) (*bencher, error) {
	b := &bencher{c: c, w: w, serveArgs: serveArgs}
	f := c.Flags()
	b.spans, _ = f.GetInt64("spans")
	b.runs, _ = f.GetInt("runs")
	b.json, _ = f.GetBool("json")
	names, _ := f.GetStringSlice("door")
	for _, name := range names {
		d, err := bench.ParseDoor(name)
		if err != nil {
			return nil, fmt.Errorf("--door: %w", err)
		}
		b.doors = append(b.doors, d)
	}
	if err := b.readTrial(); err != nil {
		return nil, err
	}
	return b, b.readServer()
}

// slice is how many traces are prepared at a time: 1.1 GB of documents.
const slice = 166_667

func (b *bencher) readTrial() error {
	f := b.c.Flags()
	t := &b.trial
	t.Batch = bench.DefaultBatch()
	t.Quiet = bench.Quiet{Share: 0.03, AtMost: 5 * time.Minute}
	t.Quiet.For, _ = f.GetDuration("idle")
	t.Slice, t.Patient = slice, 30*time.Second
	t.Times, _ = f.GetInt("questions")
	t.Pace.Patience = 10 * time.Second
	t.Pace.Rate, _ = f.GetFloat64("rate")
	t.Pace.Connections, _ = f.GetInt("connections")
	if t.Pace.Connections == 0 {
		t.Pace.Connections = 16
		if b.spans > 0 {
			t.Pace.Connections = 4
		}
	}
	t.Model.Faulty = bench.DefaultFaulty
	t.Model.Seed, _ = f.GetUint64("seed")
	t.Model.Window, _ = f.GetDuration("window")
	shape, _ := f.GetString("shape")
	t.Model.Shape = bench.Shape(shape)
	t.Model.Traces = int(max(1, (b.spans+bench.SpansPerTrace-1)/bench.SpansPerTrace))
	t.Say = func(format string, args ...any) { fmt.Fprintf(b.c.ErrOrStderr(), format+"\n", args...) }
	return b.checkTrial()
}

func (b *bencher) checkTrial() error {
	t := &b.trial
	p99, _ := b.c.Flags().GetDuration("p99")
	step, _ := b.c.Flags().GetDuration("step")
	for name, wrong := range map[string]bool{
		"spans": b.spans < 0, "runs": b.runs < 1, "rate": t.Pace.Rate < 0, "connections": t.Pace.Connections < 1, "questions": t.Times < 1,
		"window": t.Model.Window < time.Second, "p99": p99 <= 0, "step": step < time.Second,
	} {
		if wrong {
			return fmt.Errorf("--%s is too small: see roentgen bench --help", name)
		}
	}
	if t.Model.Shape != bench.Plain && t.Model.Shape != bench.Unique {
		return fmt.Errorf("--shape %s: not %s or %s", t.Model.Shape, bench.Plain, bench.Unique)
	}
	for _, d := range b.doors {
		if d == bench.UDP && b.spans > 0 && t.Pace.Rate == 0 {
			return errors.New("--door udp with --spans needs --rate: datagrams are not answered, so that a sender without a rate loses most of them")
		}
	}
	return nil
}

// readServer reads which server is to be loaded.
func (b *bencher) readServer() error {
	f := b.c.Flags()
	server, _ := f.GetString("server")
	if server == "" {
		for _, name := range []string{"pid", "token", "udp-addr", "otlp-http-url", "otlp-grpc-url", "with-data", "i-know"} {
			if f.Changed(name) {
				return fmt.Errorf("--%s speaks of a running server: name it with --server", name)
			}
		}
		return nil
	}
	if len(b.serveArgs) > 0 {
		return errors.New("what stands behind -- is for a server that bench starts, and --server names one that runs")
	}
	if profile, _ := f.GetBool("profile"); profile {
		return errors.New("--profile needs a server that bench starts: leave --server away, or start yours with --" + profileFlag)
	}
	if b.runs > 1 {
		return errors.New("--runs above 1 needs a server that is empty each time: leave --server away")
	}
	c, err := newClient(b.c, b.w)
	if err != nil {
		return err
	}
	t := &bench.Target{Doorways: bench.Doorways{HTTP: c.server}, Token: c.token}
	t.Daemon, _ = f.GetString("udp-addr")
	t.OTLPHTTP, _ = f.GetString("otlp-http-url")
	t.OTLPGRPC, _ = f.GetString("otlp-grpc-url")
	t.Data, _ = f.GetString("data")
	if pid, _ := f.GetInt("pid"); pid != 0 {
		if t.Process, err = bench.FindProcess(pid); err != nil {
			return fmt.Errorf("--pid: %w", err)
		}
	}
	b.running = t
	return b.checkLoopback()
}

// checkLoopback keeps a load from machines that nobody meant.
func (b *bencher) checkLoopback() error {
	if sure, _ := b.c.Flags().GetBool("i-know"); sure {
		return nil
	}
	for flag, address := range map[string]string{
		"server": b.running.HTTP, "udp-addr": b.running.Daemon, "otlp-http-url": b.running.OTLPHTTP, "otlp-grpc-url": b.running.OTLPGRPC,
	} {
		if address == "" {
			continue
		}
		host := address
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			host = u.Host
			if u.Port() == "" {
				host += ":80"
			}
		}
		if err := wantLoopback(host); err != nil {
			return fmt.Errorf("--%s %s: %w; a load like this can stop other people's work: say --i-know if you mean it", flag, address, err)
		}
	}
	return nil
}

func (b *bencher) run(ctx context.Context) error {
	if b.running != nil {
		if err := b.checkEmpty(ctx); err != nil {
			return err
		}
	}
	if b.spans > 0 {
		return b.table(ctx)
	}
	return b.hold(ctx)
}

func (b *bencher) checkEmpty(ctx context.Context) error {
	held, err := b.running.Held(ctx)
	if err != nil {
		return err
	}
	if may, _ := b.c.Flags().GetBool("with-data"); held.Traces > 0 && !may {
		return fmt.Errorf("%s holds %d traces, and those of the load would stay beside them: load an empty server, or say --with-data", b.running.HTTP, held.Traces)
	}
	return nil
}

// inDirectory calls fn with a new directory on the disk to measure, and
// removes it.
func (b *bencher) inDirectory(fn func(dir string) error) (err error) {
	on, _ := b.c.Flags().GetString("data")
	dir, err := os.MkdirTemp(on, "roentgen-bench-data-*")
	if err != nil {
		return fmt.Errorf("make a directory for the data (--data): %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return fn(dir)
}

// program is this program as a server in dir.
func (b *bencher) program(dir string, d bench.Door) (bench.Program, error) {
	self, err := os.Executable()
	if err != nil {
		return bench.Program{}, fmt.Errorf("look for this program: %w", err)
	}
	if self, err = exec.LookPath(self); err != nil {
		return bench.Program{}, fmt.Errorf("look for this program: %w", err)
	}
	const free = "127.0.0.1:0"
	args := []string{"serve", "--data", dir + "/data", "--http", free, "--daemon", off, "--otlp-grpc", off, "--otlp-http", off}
	switch d {
	case bench.UDP:
		args = append(args, "--daemon", free)
	case bench.OTLPGRPC:
		args = append(args, "--otlp-grpc", free)
	case bench.OTLPHTTP:
		args = append(args, "--otlp-http", free)
	}
	if b.spans > 0 && b.store() == "memory" { // it would drop what is older than the last 0.5 GB
		args = append(args, "--max-bytes", strconv.FormatInt(max(1<<29, 4000*b.spans), 10))
	}
	return bench.Program{Path: self, Args: append(args, b.serveArgs...), Env: withoutSettings(os.Environ()), Log: dir + "/log", Wait: 5 * time.Minute}, nil
}

// store is the backend that the server will have.
func (b *bencher) store() string {
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.String("config", "", "")
	addFlags(flags)
	if flags.Parse(b.serveArgs) != nil {
		return "" // the server will say what is wrong with them
	}
	store, _ := flags.GetString("store")
	return store
}

// withoutSettings drops what would set up the server from the environment: it
// is to be the one that the flags say.
func withoutSettings(environ []string) []string {
	var out []string
	for _, kv := range environ {
		if !strings.HasPrefix(kv, envPrefix) {
			out = append(out, kv)
		}
	}
	return out
}
