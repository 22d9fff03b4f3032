package tail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/roentgen/roentgen/bench"
)

// CostConfig says how an agent is measured alone. Every member has to be set.
type CostConfig struct {
	Program
	Seed   uint64
	Rates  []float64 // documents a second
	For    time.Duration
	Outage time.Duration
	Repeat int            // times that each row is measured; its medians count
	Only   *regexp.Regexp // rows, by name and rate as the table has them; nil: all
	Say    func(format string, args ...any)
}

// Costs are what one agent took.
type Costs struct {
	Name      string
	Rate      float64
	Million   []float64 // CPU seconds per million documents read, of each time
	Offered   int64
	Received  int64 // by the agent's own count
	Delivered int64
	Kernel    int64 // dropped before the agent could read them
	Shed      int64 // by the agent, of traces that went well
	CPU       time.Duration
	Memory    bench.Memory
	Left      int64 // bytes of requests
	Lost      string
	Refused   int64 // requests
}

// manner is a way of running an agent.
type manner struct {
	name      string
	undecided int // of ten documents
	aws       bool
	redact    bool
}

// CostReport is what the agents took, and how fast the machine was before and after.
type CostReport struct {
	Rows          []Costs
	Before, After Speed
}

// MeasureAgent loads one agent after the other, each before a null sink. With an error, the report has what there is.
func MeasureAgent(ctx context.Context, c CostConfig) (r CostReport, err error) {
	rows := c.rows()
	if len(rows) == 0 {
		return r, fmt.Errorf("no row of the table has a name with %q", c.Only)
	}
	if r.Before, err = measureSpeed(speedBytes, speedPasses); err != nil {
		return r, err
	}
	if r.Rows, err = c.measureRows(ctx, rows); err != nil {
		return r, err
	}
	r.After, err = measureSpeed(speedBytes, speedPasses)
	return r, err
}

func (c CostConfig) measureRows(ctx context.Context, rows []costRun) (out []Costs, err error) {
	datagrams := makeDatagrams(c.Seed)
	times := make([][]Costs, len(rows))
	for range c.Repeat { // one row after the other each time, so that the machine's moods are shared out
		for i, r := range rows {
			cost, err := c.measure(ctx, r, datagrams)
			if err != nil {
				return mediansOf(times), fmt.Errorf("%s: %w", r, err)
			}
			times[i] = append(times[i], cost)
		}
	}
	return mediansOf(times), nil
}

// costRun is one row of the table.
type costRun struct {
	manner
	rate         float64
	span, outage time.Duration
}

func (r costRun) String() string { return fmt.Sprintf("%s, %.0f", r.name, r.rate) }

func (c CostConfig) rows() (rows []costRun) {
	for _, m := range []manner{
		{name: "to Roentgen, all forwarded"},
		{name: "to Roentgen, nine of ten undecided, redacted", undecided: 9, redact: true},
		{name: "to AWS's API, all forwarded", aws: true},
	} {
		for _, rate := range c.Rates {
			rows = append(rows, costRun{m, rate, c.For, 0})
		}
	}
	for _, m := range []manner{{name: "outage, to Roentgen"}, {name: "outage, to AWS's API", aws: true}} {
		rows = append(rows, costRun{m, 2000, c.Outage + 10*time.Second, c.Outage})
	}
	return slices.DeleteFunc(rows, func(r costRun) bool { return c.Only != nil && !c.Only.MatchString(r.String()) })
}

// mediansOf takes of each row the time of which the processor time is the median, whole: its counts belong together.
func mediansOf(times [][]Costs) (out []Costs) {
	for _, row := range times {
		if len(row) == 0 {
			continue // it did not come to that
		}
		slices.SortStableFunc(row, func(a, b Costs) int { return cmp.Compare(a.million(), b.million()) })
		cost := row[len(row)/2]
		for _, one := range row {
			cost.Million = append(cost.Million, one.million())
		}
		out = append(out, cost)
	}
	return out
}

// million is processor seconds for a million documents that were read.
func (c *Costs) million() float64 { return c.CPU.Seconds() / float64(max(c.Received, 1)) * 1e6 }

