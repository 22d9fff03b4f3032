package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/overhead"
	"github.com/roentgen/roentgen/afirgen/proc"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

// overheadSettings are the flags of the command.
type overheadSettings struct {
	roentgen, data string
	long           time.Duration
	rounds         int
	rates          []float64
	workers        int
}

func overheadCommand(func(string) string) *cobra.Command {
	var s overheadSettings
	cmd := &cobra.Command{
		Use:   "overhead",
		Short: "Measures what tracing costs the three services, beside themselves without it",
		Long: `Starts a Roentgen server and three sets of the three services on free ports: one without tracing, one that traces a
tenth of its requests, one that traces all. Loads them in turns, and prints latency, processor time and memory of each
beside the first. Nothing else should run on the machine.`,
		Example: "  afirgen overhead --for 20s --rounds 5 --rates 10,100,500",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("looking for this program: %w", err)
			}
			if s.roentgen == "" {
				s.roentgen = filepath.Join(filepath.Dir(self), "roentgen")
			}
			return s.run(cmd.Context(), self, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.roentgen, "roentgen", "", "path of the roentgen program; empty takes the one beside this program")
	f.StringVar(&s.data, "data", "", "directory of everything that is written; empty takes a new one, which is removed")
	f.DurationVar(&s.long, "for", 20*time.Second, "length of each load")
	f.IntVar(&s.rounds, "rounds", 3, "turns of each variant; the median counts")
	f.Float64SliceVar(&s.rates, "rates", []float64{10, 100, 500}, "requests per second")
	f.IntVar(&s.workers, "workers", 8, "complaints on their way at once where the most is asked of a service")
	return cmd
}

