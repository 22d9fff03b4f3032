package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/roentgen/roentgen/afirgen/client"
)

// The titles of the checks.
const (
	TitleConfiguration = "X-Ray Configuration"
	TitleBackend       = "Main Backend Health Check"
	TitleModels        = "Model Server Health Check"
	TitleReader        = "ASR/OCR Server Health Check"
	TitleProcessing    = "FIR Processing with Tracing"
	TitleConcurrent    = "Concurrent Requests Tracing"
	TitleErrors        = "Error Tracing"
	TitleAnnotations   = "X-Ray Annotations"
)

// check is one of the eight.
type check struct {
	title string
	run   func(context.Context, *run, *findings)
}

// checks are the eight in their order.
func checks() []check {
	return []check{
		{TitleConfiguration, checkConfiguration},
		{TitleBackend, checkBackend},
		{TitleModels, checkModels},
		{TitleReader, checkReader},
		{TitleProcessing, checkProcessing},
		{TitleConcurrent, checkConcurrent},
		{TitleErrors, checkErrors},
		{TitleAnnotations, checkAnnotations},
	}
}

// Titles lists the titles of the eight checks in their order.
func Titles() []string {
	var titles []string
	for _, c := range checks() {
		titles = append(titles, c.title)
	}
	return titles
}

// run is what the checks share: the clients, the reader, and what was filed and read so far. Its owner is Run's
// goroutine.
type run struct {
	cfg     Config
	started time.Time
	reader  reader

	traced    *client.Client // every request of it is to be traced
	untraced  *client.Client // none is
	impatient *client.Client // traced, and does not wait when it is refused with 429
	models    *client.Client // the other two services, traced
	eyes      *client.Client
	flood     *client.Client // the ASR/OCR server again, not traced

	text, letter *journey // filed when the first check asks for them
	private      *private // what people wrote, and must stand in no trace
	mistakes     []mistaken
}

// Run makes the eight checks, one after the other, and reports them in their order. Once ctx ends the rest fails at once.
func Run(ctx context.Context, cfg Config) Result {
	r := newRun(cfg.orDefaults())
	result := Result{Backend: r.cfg.Backend}
	for _, c := range checks() {
		_, _ = fmt.Fprintf(r.cfg.Progress, "checking: %s\n", c.title)
		result.Checks = append(result.Checks, r.make(ctx, c))
	}
	return result
}

func (r *run) make(ctx context.Context, c check) Check {
	start := r.cfg.Now()
	var f findings
	c.run(ctx, r, &f)
	if f.assertions == 0 {
		f.want(false, c.title, "assertions made", "some", 0)
	}
	if err := context.Cause(ctx); err != nil {
		f.fail(c.title, "time to look", err)
	}
	return Check{
		Title: c.title, Passed: len(f.list) == 0, Assertions: f.assertions, Failures: f.list, More: f.more, Notes: f.notes,
		Seconds: r.cfg.Now().Sub(start).Seconds(),
	}
}

func newRun(cfg Config) *run {
	r := &run{
		cfg: cfg, started: cfg.Now(), private: newPrivate(),
		reader: reader{traces: cfg.Traces, seen: map[string]*Trace{}, wait: cfg.Wait, pause: cfg.Pause, now: cfg.Now, after: cfg.After},
	}
	sign := client.Sampled(true, cfg.Random, cfg.Now)
	if cfg.ForceKey != "" {
		sign = client.Forced(cfg.ForceKey, cfg.Now)
	}
	to := client.Config{Base: cfg.Backend, APIKey: cfg.APIKey, HTTP: cfg.HTTP, Sign: sign, Now: cfg.Now}
	r.impatient = client.New(to)
	to.After = cfg.After
	r.traced = client.New(to)
	to.Sign = client.Sampled(false, cfg.Random, cfg.Now)
	r.untraced = client.New(to)
	r.models = client.New(client.Config{Base: cfg.Models, HTTP: cfg.HTTP, Sign: sign, Now: cfg.Now})
	r.eyes = client.New(client.Config{Base: cfg.Reader, HTTP: cfg.HTTP, Sign: sign, Now: cfg.Now})
	r.flood = client.New(client.Config{Base: cfg.Reader, HTTP: cfg.HTTP, Sign: to.Sign, Now: cfg.Now})
	return r
}

// read reads one trace back, and reports where that is not possible.
func (r *run) read(ctx context.Context, f *findings, where, id string, services ...string) *Trace {
	if !f.want(id != "", where, "X-Amzn-Trace-Id of the answer", "a trace id", id) {
		t, _ := newTrace("", nil)
		return t
	}
	t, err := r.reader.trace(ctx, id, services...)
	if err != nil {
		f.fail(where, "reading trace "+id+" back", err)
	}
	return t
}