func (c CostConfig) measure(ctx context.Context, r costRun, datagrams []datagram) (cost Costs, err error) {
	c.Say("%s documents a second for %s", r, r.span)
	s, err := newSink(ctx)
	if err != nil {
		return cost, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	a, address, err := c.agent(ctx, r.manner, s)
	if err != nil {
		return cost, err
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	if err := a.start(ctx); err != nil {
		return cost, err
	}
	before := a.cpu()
	cost = Costs{Name: r.name, Rate: r.rate}
	if cost.Offered, err = c.offer(ctx, address, r, s, datagrams, a); err != nil {
		return cost, err
	}
	if err := c.wait(ctx, a, address, s); err != nil {
		return cost, err
	}
	v, err := readView(ctx, "http://"+address+"/metrics")
	if err != nil {
		return cost, err
	}
	cost.CPU, cost.Memory = a.cpu()-before, a.memory()
	cost.Received, cost.Kernel, cost.Delivered, cost.Left, cost.Refused = int64(v.received), int64(v.kernel), s.documents.Load(), s.bytes.Load(), s.refused.Load()
	cost.Shed = int64(v.shed)
	for cause, n := range v.lost {
		if n > 0 {
			cost.Lost += fmt.Sprintf("%s %.0f ", cause, n)
		}
	}
	return cost, nil
}

func (c CostConfig) agent(ctx context.Context, m manner, s *sink) (*program, string, error) {
	free, err := freeAddresses(ctx, "127.0.0.1", 1)
	if err != nil {
		return nil, "", err
	}
	dir, err := os.MkdirTemp(c.Dir, "agent-*")
	if err != nil {
		return nil, "", fmt.Errorf("make the agent's directory: %w", err)
	}
	args := []string{"agent", "--bind", free[0], "--bind-tcp", free[0], "--log-level", "warn", "--log-format", "text"}
	env := plainEnv()
	if m.aws {
		config := filepath.Join(dir, "cfg.yaml")
		text := "Version: 2\nEndpoint: \"" + s.url + "\"\nRegion: \"ap-south-1\"\nLocalMode: true\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, "", fmt.Errorf("write the agent's configuration: %w", err)
		}
		args = append(args, "--config", config, "--telemetry=false")
		env = append(env, "AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true")
	} else {
		args = append(args, "--upstream", s.url)
	}
	args = append(args, "--state", filepath.Join(dir, "state"))
	if m.redact {
		args = append(args, "--redact")
	}
	return &program{name: "the agent", path: c.Roentgen, args: args, env: env, log: filepath.Join(dir, "log"), ready: "http://" + free[0] + "/healthz"}, free[0], nil
}

// datagram is one that is sent again and again, each time with other ids.
type datagram struct {
	text      []byte
	trace, id int // where hexadecimal digits stand that may be any
}

// datagramCount is enough that a processor's caches do not make them cheaper than they are.
const datagramCount = 12_000

func makeDatagrams(seed uint64) (out []datagram) {
	m := &bench.Model{Seed: seed, Traces: datagramCount / bench.DocumentsPerTrace, Window: time.Minute, End: time.Now(), Faulty: bench.DefaultFaulty, Shape: bench.Plain}
	var t bench.Trace
	for i := range m.Traces {
		m.Make(i, &t)
		t.Documents(nil, func(doc []byte, _ int) {
			text := append([]byte(headerUndecided), doc...)
			out = append(out, datagram{text: text,
				trace: bytes.Index(text, []byte(`"trace_id":"`)) + len(`"trace_id":"1-12345678-12345678`), id: bytes.Index(text, []byte(`"id":"`)) + len(`"id":"`)})
		})
	}
	return out
}

// offer sends at a rate for a while, and lets the sink fail for the outage, which begins after five seconds.
func (c CostConfig) offer(ctx context.Context, address string, r costRun, s *sink, datagrams []datagram, a *program) (sent int64, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return 0, fmt.Errorf("open a socket to the agent: %w", err)
	}
	defer conn.Close()
	v := newVolley(conn.(net.PacketConn), chance(c.Seed, 5), r.undecided)
	begin := time.Now()
	const lead = 5 * time.Second
	for looked := begin; ; {
		now := time.Now()
		since := now.Sub(begin)
		if r.outage > 0 {
			s.down.Store(since >= lead && since < lead+r.outage)
		}
		for due := int64(r.rate * min(since, r.span).Seconds()); sent < due; sent++ {
			if err := v.add(sent, &datagrams[sent%int64(len(datagrams))]); err != nil {
				return sent, err
			}
		}
		if err := v.fire(); err != nil {
			return sent, err
		}
		if since >= r.span {
			s.down.Store(false)
			return sent, nil
		}
		if now.Sub(looked) > 200*time.Millisecond {
			a.look()
			looked = now
		}
		if err := sleep(ctx, time.Millisecond-time.Since(now)); err != nil {
			return sent, err
		}
	}
}

// wait waits until the agent has nothing to send, at most two minutes.
func (c CostConfig) wait(ctx context.Context, a *program, address string, s *sink) error {
	limit := time.Now().Add(2 * time.Minute)
	same, last := 0, int64(-1)
	for same < 3 && time.Now().Before(limit) {
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		v, err := readView(ctx, "http://"+address+"/metrics")
		if err != nil {
			return err
		}
		now := s.documents.Load()
		if same++; now != last || v.waiting > 0 {
			same = 0
		}
		last = now
		a.look()
	}
	return nil
}

// Markdown is the report.
func (r *CostReport) Markdown() string {
	if len(r.Rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| | offered/s | offered | read | delivered | lost before the agent (kernel) | lost % | shed whole | CPU s per million | memory, MB (without mapped files) | bytes sent, each | lost by the agent |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range r.Rows {
		million := fmt.Sprintf("%.1f", c.million())
		if n := len(c.Million); n > 1 {
			million += fmt.Sprintf(" (%.1f to %.1f in %d)", c.Million[0], c.Million[n-1], n)
		}
		fmt.Fprintf(&b, "| %s | %.0f | %d | %d | %d | %d | %s | %d | %s | %d (%d) | %.0f | %s |\n", c.Name, c.Rate, c.Offered, c.Received, c.Delivered, c.Kernel,
			percent(1-float64(c.Received)/float64(max(c.Offered, 1))), c.Shed, million, c.Memory.Highest/1e6, c.Memory.Anonymous/1e6,
			each(c.Left, c.Delivered), strings.TrimSpace(c.Lost+" "))
	}
	b.WriteString(speedText(r.Before, r.After))
	b.WriteString(daemonTable)
	return b.String()
}

// daemonTable is the official daemon, which has to be built from source that no package registry holds; so it is not run here.
const daemonTable = `
The X-Ray daemon (aws-xray-daemon 3.6.6, July 2026), measured on 22 November 2026 on such a machine before such a sink, plain HTTP:

| offered/s | lost % | CPU s per million delivered | memory, MB |
|---|---|---|---|
| 20,000 | 0.17 | 32.9 | 262 |
| 50,000 | 25 | 24.2 | 270 |
| 100,000 | 54 | 18.4 | 272 |
| 2,000, the sink fails for 60 s | 100 of what came meanwhile | – | 261 |
`