func (s overheadSettings) run(ctx context.Context, self string, out, progress io.Writer) (err error) {
	if s.data == "" {
		if s.data, err = os.MkdirTemp("", "afirgen-overhead-"); err != nil {
			return fmt.Errorf("making a directory for the measurement: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.data)) }()
	}
	stage := &overheadStage{afirgen: self, data: s.data, log: progress}
	defer stage.stop()
	plan, err := stage.plan(ctx, s)
	if err != nil {
		return err
	}
	rows, err := plan.Run(ctx)
	if err != nil {
		return err
	}
	if err := overhead.Write(out, rows, []string{contract.Backend, contract.GGUF, contract.ASROCR}); err != nil {
		return err
	}
	for _, v := range plan.Variants {
		r := overhead.Saturate(ctx, s.workers, s.long, v.Shots[wholeWay])
		fmt.Fprintf(out, "%s: %.0f FIRs per minute with %d at once, p50 %s, %d failed\n", v.Name,
			float64(len(r.Latencies))/r.Took.Minutes(), s.workers, r.Quantile(0.5).Round(time.Millisecond), r.Failed)
	}
	return nil
}

// What is measured.
const (
	typed    = "POST /process, typed"
	wholeWay = "a complaint's whole way"
	infer    = "POST /inference"
	refusal  = "POST /ocr, refused"
)

// wayRequests is how many requests a complaint's whole way takes: filing, four approvals, the details, the last approval.
const wayRequests = 7

// overheadStage is the programs that are measured.
type overheadStage struct {
	afirgen, data string
	log           io.Writer
	running       []*exec.Cmd
	waits         sync.WaitGroup
}

func (st *overheadStage) plan(ctx context.Context, s overheadSettings) (overhead.Plan, error) {
	p := overhead.Plan{Rounds: s.rounds, For: s.long, Say: func(line string) { fmt.Fprintln(st.log, line) }}
	for _, name := range []string{typed, infer, refusal} {
		p.Kinds = append(p.Kinds, overhead.Kind{Name: name, Rates: s.rates, Requests: 1})
	}
	way := overhead.Kind{Name: wholeWay, Requests: wayRequests}
	for _, rate := range s.rates {
		way.Rates = append(way.Rates, rate/wayRequests)
	}
	p.Kinds = append(p.Kinds, way)
	server, daemon, err := freeAddress(), freeAddress(), error(nil)
	if _, err = st.start(ctx, "roentgen", server, s.roentgen, nil, "serve", "--data", filepath.Join(s.data, "roentgen"), "--http", server, "--daemon", daemon,
		"--otlp-grpc", "off", "--otlp-http", "off"); err != nil {
		return p, err
	}
	for _, v := range []struct{ name, variable string }{{"off", "XRAY_ENABLED=false"}, {"10 %", "XRAY_SAMPLING_RATE=0.1"}, {"100 %", "XRAY_SAMPLING_RATE=1"}} {
		variant, err := st.variant(ctx, v.name, daemon, v.variable)
		if err != nil {
			return p, err
		}
		p.Variants = append(p.Variants, variant)
	}
	return p, nil
}

// variant starts one set of services.
func (st *overheadStage) variant(ctx context.Context, name, daemon, variable string) (v overhead.Variant, err error) {
	const key = "overhead-key"
	env := []string{"XRAY_DAEMON_ADDRESS=" + daemon, variable, "API_KEY=" + key, "FIR_AUTH_KEY=" + key}
	v = overhead.Variant{Name: name}
	begin := func(service, command string, args ...string) (addr string) {
		addr = freeAddress()
		var pid int
		if err == nil {
			pid, err = st.start(ctx, service, addr, st.afirgen, env, append([]string{command, "--addr", addr, "--log-level", "error"}, args...)...)
		}
		v.Services = append(v.Services, overhead.Service{Name: service, PID: pid})
		return addr
	}
	folder := filepath.Join(st.data, name)
	model := begin(contract.GGUF, "gguf")
	reader := begin(contract.ASROCR, "asrocr")
	desk := begin(contract.Backend, "backend", "--model-server", "http://"+model, "--asr-ocr-server", "http://"+reader,
		"--database", "sqlite:"+filepath.Join(folder, "afirgen.db"), "--archive", filepath.Join(folder, "archive"),
		"--rate-limit", "100000000", "--max-requests", "100", "--station-code", "OVH", "--station-name", "Overhead",
		"--station-district", "Overhead", "--station-state", "Overhead")
	v.Shots = shots(desk, model, reader, key)
	return v, err
}

// shots are what is sent to one set of services.
func shots(desk, model, reader, key string) map[string]overhead.Shot {
	wire := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}, Timeout: time.Minute}
	at := func(addr string) *client.Client {
		return client.New(client.Config{Base: "http://" + addr, APIKey: key, HTTP: wire})
	}
	c := at(desk)
	complaint := client.Complaint{Field: client.Text, Data: samples.Complaint(), Language: "en"}
	post := func(addr, path, kind string, body []byte, want int) overhead.Shot {
		other := at(addr)
		return func(ctx context.Context) (int, error) {
			_, receipt, err := other.Call(ctx, client.Call{Method: http.MethodPost, Path: path, ContentType: kind, Body: body})
			if receipt.Status == want {
				return 1, nil
			}
			return 1, fmt.Errorf("%s answered %d: %w", path, receipt.Status, err)
		}
	}
	form := []byte("--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nno image\r\n--b--\r\n")
	return map[string]overhead.Shot{
		typed: func(ctx context.Context) (int, error) {
			_, _, err := c.Process(ctx, complaint)
			return 1, err
		},
		wholeWay: func(ctx context.Context) (int, error) {
			requests, details := 0, client.MadeUpDetails(time.Now())
			details.Sign = nil
			_, err := c.File(ctx, complaint, details, func(string, client.Session, client.Receipt) { requests++ })
			return requests, err
		},
		infer: post(model, "/inference", "application/json",
			[]byte(`{"model_name": "summariser", "prompt": "My bicycle was stolen from outside the library on Monday evening. The chain was cut."}`), http.StatusOK),
		refusal: post(reader, "/ocr", "multipart/form-data; boundary=b", form, http.StatusUnsupportedMediaType),
	}
}

// start runs a program and waits until it is ready. The goroutine that starts it holds its thread, because the kernel
// ends the program with that thread.
func (st *overheadStage) start(ctx context.Context, name, addr, path string, env []string, args ...string) (pid int, err error) {
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), st.log
	proc.Lead(cmd)
	cmd.Cancel = nil
	started := make(chan error)
	st.waits.Go(func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is ended by us, which is no error
		}
	})
	if err := <-started; err != nil {
		return 0, fmt.Errorf("starting %s: %w", name, err)
	}
	st.running = append(st.running, cmd)
	return cmd.Process.Pid, awaitReady(ctx, name, addr)
}

func awaitReady(ctx context.Context, name, addr string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("it was not ready after 30 s"))
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := transport.RoundTrip(req); err == nil {
			_ = resp.Body.Close() // nothing of it is needed
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("starting %s: %w", name, context.Cause(ctx))
}

// stop ends everything at once: nothing that was measured is needed any more.
func (st *overheadStage) stop() {
	for _, cmd := range st.running {
		_ = proc.Kill(cmd.Process) // os.ErrProcessDone when it has ended already
	}
	st.waits.Wait()
}

// freeAddress is a port of loopback that nobody listens on at this moment.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
