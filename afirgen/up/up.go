package up

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/tracing"
)

// Config is what Run needs. All of it is required but RoentgenFlags, Environ's content and Once.
type Config struct {
	Data          string   // directory of everything that is kept
	Afirgen       string   // path of the program that runs the services
	Roentgen      string   // path of the program that runs the server
	RoentgenFlags []string // added to `roentgen serve`
	Environ       []string // what the programs inherit
	Addresses     Addresses
	LogFormat     string // of the services' lines
	Full          bool   // also MariaDB, an S3, a Secrets Manager and a load balancer, and the backend on all of them
	Once          bool   // stop when the complaints are shown

	Out    io.Writer
	Colour bool
	Now    func() time.Time
	After  func(time.Duration) <-chan time.Time
}

// Run starts everything, shows six complaints and keeps running until ctx ends; with Once, until they are shown. The error
// says what did not work; everything is stopped when it returns.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Addresses.Claim(cfg.Full); err != nil {
		return err
	}
	forget, err := writePID(cfg.Data)
	if err != nil {
		return err
	}
	s := newStage(cfg)
	err = s.play(ctx)
	s.lines.Say("stopping")
	s.stop()
	return errors.Join(err, forget())
}

// writePID leaves our process id in the data directory, for whoever wants to stop us. The file stays locked while we
// run, so that a second supervisor of the same directory goes away and leaves the id of the first.
func writePID(data string) (forget func() error, err error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	path := filepath.Join(data, "up.pid")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("writing the process id: %w", err)
	}
	if err := claimPID(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		err := os.Remove(path)
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("removing the process id: %w", err)
		}
		return nil
	}, nil
}

// claimPID locks f, which ends with the process at the latest, and writes our id into it.
func claimPID(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		other, _ := io.ReadAll(io.LimitReader(f, 20)) // without it the sentence has a gap and still says what to do
		return fmt.Errorf("locking %s: afirgen up runs there already (process %s): stop it, or choose another directory with --data: %w",
			f.Name(), strings.TrimSpace(string(other)), err)
	}
	err := f.Truncate(0)
	if err == nil {
		_, err = f.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	}
	if err != nil {
		return fmt.Errorf("writing the process id: %w", err)
	}
	return nil
}

// stage is one run of the whole system.
type stage struct {
	cfg                       Config
	lines                     *Lines
	supervisor                *Supervisor
	client                    *http.Client
	apiKey, authKey, forceKey string
	full                      full
}

func newStage(cfg Config) *stage {
	lines, given := NewLines(cfg.Out, cfg.Colour, len("roentgen")), environ(cfg.Environ)
	s := &stage{
		cfg: cfg, lines: lines,
		supervisor: &Supervisor{Lines: lines, Now: cfg.Now, After: cfg.After},
		client:     &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		apiKey:     given.get("API_KEY"), authKey: given.get("FIR_AUTH_KEY"), forceKey: rand.Text(),
	}
	for _, key := range []*string{&s.apiKey, &s.authKey} {
		if *key == "" {
			*key = rand.Text()
		}
	}
	s.full = s.newFull()
	return s
}

// play ends without an error when ctx ends: being stopped is no failure, unless Once had still to show something.
func (s *stage) play(ctx context.Context) error {
	err := s.show(ctx)
	switch {
	case err != nil && ctx.Err() != nil && !s.cfg.Once:
		return nil
	case err != nil || s.cfg.Once:
		return err
	}
	s.lines.Raw(s.next())
	<-ctx.Done()
	return nil
}

func (s *stage) show(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, together := range s.programs() {
		if err := s.start(ctx, together); err != nil {
			return err
		}
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	desk := client.New(client.Config{
		Base: "http://" + s.door(), APIKey: s.apiKey, HTTP: &http.Client{Transport: transport, Timeout: 4 * time.Minute},
		Sign: s.sign, After: s.cfg.After, Now: s.cfg.Now,
	})
	reader := newTraceReader(s.cfg.Addresses.Roentgen, s.cfg.After)
	defer reader.close()
	for _, sc := range s.scenes() {
		if err := s.perform(ctx, desk, reader, sc); err != nil {
			return err
		}
	}
	return nil
}

// sign has a request traced. Before a load balancer it also brings a trace of its own, as a caller does that is traced
// itself: only then does a balancer add its part, by which the map knows it.
func (s *stage) sign(req *http.Request) {
	client.Forced(s.forceKey, s.cfg.Now)(req)
	if !s.cfg.Full {
		return
	}
	if id, err := client.NewTraceID(rand.Reader, s.cfg.Now()); err == nil {
		req.Header.Set(tracing.HeaderName, "Root="+id)
	}
}

// perform plays one scene and reads the trace of the step that is drawn.
func (s *stage) perform(ctx context.Context, desk *client.Client, reader traceReader, sc scene) error {
	s.lines.Say("sending " + sc.title)
	var out script
	if err := sc.play(ctx, desk, &out); err != nil {
		return fmt.Errorf("sending %s: %w", sc.title, err)
	}
	id := out.trace(sc.drawn)
	if id == "" {
		return fmt.Errorf("sending %s: the backend's answer has no X-Amzn-Trace-Id: is XRAY_ENABLED=false set?", sc.title)
	}
	list, err := reader.read(ctx, id, sc.services)
	if err != nil {
		return err
	}
	s.lines.Raw(s.report(sc, &out, list))
	return nil
}

func (s *stage) next() string {
	a := s.cfg.Addresses
	return fmt.Sprintf(`Everything runs.
  Open the clerk's page: http://%[2]s/  with the API key %[3]s
                         and %[4]s to lock a report
  Open the console:      http://%[1]s/#/service-map
  Failing traces:        http://%[1]s/#/traces?filter=service()%%20%%7B%%20fault%%20%%7D
  Send a complaint:      curl -H 'X-API-Key: %[3]s' -F 'text=…' http://%[2]s/process
  Check everything:      bin/afirgen verify --base-url http://%[2]s --api-key %[3]s --roentgen http://%[1]s --model-server http://%[5]s --asr-ocr http://%[6]s
  Ask on this terminal:  bin/roentgen traces 'service() { fault }' --server http://%[1]s
  Ask with the AWS CLI:  aws xray get-trace-summaries --no-sign-request --endpoint-url http://%[1]s --start-time $(date -d -1hour +%%s) --end-time $(date +%%s)
  XRAY_SAMPLING_RATE is the share of requests that are traced: 0.1 unless it is set before the start.
  Stop with Ctrl-C.

`, a.Roentgen, s.door(), s.apiKey, s.authKey, a.GGUF, a.ASROCR)
}
