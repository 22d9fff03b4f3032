package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Trial is a load and how it is given.
type Trial struct {
	Door  Door
	Model Model
	Batch Batch
	Pace  Pace
	Quiet Quiet

	Slice   int           // traces that are prepared at a time
	Temp    string        // directory of what is prepared; empty: where temporary files stand
	Times   int           // each question is asked
	Patient time.Duration // of asking one kind of question

	Say func(format string, args ...any) // progress, for people
}

// Outcome is what came of a trial.
type Outcome struct {
	Door    Door     `json:"door"`
	Spans   int64    `json:"spans"`
	Figures Figures  `json:"figures"`
	Wrong   []string `json:"wrong,omitempty"` // what was not as it should be, in words
	Rooms   []Share  `json:"rooms,omitempty"` // where the server's time went, if it was asked for
}

// Run measures a server that it starts, in an empty data directory, and once
// more when it opens what it has kept.
func (t *Trial) Run(ctx context.Context, p Program, data string) (*Outcome, error) {
	first, err := t.prepare(0)
	if err != nil {
		return nil, err
	}
	defer first.Close() // a file without a name
	once := p
	once.Args = slices.Concat(p.Args, p.Once)
	s, err := Start(ctx, once)
	if err != nil {
		return nil, err
	}
	out, err := t.Measure(ctx, &Target{Doorways: s.Doorways, Process: s.Process, Data: data}, first)
	if err != nil {
		_, _, stopErr := s.Stop(ctx, stopPatience)
		return nil, errors.Join(err, stopErr)
	}
	return out, t.again(ctx, p, data, s, out)
}

// stopPatience is how long a server may take to end.
const stopPatience = 2 * time.Minute

// again stops the server, looks at the disk, and starts it anew.
func (t *Trial) again(ctx context.Context, p Program, data string, s *Server, out *Outcome) error {
	c := newClient(s.HTTP, "")
	before, err := c.held(ctx)
	c.close()
	took, _, stopErr := s.Stop(ctx, stopPatience)
	if err := errors.Join(err, stopErr); err != nil {
		return err
	}
	out.Figures.add("stop_s", took.Seconds())
	bytes, err := Allocated(data)
	if err != nil {
		return err
	}
	out.Figures.add("disk_bytes_per_span_stopped", float64(bytes)/float64(out.Spans))
	t.Say("opening it again")
	if s, err = Start(ctx, p); err != nil {
		return err
	}
	err = t.reopened(ctx, s, before, out)
	_, _, stopErr = s.Stop(ctx, stopPatience)
	return errors.Join(err, stopErr)
}

// reopened looks whether all is still there.
func (t *Trial) reopened(ctx context.Context, s *Server, before Held, out *Outcome) error {
	out.Figures.add(keyOpen, s.Opened.Seconds())
	m, err := s.Memory()
	if err != nil {
		return err
	}
	out.Figures.add("open_rss_mb", megabytes(m.Resident))
	c := newClient(s.HTTP, "")
	defer c.close()
	after, err := c.held(ctx)
	if err != nil {
		return err
	}
	if after != before {
		out.wrong("it held %d traces of %d documents, and has %d of %d after a restart", before.Traces, before.Documents, after.Traces, after.Documents)
	}
	a := &asker{client: c, model: &t.Model}
	took, err := a.byID(ctx, 0)
	if err != nil {
		return out.forgive(err)
	}
	out.Figures.add("open_first_trace_ms", milliseconds(took))
	return nil
}

// Measure loads a server that runs, waits until it is idle, and asks. first is
// the first slice, prepared; nil: it is prepared now.
func (t *Trial) Measure(ctx context.Context, to *Target, first *Load) (*Outcome, error) {
	c := newClient(to.HTTP, to.Token)
	defer c.close()
	before, err := c.held(ctx)
	if err != nil {
		return nil, err
	}
	start, err := to.used()
	if err != nil {
		return nil, err
	}
	out := &Outcome{Door: t.Door}
	sent, sender, err := t.load(ctx, to, first)
	if err != nil {
		return nil, err
	}
	if out.Spans = sent.Spans - sent.Failed; out.Spans <= 0 {
		return nil, fmt.Errorf("the server took none of %d spans: %s", sent.Spans, sent.FirstError)
	}
	t.addSent(out, sent, sender)
	if err := t.settled(ctx, to, start, out); err != nil {
		return nil, err
	}
	if err := t.compare(ctx, c, before, out); err != nil {
		return nil, err
	}
	return out, t.ask(ctx, to, c, out)
}

// load sends slice by slice. It returns the processor seconds of sending too.
func (t *Trial) load(ctx context.Context, to *Target, first *Load) (*Sent, float64, error) {
	s, err := to.sender(ctx, t.Door, t.Pace.Connections)
	if err != nil {
		return nil, 0, err
	}
	defer s.close()
	all := new(Sent)
	sender := 0.0
	for from := 0; from < t.Model.Traces; from += t.Slice {
		l := first
		if from > 0 || l == nil {
			if l, err = t.prepare(from); err != nil {
				return nil, 0, err
			}
		}
		t.Say("sending %d spans, %d of %d", l.Spans, all.Spans, t.spans())
		before, err := to.used()
		if err != nil {
			return nil, 0, err
		}
		sent, err := l.post(ctx, s, t.Pace)
		if l != first {
			l.Close() // a file without a name
		}
		after, usedErr := to.used()
		if err = errors.Join(err, usedErr); err != nil {
			return nil, 0, err
		}
		sender += after.sender - before.sender
		all.join(sent)
	}
	return all, sender, nil
}

func (t *Trial) spans() int64 { return int64(t.Model.Traces) * SpansPerTrace }

func (t *Trial) prepare(from int) (*Load, error) {
	to := min(from+t.Slice, t.Model.Traces)
	t.Say("preparing the requests of %d traces", to-from)
	return Prepare(t.Temp, t.Door, &t.Model, t.Batch, from, to)
}

func (t *Trial) addSent(out *Outcome, sent *Sent, sender float64) {
	f := &out.Figures
	f.add(keyRate, sent.Rate())
	if t.Door != UDP { // whose datagrams nobody answers
		f.add(keyRequest50, milliseconds(sent.Quantile(0.5)))
		f.add(keyRequest99, milliseconds(sent.Quantile(0.99)))
	}
	f.add("requests", float64(sent.Requests))
	f.add("retries", float64(sent.Retries))
	f.add("refused", float64(sent.Refused))
	f.add("failed_spans", float64(sent.Failed))
	f.add("request_bytes_per_span", float64(sent.Bytes)/float64(sent.Spans))
	f.add("sender_cpu_s_per_m_spans", sender/float64(out.Spans)*1e6)
	if sent.FirstError != "" {
		out.wrong("%d requests were tried again and %d spans given up; the first error: %s", sent.Retries, sent.Failed, sent.FirstError)
	}
	if sent.Refused > 0 {
		out.wrong("the server refused %d documents or spans", sent.Refused)
	}
}

// settled waits until the server is idle and says what all of it took.
func (t *Trial) settled(ctx context.Context, to *Target, start used, out *Outcome) error {
	if to.Process != nil {
		now, err := to.used()
		if err != nil {
			return err
		}
		out.Figures.add("cpu_s_per_m_spans_sent", (now.cpu-start.cpu)/float64(out.Spans)*1e6)
		t.Say("waiting until the server is idle")
		idle, took, err := to.Process.settle(ctx, t.Quiet)
		if err != nil {
			return fmt.Errorf("wait until the server is idle: %w", err)
		}
		if !idle {
			out.wrong("the server was not idle %s after the load", t.Quiet.AtMost)
		}
		if now, err = to.used(); err != nil {
			return err
		}
		peak, err := to.Process.Peak()
		if err != nil {
			return err
		}
		out.Figures.add(keyCPU, (now.cpu-start.cpu)/float64(out.Spans)*1e6)
		out.Figures.add("settle_s", took.Seconds())
		out.Figures.add(keyPeak, megabytes(peak.Highest))
		out.Figures.add("peak_anon_mb", megabytes(peak.Anonymous))
	}
	if to.Data == "" {
		return nil
	}
	bytes, err := Allocated(to.Data)
	if err == nil {
		out.Figures.add(keyDisk, float64(bytes)/float64(out.Spans))
	}
	return err
}

// compare looks whether the server holds what it took.
func (t *Trial) compare(ctx context.Context, c *client, before Held, out *Outcome) error {
	now, err := c.held(ctx)
	if err != nil {
		return err
	}
	traces, documents := now.Traces-before.Traces, now.Documents-before.Documents
	sent := int64(t.Model.Traces)
	out.Figures.add("missing_traces", float64(sent-traces))
	switch {
	case traces != sent:
		out.wrong("the server holds %d traces more than before, of %d that were sent", traces, sent)
	case !t.Door.otlp() && documents != sent*DocumentsPerTrace:
		out.wrong("the server holds %d documents more than before, of %d that were sent", documents, sent*DocumentsPerTrace)
	}
	return nil
}

// ask asks every question again and again.
func (t *Trial) ask(ctx context.Context, to *Target, c *client, out *Outcome) error {
	t.Say("asking")
	a := newAsker(c, &t.Model)
	for _, q := range questions() {
		if err := t.askOne(ctx, to, a, q, out); err != nil {
			return fmt.Errorf("ask for %s: %w", q.title, err)
		}
	}
	if to.Process == nil {
		return nil
	}
	peak, err := to.Process.Peak()
	if err == nil {
		out.Figures.add("peak_rss_asked_mb", megabytes(peak.Highest))
	}
	return err
}

func (t *Trial) askOne(ctx context.Context, to *Target, a *asker, q question, out *Outcome) error {
	before, err := to.used()
	if err != nil {
		return err
	}
	var took []time.Duration
	wrong := 0
	for n, begin := 0, time.Now(); n < t.Times && time.Since(begin) < t.Patient; n++ {
		d, err := q.ask(a, ctx, n)
		if err != nil {
			if wrong++; wrong > 1 && errors.Is(err, errWrong) {
				continue
			}
			if err := out.forgive(fmt.Errorf("%s: %w", q.title, err)); err != nil {
				return err
			}
			continue
		}
		took = append(took, d)
	}
	after, err := to.used()
	if err != nil {
		return err
	}
	out.Figures.add(q.key+"_wrong", float64(wrong))
	if len(took) == 0 {
		return nil
	}
	out.Figures.add(q.key+"_first_ms", milliseconds(took[0]))
	slices.Sort(took)
	out.Figures.add(q.key+"_p50_ms", milliseconds(took[len(took)/2]))
	out.Figures.add(q.key+"_p95_ms", milliseconds(took[len(took)*95/100]))
	out.Figures.add(q.key+"_cpu_ms", (after.cpu-before.cpu)*1e3/float64(len(took)+wrong))
	return nil
}

// wrong notes what was not as it should be.
func (o *Outcome) wrong(format string, args ...any) {
	o.Wrong = append(o.Wrong, fmt.Sprintf(format, args...))
}

// forgive notes a wrong answer, and returns every other error.
func (o *Outcome) forgive(err error) error {
	if errors.Is(err, errWrong) {
		o.wrong("%v", err)
		return nil
	}
	return err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func megabytes(n int64) float64            { return float64(n) / 1e6 }
